//! Magnesium into a vein.

use super::super::lab::{Experiment, Lab, Seen};
use super::super::targets::Args;
use super::{Case, DOSE_H};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "iv_retention",
        keys: &["mmol", "over_h", "hours"],
        setup: |lab, args| {
            let dose = lab.iv(args.number("mmol"), DOSE_H, args.number("over_h"));
            vec![Experiment::dosed(vec![dose]).at(&[DOSE_H, DOSE_H + args.number("hours")])]
        },
        read: |seen, args| {
            let out = seen.runs[0].gained("urine", DOSE_H, DOSE_H + args.number("hours"));
            100.0 * (1.0 - out / args.number("mmol"))
        },
    },
    Case {
        name: "iv_clearance",
        keys: &["mmol", "over_h", "hours"],
        setup: area_setup,
        read: |seen, args| {
            let (dosed, base) = areas(seen, args);
            args.number("mmol") / (dosed - base)
        },
    },
    Case {
        name: "iv_area_percent",
        keys: &["mmol", "over_h", "hours"],
        setup: area_setup,
        read: |seen, args| {
            let (dosed, base) = areas(seen, args);
            100.0 * (dosed / base - 1.0)
        },
    },
    Case {
        name: "iv_half_life",
        keys: &["mmol", "over_h", "from_h", "to_h", "wt", "gfr", "serum0", "diet"],
        setup: |lab, args| {
            let dose = lab.iv(args.number("mmol"), DOSE_H, args.number("over_h"));
            let times = [DOSE_H + args.number("from_h"), DOSE_H + args.number("to_h")];
            vec![who(Experiment::dosed(vec![dose]), args).at(&times), base_of(args).at(&times)]
        },
        read: |seen, args| {
            let (from, to) = (args.number("from_h"), args.number("to_h"));
            let rise = |at: f64| {
                seen.runs[0].output("serum", DOSE_H + at)
                    - seen.runs[1].output("serum", DOSE_H + at)
            };
            epsom_maths::ln(2.0) * (to - from) / epsom_maths::ln(rise(from) / rise(to))
        },
    },
    Case {
        name: "iv_course",
        keys: &[
            "load_mmol",
            "load_h",
            "again_h",
            "keep_mmol_per_h",
            "keep_h",
            "wt",
            "gfr",
            "serum0",
            "diet",
            "at_h",
            "read",
        ],
        setup: course,
        read: |seen, args| {
            let at = DOSE_H + args.number("at_h");
            let (dosed, base) = (seen.runs[0], seen.runs[1]);
            match args.word("read") {
                "serum" => dosed.output("serum", at),
                "ionized" => dosed.output("serum_ionized", at),
                "serum_percent" => {
                    100.0 * (dosed.output("serum", at) / args.number("serum0") - 1.0)
                }
                "csf_percent" => 100.0 * (dosed.output("csf", at) / base.output("csf", at) - 1.0),
                _ => f64::NAN,
            }
        },
    },
];

fn area_setup(lab: &Lab<'_>, args: &Args) -> Vec<Experiment> {
    let dose = lab.iv(args.number("mmol"), DOSE_H, args.number("over_h"));
    let times = [DOSE_H, DOSE_H + args.number("hours")];
    vec![Experiment::dosed(vec![dose]).at(&times), Experiment::default().at(&times)]
}

fn areas(seen: &Seen<'_>, args: &Args) -> (f64, f64) {
    let to = DOSE_H + args.number("hours");
    let area = |run: usize| seen.runs[run].gained("serum_auc", DOSE_H, to);
    (area(0), area(1))
}

/// A load, the same again where `again_h` is not 0, and a rate kept up after the load.
fn course(lab: &Lab<'_>, args: &Args) -> Vec<Experiment> {
    let (load, load_h) = (args.number("load_mmol"), args.number("load_h"));
    let mut doses = vec![lab.iv(load, DOSE_H, load_h)];
    if args.number("again_h") > 0.0 {
        doses.push(lab.iv(load, DOSE_H + args.number("again_h"), load_h));
    }
    let (rate, hours) = (args.number("keep_mmol_per_h"), args.number("keep_h"));
    if rate > 0.0 {
        doses.push(lab.iv(rate * hours, DOSE_H + load_h, hours));
    }
    let at = [DOSE_H + args.number("at_h")];
    vec![who(Experiment::dosed(doses), args).at(&at), base_of(args).at(&at)]
}

fn base_of(args: &Args) -> Experiment {
    who(Experiment::default(), args)
}

/// The person: kg, L/h, mmol/L, mmol/day.
fn who(experiment: Experiment, args: &Args) -> Experiment {
    experiment
        .person("wt", args.number("wt"))
        .person("gfr", args.number("gfr"))
        .person("serum0", args.number("serum0"))
        .person("diet", args.number("diet") / 24.0)
}
