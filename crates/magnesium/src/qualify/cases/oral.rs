//! Magnesium by mouth: single doses, portions, months of a supplement, and closed forms.

use super::super::lab::{Experiment, Lab, Run, Seen};
use super::super::targets::Args;
use super::{Case, DOSE_H, nothing};
use crate::absorption::absorbed_mmol;
use crate::formula::MAGNESIUM_G_PER_MOL;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "single",
        keys: &["salt", "mmol", "hours", "read"],
        setup: |lab, args| single(lab, args, &[("salt", DOSE_H)]),
        read: |seen, args| read_single(seen, args, 0),
    },
    Case {
        name: "single_pair",
        keys: &["salt", "other", "mmol", "hours", "read", "as"],
        setup: |lab, args| single(lab, args, &[("salt", DOSE_H), ("other", DOSE_H)]),
        read: |seen, args| {
            let (one, other) = (read_single(seen, args, 0), read_single(seen, args, 1));
            match args.word("as") {
                "difference" => one - other,
                "ratio" => one / other,
                _ => f64::NAN,
            }
        },
    },
    Case {
        name: "fed_ratio",
        keys: &["salt", "mmol", "hours", "read"],
        setup: |lab, args| single(lab, args, &[("salt", BREAKFAST_H), ("salt", DOSE_H)]),
        read: |seen, args| read_single(seen, args, 0) / read_single(seen, args, 1),
    },
    Case {
        name: "portions",
        keys: &["salt", "mmol", "n", "hours"],
        setup: |lab, args| {
            let n = args.number("n");
            let dose = |at: u32| {
                lab.oral(args.word("salt"), args.number("mmol") / n, DOSE_H + f64::from(at), 1)
            };
            let doses = (0..n as u32).flat_map(dose).collect();
            let times = [DOSE_H, DOSE_H + args.number("hours")];
            vec![Experiment::dosed(doses).at(&times), Experiment::default().at(&times)]
        },
        read: |seen, args| {
            let out =
                |run: usize| seen.runs[run].gained("urine", DOSE_H, DOSE_H + args.number("hours"));
            100.0 * (out(0) - out(1)) / args.number("mmol")
        },
    },
    Case {
        name: "daily",
        keys: &["salt", "mg", "meals", "days", "read"],
        setup: |lab, args| vec![daily(lab, args, "salt"), Experiment::default().at(&[0.0, 24.0])],
        read: |seen, args| read_daily(seen, args, 0),
    },
    Case {
        name: "daily_pair",
        keys: &["salt", "other", "mg", "meals", "days", "read"],
        setup: |lab, args| {
            let base = Experiment::default().at(&[0.0, 24.0]);
            vec![daily(lab, args, "salt"), base, daily(lab, args, "other")]
        },
        read: |seen, args| read_daily(seen, args, 0) - read_daily(seen, args, 2),
    },
    Case {
        name: "plateau",
        keys: &["salt", "mg", "meals", "days"],
        setup: |lab, args| {
            let days = args.number("days") as u32;
            let midnights: Vec<f64> = (0..=days).map(|day| 24.0 * f64::from(day)).collect();
            let doses = daily_doses(lab, args, "salt");
            vec![Experiment::dosed(doses).at(&midnights), Experiment::default().at(&[0.0, 24.0])]
        },
        read: plateau,
    },
    Case {
        name: "fraction",
        keys: &["mg"],
        setup: nothing,
        read: |seen, args| 100.0 * share(seen, args.number("mg") / MAGNESIUM_G_PER_MOL),
    },
    Case {
        name: "fraction_with_phytate",
        keys: &["mg", "phytate"],
        setup: nothing,
        read: |seen, args| {
            let taken = epsom_maths::pow(seen.param("phytate_mult"), args.number("phytate"));
            100.0 * taken * share(seen, args.number("mg") / MAGNESIUM_G_PER_MOL)
        },
    },
    Case {
        name: "meal_share_ratio",
        keys: &["mg", "meal_mmol"],
        setup: nothing,
        read: |seen, args| {
            let water = args.number("mg") / MAGNESIUM_G_PER_MOL;
            share(seen, water + args.number("meal_mmol")) / share(seen, water)
        },
    },
];

const BREAKFAST_H: f64 = 8.0;

