//! One case per row of `checks.csv`: what is run and what is read.

use super::lab::{Experiment, Lab, Oral, Rows};
use crate::absorption::absorbed_mmol;
use crate::formula::MAGNESIUM_G_PER_MOL;

/// A row and how it is predicted.
pub(super) struct Case {
    pub(super) id: &'static str,
    pub(super) decimals: usize,
    /// What is run, or why nothing is.
    pub(super) how: &'static str,
    pub(super) predict: Option<Predict>,
}

type Predict = fn(&Lab<'_>) -> Result<f64, String>;

const fn case(id: &'static str, decimals: usize, how: &'static str, predict: Predict) -> Case {
    Case { id, decimals, how, predict: Some(predict) }
}

const fn not_run(id: &'static str, how: &'static str) -> Case {
    Case { id, decimals: 0, how, predict: None }
}

/// Every row about the whole body, in the order of the table.
pub(super) const CASES: &[Case] = &[
    case("pk.01", 0, "7 mmol over 1 h; 24-h urine", retention),
    case("pk.02", 1, "8.1 mmol over 10 min", clearance),
    case("pk.03", 1, "over 10 min", |lab| auc_percent(lab, 4.0, true)),
    case("pk.04", 1, "over 10 min", |lab| auc_percent(lab, 8.0, true)),
    case("pk.05", 1, "between meals", |lab| auc_percent(lab, 12.0, false)),
    case("pk.06", 1, "between meals", |lab| auc_percent(lab, 24.0, false)),
    case("pk.07", 3, "between meals, acid-limited", |lab| hydroxide(lab, Read::Peak)),
    case("pk.08", 2, "the same", |lab| hydroxide(lab, Read::Area)),
    case("pk.09", 0, "the same", |lab| hydroxide(lab, Read::Urine)),
    case("pk.10", 2, "70 kg, serum 0.74", |lab| infusion(lab, 1.0, 0.5)),
    case("pk.11", 2, "the same", |lab| infusion(lab, 1.0, 24.0)),
    case("pk.12", 2, "the same", |lab| infusion(lab, 2.0, 24.0)),
    case("pk.13", 2, "with two meals, 12 weeks", |lab| supplement(lab, Read::Absorbed)),
    case("pk.14", 3, "the same", |lab| supplement(lab, Read::Mean)),
    case("pk.15", 0, "day of 95 % of the rise at 12 weeks", plateau),
    not_run("pk.16", "tracers are not in the model"),
    case("pk.17", 0, "ln 2 of the deep pool over its exchange", |lab| {
        Ok(epsom_maths::ln(2.0) * lab.param("d_0") / lab.param("j_d") / 24.0)
    }),
    case("pk.18", 0, "plasma and the rest of the fast space", |lab| {
        let space = SERUM_MMOL_PER_L * (lab.param("v_p") + lab.param("v_e"));
        Ok(100.0 * space / exchangeable(lab))
    }),
    case("pk.19", 0, "all pools but the deep one", |lab| Ok(exchangeable(lab))),
    case("pk.20", 2, "equilibrium at a quarter of the filtration, threshold kept", |lab| {
        kidney(lab, 30.0).map(|(serum, _)| serum)
    }),
    case("pk.21", 0, "at 30 mL/min, the same", |lab| {
        kidney(lab, 30.0).map(|(_, excreted)| 100.0 * excreted)
    }),
    case("pk.22", 2, "equilibrium at 5 mL/min, food and absorption as before", |lab| {
        kidney(lab, 5.0).map(|(serum, _)| serum)
    }),
    not_run("pk.23", "the dose is not stated"),
    case("pk.24", 0, "closed form, empty window", |lab| Ok(fraction(lab, 70.0))),
    case("pk.25", 1, "closed form, empty window", |lab| Ok(fraction(lab, 243.0))),
    case("pk.26", 1, "closed form, empty window", |lab| Ok(fraction(lab, 87.5))),
    case("pk.27", 2, "with three meals, 24 weeks", |lab| salts(lab, Read::Urine)),
    case("pk.28", 3, "the same", |lab| salts(lab, Read::Mean)),
    case("pk.29", 2, "food falls to 0.5 mmol/day; from 0.85, scaled to 0.80", |lab| {
        // The model starts at 0.85; the fall is read as a ratio.
        starved(lab, 0.5, 21).map(|ratio| 0.80 * ratio)
    }),
    case("pk.30", 2, "no food", |lab| starved(lab, 0.0, 120)),
    case("pk.31", 0, "closed form, empty window", |lab| Ok(fraction(lab, 63.0))),
    case("pk.32", 0, "closed form, empty window", |lab| Ok(fraction(lab, 18.0))),
];

/// What of an experiment is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Peak,
    Area,
    Urine,
    Absorbed,
    Mean,
}

