//! Why a subject has no further result.

use crate::enters::Property;
use crate::integrate::Cause;

/// Why a subject has no further result.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunFailure {
    /// When, h.
    pub time_h: f64,
    /// Why.
    pub cause: RunCause,
    /// The record whose dose could not be given, else the first that has not happened, counted over
    /// restarts of time; none for a dose of a rule.
    pub record: Option<usize>,
    /// Doses and repeats planned until then, counted over restarts of time.
    pub n_doses: u64,
}

/// Why a run stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunCause {
    /// The model is not linear with coefficients constant between stops.
    NotLinear,
    /// A parameter is not a finite number.
    Parameter {
        /// By index.
        param: u32,
    },
    /// A covariate has no value.
    Covariate {
        /// By index.
        covariate: u32,
    },
    /// The initial value of a compartment is not a finite number.
    InitialValue {
        /// By index.
        compartment: u32,
    },
    /// The integrator gave up.
    Solver(Cause),
    /// An output, or a derivative of it, is not a finite number.
    Output {
        /// By index.
        output: u32,
    },
    /// A dosing property is negative, not finite or missing, or keeps too many doses of a steady
    /// state under way.
    DosingProperty {
        /// Compartment by index.
        compartment: u32,
        /// Which.
        property: Property,
    },
    /// A window's period is not positive, or one of its times is not finite.
    Window {
        /// Mode by index.
        mode: u32,
    },
    /// Modes flip without end at one time.
    Chattering {
        /// Mode by index.
        mode: u32,
    },
    /// An event happens again and again at one time, or faster and faster up to a time.
    EventRepeats {
        /// Event by index.
        event: u32,
    },
    /// The delay of an event is negative or not finite.
    EventDelay {
        /// Event by index.
        event: u32,
    },
    /// An event makes something that is not a finite number.
    EventValue {
        /// Event by index.
        event: u32,
        /// Compartment by index.
        compartment: u32,
    },
    /// More stops (flips of conditions, windows, repeats) between two records than steps are
    /// allowed between two stops, or more doses and infusions under way than are allowed.
    EventStorm,
    /// No state, or more than one, has all derivatives zero or repeats after the period.
    NoSteadyStart,
    /// Doses accumulate without bound.
    NoSteadyState {
        /// Compartment of the dose by index.
        compartment: u32,
    },
    /// Rules have no derivative by parameters and doses.
    RulesOfDerivatives,
}
