//! Experiments and what was seen in them: doses and changes in, rows out, one person per draw.

use epsom_engine::{
    Action, Compiled, CovariateTrack, Dose, DoseKind, Options, Record, Subject, Timeline, integrate,
};
use epsom_evidence::Tables;
use epsom_model::ir::{Interpolation, Model};

use crate::absorption::{Absorption, dissolve};
use crate::body::kept;
use crate::dissolution::{dissolution, limit_mmol};
use crate::doses::THREONATE_GUT;

/// Relative tolerance: what is read differs by more than 1e-3 of the state.
const RTOL: f64 = 1e-6;

/// What experiments are set up with.
#[derive(Debug, Clone, Copy)]
pub struct Lab<'a> {
    /// The whole-body model.
    pub model: &'a Model,
    /// Its programs.
    pub compiled: &'a Compiled,
    /// The model with nothing left out, and its programs, for the brain, the anion and hypotheses.
    pub whole: &'a (Model, Compiled),
    /// Tables, for limits of dissolution.
    pub evidence: &'a Tables,
}

/// Outputs and compartments that the cases read; the others are left out of the runs.
const READ: ([&str; 4], [&str; 14]) = (
    ["serum", "serum_ionized", "csf", "renal_threshold"],
    [
        "solid",
        "residue",
        "lumen",
        "plasma",
        "rest",
        "fast",
        "slow",
        "deep",
        "csf_pool",
        "urine",
        "faeces",
        "sweat",
        "absorbed_total",
        "serum_auc",
    ],
);

/// The model without what no case reads, hypotheses off.
pub fn looked_at(model: &Model) -> Model {
    kept(model, &READ.0, &READ.1)
}

/// The built-in model and tables, read once for all tests.
#[cfg(test)]
pub(crate) fn whole_body() -> Lab<'static> {
    type Both = ((Model, Compiled), (Model, Compiled));
    static MODELS: std::sync::OnceLock<Both> = std::sync::OnceLock::new();
    let (looked_at, whole) = MODELS.get_or_init(|| {
        let (model, _) = crate::body::read(&crate::body::MODELS[0]).unwrap();
        let with_programs = |model: Model| {
            let compiled = epsom_engine::compile(&model);
            (model, compiled)
        };
        (with_programs(looked_at(&model)), with_programs(model))
    });
    let (model, compiled) = looked_at;
    Lab { model, compiled, whole, evidence: epsom_evidence::builtin() }
}

/// An experiment in one person.
#[derive(Debug, Clone, Default)]
pub(super) struct Experiment {
    doses: Vec<Record>,
    /// Covariates that hold all the time, base units.
    covariates: Vec<(&'static str, f64)>,
    /// Covariates that are 1 and change at a time.
    changes: Vec<(&'static str, f64, f64)>,
    /// Hours looked at, rising.
    times_h: Vec<f64>,
    /// Whether the model with nothing left out is run.
    whole: bool,
    /// Hypotheses that are on, of the whole model.
    hypotheses: Vec<&'static str>,
}

/// Rows of one person.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    values: Vec<f64>,
    width: usize,
}

/// An experiment with the rows of one person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run<'a> {
    model: &'a Model,
    experiment: &'a Experiment,
    rows: &'a Rows,
}

/// What a case reads: the runs of one draw and its parameters.
#[derive(Debug, Clone)]
pub(super) struct Seen<'a> {
    pub(super) model: &'a Model,
    pub(super) params: &'a [f64],
    pub(super) runs: Vec<Run<'a>>,
}