/// Hour of single doses, two hours after breakfast.
const DOSE_H: f64 = 10.5;
/// Infusions whose duration is not printed.
const SHORT_H: f64 = 1.0 / 6.0;
/// Serum at base of the reference adult (EPS016).
const SERUM_MMOL_PER_L: f64 = 0.85;
/// mmol of magnesium in a gram of the heptahydrate of its sulfate (salts.csv).
const MMOL_PER_G_SULFATE: f64 = 4.057;

fn retention(lab: &Lab<'_>) -> Result<f64, String> {
    let dose = 7.0;
    let run =
        lab.run(&Experiment::dosed(vec![lab.iv(dose, DOSE_H, 1.0)]), &[DOSE_H, DOSE_H + 24.0])?;
    Ok(100.0 * (1.0 - run.gained("urine", DOSE_H, DOSE_H + 24.0) / dose))
}

/// Area above a day without dose between two times after the dose, mmol h/L.
fn excess_area(lab: &Lab<'_>, experiment: &Experiment, hours: f64) -> Result<(f64, f64), String> {
    let (from, to) = (DOSE_H, DOSE_H + hours);
    let dosed = lab.run(experiment, &[from, to])?.gained("serum_auc", from, to);
    let base = lab.run(&Experiment::default(), &[from, to])?.gained("serum_auc", from, to);
    Ok((dosed - base, base))
}

fn clearance(lab: &Lab<'_>) -> Result<f64, String> {
    let dose = 2.0 * MMOL_PER_G_SULFATE;
    let (area, _) =
        excess_area(lab, &Experiment::dosed(vec![lab.iv(dose, DOSE_H, SHORT_H)]), 24.0)?;
    Ok(dose / area)
}

fn auc_percent(lab: &Lab<'_>, mmol: f64, into_vein: bool) -> Result<f64, String> {
    let doses = if into_vein {
        vec![lab.iv(mmol, DOSE_H, SHORT_H)]
    } else {
        lab.oral(Oral { family: "citrate", mmol }, DOSE_H, 1)
    };
    let (area, base) = excess_area(lab, &Experiment::dosed(doses), 12.0)?;
    Ok(100.0 * area / base)
}

fn hydroxide(lab: &Lab<'_>, read: Read) -> Result<f64, String> {
    let mmol = 1080.0 / MAGNESIUM_G_PER_MOL;
    let experiment = Experiment::dosed(lab.oral(Oral { family: "hydroxide", mmol }, DOSE_H, 1));
    let times: Vec<f64> = (0..=96).map(|step| DOSE_H + 0.25 * f64::from(step)).collect();
    let (dosed, base) = (lab.run(&experiment, &times)?, lab.run(&Experiment::default(), &times)?);
    let (from, to) = (DOSE_H, DOSE_H + 24.0);
    Ok(match read {
        Read::Area => dosed.gained("serum_auc", from, to) - base.gained("serum_auc", from, to),
        Read::Urine => {
            100.0 * (dosed.gained("urine", from, to) / base.gained("urine", from, to) - 1.0)
        }
        _ => dosed.times().iter().fold(0.0, |peak: f64, &at| {
            peak.max(dosed.output("serum", at) - base.output("serum", at))
        }),
    })
}

/// 4 g of the sulfate over 20 min, then some g/h.
fn infusion(lab: &Lab<'_>, g_per_h: f64, hours: f64) -> Result<f64, String> {
    let load_h = 1.0 / 3.0;
    let load = lab.iv(4.0 * MMOL_PER_G_SULFATE, DOSE_H, load_h);
    let keep = lab.iv(g_per_h * 24.0 * MMOL_PER_G_SULFATE, DOSE_H + load_h, 24.0);
    let experiment = Experiment::dosed(vec![load, keep]).person("serum0", 0.74);
    Ok(lab.run(&experiment, &[DOSE_H + hours])?.output("serum", DOSE_H + hours))
}

