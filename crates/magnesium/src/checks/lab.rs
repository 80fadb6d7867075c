//! One person in an experiment: doses and changes in, rows out.

use epsom_engine::{
    Action, Compiled, CovariateTrack, Dose, DoseKind, Options, Record, Subject, Timeline, integrate,
};
use epsom_evidence::Tables;
use epsom_model::ir::{Interpolation, Model};

use crate::absorption::{Absorption, dissolve};
use crate::dissolution::{dissolution, limit_mmol};

/// Splay of the renal threshold: set A and set B of notes/structure.md, correction 15, mmol/L.
const SETS: &[(&str, f64)] = &[("A", 0.087), ("B", 0.032)];

/// What experiments are made with.
#[derive(Debug, Clone)]
pub struct Lab<'a> {
    /// The whole-body model.
    pub model: &'a Model,
    /// Its programs.
    pub compiled: &'a Compiled,
    /// Tables, for limits of dissolution.
    pub evidence: &'a Tables,
    /// Parameters, base units.
    pub params: Vec<f64>,
}

/// An experiment.
#[derive(Debug, Clone, Default)]
pub(super) struct Experiment {
    doses: Vec<Record>,
    /// Covariates that hold all the time.
    covariates: Vec<(&'static str, f64)>,
    /// Covariates that change at a time.
    changes: Vec<(&'static str, f64, f64)>,
}

/// Its rows.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    lab: &'a Lab<'a>,
    times: Vec<f64>,
    rows: Vec<f64>,
    width: usize,
}

/// By mouth.
#[derive(Debug, Clone, Copy)]
pub(super) struct Oral {
    pub(super) family: &'static str,
    pub(super) mmol: f64,
}

impl<'a> Lab<'a> {
    /// A laboratory with the values of the model.
    pub fn new(model: &'a Model, compiled: &'a Compiled, evidence: &'a Tables) -> Self {
        let params = model.params.iter().map(|param| param.value).collect();
        Self { model, compiled, evidence, params }
    }

    /// The same with other parameters.
    pub fn with(&self, params: Vec<f64>) -> Self {
        Self { params, ..self.clone() }
    }

    /// Parameters of `central`, or of set `A` or `B` of the renal splay.
    pub fn set(&self, name: &str) -> Vec<f64> {
        let mut params = self.params.clone();
        let splay = SETS.iter().find(|(set, _)| *set == name);
        let at = self.model.params.iter().position(|param| param.name == "s_splay");
        if let (Some((_, splay)), Some(at)) = (splay, at) {
            params[at] = *splay;
        }
        params
    }

    /// A parameter by name; NaN where there is none.
    pub(super) fn param(&self, name: &str) -> f64 {
        let at = self.model.params.iter().position(|param| param.name == name);
        at.map_or(f64::NAN, |at| self.params[at])
    }

    /// The absorbing window.
    pub(super) fn gut(&self) -> Absorption {
        Absorption {
            linear_share: self.param("p_par"),
            capacity_mmol: self.param("c_abs"),
            half_amount_mmol: self.param("k_m"),
        }
    }

    fn place(&self, name: &str) -> u32 {
        let at = self.model.compartments.iter().position(|one| one.name == name);
        at.unwrap_or_default() as u32
    }

    fn covariate(&self, name: &str) -> usize {
        self.model.covariates.iter().position(|one| one.name == name).unwrap_or_default()
    }

    /// Records of a dose by mouth, repeated every day `days` times.
    pub(super) fn oral(&self, oral: Oral, at_h: f64, days: u32) -> Vec<Record> {
        let limit = dissolution(oral.family).map(|one| limit_mmol(one.limit, self.evidence));
        let limit = limit.and_then(Result::ok).unwrap_or(f64::INFINITY);
        let parts = dissolve(oral.mmol, limit);
        let dose = |compartment: &str, amount: f64| Record {
            time_h: at_h,
            action: Action::Dose(Dose {
                interval_h: if days > 1 { 24.0 } else { 0.0 },
                additional: days - 1,
                ..Dose::bolus(self.place(compartment), amount)
            }),
        };
        let both = [dose("solid", parts.at_once_mmol), dose("residue", parts.residue_mmol)];
        both.into_iter().filter(|record| !is_empty(record)).collect()
    }