/// Hours of so many doses a day, at meals.
fn meal_hours(n: f64) -> &'static [f64] {
    const HOURS: [&[f64]; 4] = [&[], &[8.0], &[8.0, 19.0], &[8.0, 13.0, 19.0]];
    HOURS[(n as usize).min(3)]
}

/// One run per dose, each followed by the day without it.
fn single(lab: &Lab<'_>, args: &Args, doses: &[(&str, f64)]) -> Vec<Experiment> {
    let hours = args.number("hours");
    let n_steps = (4.0 * hours) as u32;
    let mut experiments = Vec::new();
    for &(salt, at) in doses {
        let dose = lab.oral(args.word(salt), args.number("mmol"), at, 1);
        let times: Vec<f64> = match args.word("read") {
            "peak" => (0..=n_steps).map(|step| at + 0.25 * f64::from(step)).collect(),
            _ => vec![at, at + hours],
        };
        experiments.push(Experiment::dosed(dose).at(&times));
        experiments.push(Experiment::default().at(&times));
    }
    experiments
}

/// The `nth` dose of an experiment.
fn read_single(seen: &Seen<'_>, args: &Args, nth: usize) -> f64 {
    let (dosed, base) = (seen.runs[2 * nth], seen.runs[2 * nth + 1]);
    let times = dosed.times();
    let (from, to) = (times[0], times[times.len() - 1]);
    let gain = |name: &str| dosed.gained(name, from, to) - base.gained(name, from, to);
    match args.word("read") {
        "peak" => times.iter().fold(0.0, |peak: f64, &at| {
            peak.max(dosed.output("serum", at) - base.output("serum", at))
        }),
        "area" => gain("serum_auc"),
        "area_min" => 60.0 * gain("serum_auc"),
        "area_percent" => 100.0 * gain("serum_auc") / base.gained("serum_auc", from, to),
        "urine" => gain("urine"),
        "urine_percent" => 100.0 * gain("urine") / base.gained("urine", from, to),
        "absorbed_percent" => 100.0 * gain("absorbed_total") / args.number("mmol"),
        _ => f64::NAN,
    }
}

fn daily_doses(lab: &Lab<'_>, args: &Args, salt: &str) -> Vec<epsom_engine::Record> {
    let hours = meal_hours(args.number("meals"));
    let mmol = args.number("mg") / MAGNESIUM_G_PER_MOL / hours.len() as f64;
    let days = args.number("days") as u32;
    hours.iter().flat_map(|&at| lab.oral(args.word(salt), mmol, at, days)).collect()
}

fn daily(lab: &Lab<'_>, args: &Args, salt: &str) -> Experiment {
    let to = 24.0 * args.number("days");
    Experiment::dosed(daily_doses(lab, args, salt)).at(&[to - 24.0, to])
}

/// The last day of a supplement against a day without; the day without is run 1.
fn read_daily(seen: &Seen<'_>, args: &Args, run: usize) -> f64 {
    let (dosed, base) = (seen.runs[run], seen.runs[1]);
    let to = 24.0 * args.number("days");
    let gained = |name: &str| dosed.gained(name, to - 24.0, to) - base.gained(name, 0.0, 24.0);
    match args.word("read") {
        "absorbed" => gained("absorbed_total"),
        "urine" => gained("urine"),
        "urine_share" => 100.0 * gained("urine") * MAGNESIUM_G_PER_MOL / args.number("mg"),
        "serum" => gained("serum_auc") / 24.0,
        _ => f64::NAN,
    }
}

/// First day whose mean has reached 95 % of the rise on the last.
fn plateau(seen: &Seen<'_>, args: &Args) -> f64 {
    let (dosed, base): (Run<'_>, f64) = (seen.runs[0], seen.runs[1].mean_serum(0.0, 24.0));
    let days = args.number("days") as u32;
    let rise = |day: u32| {
        let from = 24.0 * f64::from(day);
        dosed.mean_serum(from, from + 24.0) - base
    };
    let last = rise(days - 1);
    f64::from((0..days).find(|&day| rise(day) >= 0.95 * last).unwrap_or(days - 1) + 1)
}

/// Share absorbed from a window that holds so much.
fn share(seen: &Seen<'_>, mmol: f64) -> f64 {
    absorbed_mmol(mmol, &seen.gut()) / mmol
}