/// A daily supplement with meals, read on the last day against a day without.
fn chronic(
    lab: &Lab<'_>,
    mg_per_day: f64,
    hours: &[f64],
    weeks: u32,
    read: Read,
) -> Result<f64, String> {
    let mmol = mg_per_day / MAGNESIUM_G_PER_MOL / hours.len() as f64;
    let oral = Oral { family: "citrate", mmol };
    let doses = hours.iter().flat_map(|&at| lab.oral(oral, at, 7 * weeks)).collect();
    let (to, from) = (168.0 * f64::from(weeks), 168.0 * f64::from(weeks) - 24.0);
    let dosed = lab.run(&Experiment::dosed(doses), &[from, to])?;
    let base = lab.run(&Experiment::default(), &[0.0, 24.0])?;
    let gained = |name: &str| dosed.gained(name, from, to) - base.gained(name, 0.0, 24.0);
    Ok(match read {
        Read::Absorbed => gained("absorbed_total"),
        Read::Urine => gained("urine"),
        _ => gained("serum_auc") / 24.0,
    })
}

fn supplement(lab: &Lab<'_>, read: Read) -> Result<f64, String> {
    chronic(lab, 360.0, &[8.0, 19.0], 12, read)
}

fn salts(lab: &Lab<'_>, read: Read) -> Result<f64, String> {
    chronic(lab, 450.0, &[8.0, 13.0, 19.0], 24, read)
}

/// First day whose mean has reached 95 % of the rise at 12 weeks.
fn plateau(lab: &Lab<'_>) -> Result<f64, String> {
    let oral = Oral { family: "citrate", mmol: 180.0 / MAGNESIUM_G_PER_MOL };
    let doses = [8.0, 19.0].iter().flat_map(|&at| lab.oral(oral, at, 84)).collect();
    let midnights: Vec<f64> = (0..=84).map(|day| 24.0 * f64::from(day)).collect();
    let dosed = lab.run(&Experiment::dosed(doses), &midnights)?;
    let base = lab.run(&Experiment::default(), &[0.0, 24.0])?.mean_serum(0.0, 24.0);
    let rise = |day: usize| dosed.mean_serum(midnights[day], midnights[day + 1]) - base;
    let last = rise(83);
    Ok((0..84).find(|&day| rise(day) >= 0.95 * last).unwrap_or(83) as f64 + 1.0)
}

fn exchangeable(lab: &Lab<'_>) -> f64 {
    let space = SERUM_MMOL_PER_L * (lab.param("v_p") + lab.param("v_e"));
    space + lab.param("x1_0") + lab.param("x2_0")
}

/// Mean serum and fraction excreted at equilibrium, with less filtration than the threshold is of.
fn kidney(lab: &Lab<'_>, ml_per_min: f64) -> Result<(f64, f64), String> {
    let share = ml_per_min / 120.0;
    // The periodic start is the equilibrium: the deep pool alone would take years to reach it.
    let experiment = Experiment::default().person("filter_share", share);
    let run: Rows<'_> = lab.run(&experiment, &[0.0, 24.0])?;
    let serum = run.mean_serum(0.0, 24.0);
    let filtered = 24.0 * 0.06 * ml_per_min * lab.param("fu") * serum;
    Ok((serum, run.gained("urine", 0.0, 24.0) / filtered))
}

/// Percent of a dose absorbed from an empty window.
fn fraction(lab: &Lab<'_>, mg: f64) -> f64 {
    let mmol = mg / MAGNESIUM_G_PER_MOL;
    100.0 * absorbed_mmol(mmol, &lab.gut()) / mmol
}

/// Mean serum of a day, as a part of that before, after days on little food.
fn starved(lab: &Lab<'_>, mmol_per_day: f64, days: u32) -> Result<f64, String> {
    let diet = lab.model.covariates.iter().find(|one| one.name == "diet");
    let diet = diet.map_or(f64::NAN, |one| 24.0 * one.default);
    let change = 24.0;
    let to = change + 24.0 * f64::from(days);
    let experiment = Experiment::default().change("food_share", change, mmol_per_day / diet);
    let run = lab.run(&experiment, &[0.0, 24.0, to - 24.0, to])?;
    Ok(run.mean_serum(to - 24.0, to) / run.mean_serum(0.0, 24.0))
}