    /// Record of an infusion.
    pub(super) fn iv(&self, mmol: f64, at_h: f64, over_h: f64) -> Record {
        let kind = DoseKind::Duration(over_h);
        let dose = Dose { kind, ..Dose::bolus(self.place("plasma"), mmol) };
        Record { time_h: at_h, action: Action::Dose(dose) }
    }

    /// Runs an experiment and looks at `times`.
    pub(super) fn run(&self, experiment: &Experiment, times: &[f64]) -> Result<Rows<'_>, String> {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.dedup();
        let seen = sorted.iter().map(|&time_h| Record { time_h, action: Action::Observe });
        let records = seen.chain(experiment.doses.iter().copied()).collect();
        let tracks = experiment.changes.iter().map(|&(name, time_h, value)| CovariateTrack {
            covariate: self.covariate(name) as u32,
            interpolation: Interpolation::Forward,
            times_h: vec![0.0, time_h],
            values: vec![1.0, value],
        });
        let timeline = Timeline::new(records, tracks.collect())
            .map_err(|error| format!("no timeline: {error:?}"))?;
        let mut covariates: Vec<f64> =
            self.model.covariates.iter().map(|one| one.default).collect();
        for &(name, value) in &experiment.covariates {
            covariates[self.covariate(name)] = value;
        }
        let subject = Subject { params: self.params.clone(), covariates, timeline: &timeline };
        let found = integrate(self.compiled, &[subject], &Options::default());
        let Some(run) = found.into_iter().next() else { return Err("nothing was run".into()) };
        match run.failure {
            Some(failure) => Err(format!("stopped at {} h: {:?}", failure.time_h, failure.cause)),
            None => Ok(Rows { lab: self, times: sorted, rows: run.rows, width: run.width }),
        }
    }
}

fn is_empty(record: &Record) -> bool {
    matches!(record.action, Action::Dose(dose) if dose.amount == 0.0)
}

impl Experiment {
    pub(super) fn dosed(doses: Vec<Record>) -> Self {
        Self { doses, ..Self::default() }
    }

    /// A covariate that holds all the time.
    pub(super) fn person(mut self, name: &'static str, value: f64) -> Self {
        self.covariates.push((name, value));
        self
    }

    /// A covariate that is 1, and `value` from `time_h`.
    pub(super) fn change(mut self, name: &'static str, time_h: f64, value: f64) -> Self {
        self.changes.push((name, time_h, value));
        self
    }
}

impl Rows<'_> {
    fn row(&self, time_h: f64) -> usize {
        self.times.partition_point(|&at| at < time_h).min(self.times.len() - 1)
    }

    /// An output at a time.
    pub(super) fn output(&self, name: &str, time_h: f64) -> f64 {
        let at = self.lab.model.outputs.iter().position(|one| one.name == name);
        at.map_or(f64::NAN, |at| self.rows[self.row(time_h) * self.width + at])
    }

    /// A compartment at a time.
    pub(super) fn state(&self, name: &str, time_h: f64) -> f64 {
        let at = self.lab.place(name) as usize + self.lab.model.outputs.len();
        self.rows[self.row(time_h) * self.width + at]
    }

    /// What a compartment gained.
    pub(super) fn gained(&self, name: &str, from_h: f64, to_h: f64) -> f64 {
        self.state(name, to_h) - self.state(name, from_h)
    }

    /// Mean serum between two times, exactly: the area is a compartment.
    pub(super) fn mean_serum(&self, from_h: f64, to_h: f64) -> f64 {
        self.gained("serum_auc", from_h, to_h) / (to_h - from_h)
    }

    /// Times that were looked at.
    pub(super) fn times(&self) -> &[f64] {
        &self.times
    }
}