impl Lab<'_> {
    /// Compartments that take magnesium stand at the same place in both models.
    pub(super) fn place(&self, name: &str) -> u32 {
        let at = self.whole.0.compartments.iter().position(|one| one.name == name);
        at.unwrap_or_default() as u32
    }

    fn covariate(&self, name: &str) -> Option<usize> {
        self.model.covariates.iter().position(|one| one.name == name)
    }

    /// The model that an experiment is run with.
    pub(super) fn model_of(&self, experiment: &Experiment) -> &Model {
        if experiment.whole { &self.whole.0 } else { self.model }
    }

    /// Default of a covariate, base units.
    pub(super) fn default_of(&self, name: &str) -> f64 {
        self.covariate(name).map_or(f64::NAN, |at| self.model.covariates[at].default)
    }

    /// Record of L-threonate without its magnesium, as of the calcium salt.
    pub(super) fn threonate(&self, mmol: f64, at_h: f64, days: u32) -> Record {
        self.daily(THREONATE_GUT, mmol, at_h, days)
    }

    /// Record of a dose into a compartment, repeated every day `days` times.
    fn daily(&self, compartment: &str, mmol: f64, at_h: f64, days: u32) -> Record {
        let dose = Dose {
            interval_h: if days > 1 { 24.0 } else { 0.0 },
            additional: days.max(1) - 1,
            ..Dose::bolus(self.place(compartment), mmol)
        };
        Record { time_h: at_h, action: Action::Dose(dose) }
    }

    /// Records of a dose by mouth, repeated every day `days` times.
    pub(super) fn oral(&self, family: &str, mmol: f64, at_h: f64, days: u32) -> Vec<Record> {
        let limit = dissolution(family).map(|one| limit_mmol(one.limit, self.evidence));
        let limit = limit.and_then(Result::ok).unwrap_or(f64::INFINITY);
        let parts = dissolve(mmol, limit);
        let both = [("solid", parts.at_once_mmol), ("residue", parts.residue_mmol)];
        both.into_iter()
            .filter(|one| one.1 > 0.0)
            .map(|(to, mmol)| self.daily(to, mmol, at_h, days))
            .collect()
    }

    /// Record of an infusion.
    pub(super) fn iv(&self, mmol: f64, at_h: f64, over_h: f64) -> Record {
        let kind = DoseKind::Duration(over_h);
        let dose = Dose { kind, ..Dose::bolus(self.place("plasma"), mmol) };
        Record { time_h: at_h, action: Action::Dose(dose) }
    }

    /// Runs one experiment with several sets of parameters; a person that fails gives the cause.
    pub(super) fn run(
        &self,
        experiment: &Experiment,
        draws: &[Vec<f64>],
    ) -> Vec<Result<Rows, String>> {
        let seen = experiment.times_h.iter();
        let seen = seen.map(|&time_h| Record { time_h, action: Action::Observe });
        let records = seen.chain(experiment.doses.iter().copied()).collect();
        let tracks = experiment.changes.iter().filter_map(|&(name, time_h, value)| {
            Some(CovariateTrack {
                covariate: self.covariate(name)? as u32,
                interpolation: Interpolation::Forward,
                times_h: vec![0.0, time_h],
                values: vec![1.0, value],
            })
        });
        let timeline = match Timeline::new(records, tracks.collect()) {
            Ok(timeline) => timeline,
            Err(error) => return vec![Err(format!("no timeline: {error:?}")); draws.len()],
        };
        let (model, compiled) = match experiment.whole {
            true => (&self.whole.0, &self.whole.1),
            false => (self.model, self.compiled),
        };
        let on: Vec<usize> = (model.params.iter().enumerate())
            .filter(|(_, param)| experiment.hypotheses.contains(&param.name.as_str()))
            .map(|(at, _)| at)
            .collect();
        let mut covariates: Vec<f64> =
            self.model.covariates.iter().map(|one| one.default).collect();
        for &(name, value) in &experiment.covariates {
            if let Some(at) = self.covariate(name) {
                covariates[at] = value;
            }
        }
        let switched = |params: &Vec<f64>| {
            let mut params = params.clone();
            on.iter().for_each(|&at| params[at] = 1.0);
            params
        };
        let subject = |params: &Vec<f64>| Subject {
            params: switched(params),
            covariates: covariates.clone(),
            timeline: &timeline,
            follows: Vec::new(),
            conduct: None,
        };
        let subjects: Vec<Subject<'_>> = draws.iter().map(subject).collect();
        let options = Options { rtol: RTOL, ..Options::default() };
        let found = integrate(compiled, &subjects, &options).into_iter();
        found
            .map(|run| match run.failure {
                Some(failure) => {
                    Err(format!("stopped at {} h: {:?}", failure.time_h, failure.cause))
                }
                None => Ok(Rows { values: run.rows, width: run.width }),
            })
            .collect()
    }
}

impl Experiment {
    /// Doses in a person on the food of the model.
    pub(super) fn dosed(doses: Vec<Record>) -> Self {
        Self { doses, ..Self::default() }
    }

    /// Hours that are looked at.
    pub(super) fn at(mut self, times_h: &[f64]) -> Self {
        self.times_h = times_h.to_vec();
        self.times_h.sort_by(f64::total_cmp);
        self.times_h.dedup();
        self
    }

    /// With the brain, the anion and these hypotheses.
    pub(super) fn whole(mut self, hypotheses: &[&'static str]) -> Self {
        self.whole = true;
        self.hypotheses = hypotheses.to_vec();
        self
    }

    /// A covariate that holds all the time, base units.
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

impl<'a> Run<'a> {
    pub(super) fn new(model: &'a Model, experiment: &'a Experiment, rows: &'a Rows) -> Self {
        Self { model, experiment, rows }
    }

    /// Hours that were looked at.
    pub(super) fn times(&self) -> &'a [f64] {
        &self.experiment.times_h
    }

    fn cell(&self, column: usize, time_h: f64) -> f64 {
        let row = self.times().partition_point(|&at| at < time_h).min(self.times().len() - 1);
        self.rows.values[row * self.rows.width + column]
    }

    /// An output at a time.
    pub(super) fn output(&self, name: &str, time_h: f64) -> f64 {
        let at = self.model.outputs.iter().position(|one| one.name == name);
        at.map_or(f64::NAN, |at| self.cell(at, time_h))
    }

    /// A compartment at a time.
    pub(super) fn state(&self, name: &str, time_h: f64) -> f64 {
        let at = self.model.compartments.iter().position(|one| one.name == name);
        at.map_or(f64::NAN, |at| self.cell(self.model.outputs.len() + at, time_h))
    }

    /// What a compartment gained.
    pub(super) fn gained(&self, name: &str, from_h: f64, to_h: f64) -> f64 {
        self.state(name, to_h) - self.state(name, from_h)
    }

    /// Mean serum between two times, exactly: the area is a compartment.
    pub(super) fn mean_serum(&self, from_h: f64, to_h: f64) -> f64 {
        self.gained("serum_auc", from_h, to_h) / (to_h - from_h)
    }
}

impl Seen<'_> {
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
}
