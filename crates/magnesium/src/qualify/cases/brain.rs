//! Ionized serum, the brain, the anion of L-threonate; rats.

use super::super::lab::{Experiment, Lab};
use super::super::targets::Args;
use super::{Case, nothing};
use epsom_engine::Record;
use epsom_maths::{exp, ln};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "ionized_base",
        keys: &[],
        setup: |_, _| vec![Experiment::default().at(&[0.0, 24.0])],
        read: |seen, _| {
            let run = seen.runs[0];
            let share = run.output("serum_ionized", 0.0) / run.output("serum", 0.0);
            share * run.mean_serum(0.0, 24.0)
        },
    },
    Case {
        name: "rat_csf",
        keys: &[
            "salt",
            "mmol_per_kg_day",
            "days",
            "gain",
            "wt",
            "gfr",
            "serum0",
            "diet",
            "gut_size",
        ],
        setup: |lab, args| {
            let to = 24.0 * args.number("days");
            let times = hourly(to - 24.0);
            let hypotheses: &[&'static str] =
                if args.number("gain") > 0.0 { &["threonate_gain"] } else { &[] };
            let animal = |doses| rat(Experiment::dosed(doses), args).whole(hypotheses);
            vec![animal(drunk(lab, args)).at(&times), animal(Vec::new()).at(&hourly(0.0))]
        },
        read: |seen, args| {
            let mean = |run: usize, from: f64| {
                let values = hourly(from).into_iter().skip(1);
                values.map(|at| seen.runs[run].output("csf", at)).sum::<f64>() / 24.0
            };
            100.0 * (mean(0, 24.0 * args.number("days") - 24.0) / mean(1, 0.0) - 1.0)
        },
    },
    Case {
        name: "restored",
        keys: &["hours"],
        setup: nothing,
        // Plasma is restored at once; the fluid follows it, and the brain the fluid.
        read: |seen, args| {
            let (fluid, brain) = (seen.param("k_csf"), seen.param("k_brain"));
            let left = |rate: f64| exp(-rate * args.number("hours"));
            1.0 - (brain * left(fluid) - fluid * left(brain)) / (brain - fluid)
        },
    },
    Case {
        name: "threonate",
        keys: &["mmol", "read"],
        setup: |lab, args| {
            let doses = vec![lab.threonate(args.number("mmol"), 0.0, 1)];
            vec![Experiment::dosed(doses).whole(&[]).at(&grid(24.0))]
        },
        read: |seen, args| {
            let run = seen.runs[0];
            let plasma = |at: f64| run.output("threonate_plasma", at);
            match args.word("read") {
                "peak_h" => {
                    let higher =
                        |best: f64, at: f64| if plasma(at) > plasma(best) { at } else { best };
                    grid(24.0).into_iter().fold(0.0, higher)
                }
                "half_life" => ln(2.0) * 4.0 / ln(plasma(8.0) / plasma(12.0)),
                "urine_percent" => {
                    100.0 * run.gained("threonate_urine", 0.0, 24.0) / args.number("mmol")
                }
                _ => f64::NAN,
            }
        },
    },
    Case {
        name: "threonate_again",
        keys: &["mmol", "days"],
        setup: |lab, args| {
            let days = args.number("days");
            let dose = |at: f64| lab.threonate(args.number("mmol"), at, days as u32);
            let doses = vec![dose(0.0), dose(12.0)];
            vec![Experiment::dosed(doses).whole(&[]).at(&grid(24.0 * days))]
        },
        read: |seen, args| {
            let to = 24.0 * args.number("days");
            let peak = |from: f64, to: f64| {
                let times = grid(to).into_iter().filter(|at| *at >= from);
                times.map(|at| seen.runs[0].output("threonate_plasma", at)).fold(0.0, f64::max)
            };
            peak(to - 12.0, to) / peak(0.0, 12.0)
        },
    },
];

/// A day from `from_h` in hours.
fn hourly(from_h: f64) -> Vec<f64> {
    (0..=24).map(|hour| from_h + f64::from(hour)).collect()
}

/// Twentieths of an hour.
fn grid(to_h: f64) -> Vec<f64> {
    (0..=(20.0 * to_h) as u32).map(|step| f64::from(step) / 20.0).collect()
}

/// What an animal drinks in a day, in four parts, every day.
fn drunk(lab: &Lab<'_>, args: &Args) -> Vec<Record> {
    let mmol = args.number("mmol_per_kg_day") * args.number("wt") / 4.0;
    let days = args.number("days") as u32;
    let salt = args.word("salt");
    let parts = [2.0, 8.0, 14.0, 20.0].into_iter().flat_map(|at| {
        let mut records = lab.oral(salt, mmol, at, days);
        if salt == crate::doses::THREONATE_FAMILY {
            records.push(lab.threonate(mmol * crate::doses::threonate_per_magnesium(), at, days));
        }
        records
    });
    parts.collect()
}

/// The animal: kg, L/h, mmol/L, mmol/day; it eats all day.
fn rat(experiment: Experiment, args: &Args) -> Experiment {
    experiment
        .person("wt", args.number("wt"))
        .person("gfr", args.number("gfr"))
        .person("serum0", args.number("serum0"))
        .person("diet", args.number("diet") / 24.0)
        .person("gut_size", args.number("gut_size"))
        .person("meals", 0.0)
}
