//! Why a run stopped, in words.

use epsom_engine::{Cause, Property, RunCause};
use epsom_model::ir::Model;

/// One clause that says why a run of `model` stopped, such as for a note `cause: ...`.
pub fn cause_text(model: &Model, cause: RunCause) -> String {
    let compartment_name = |at: u32| model.compartments[at as usize].name.as_str();
    let event_name = |at: u32| model.events[at as usize].name.as_str();
    match cause {
        RunCause::NotLinear => {
            "the model is not linear with coefficients constant between stops".into()
        }
        RunCause::Parameter { param } => {
            format!("parameter `{}` is not a finite number", model.params[param as usize].name)
        }
        RunCause::Covariate { covariate } => {
            format!("covariate `{}` has no value", model.covariates[covariate as usize].name)
        }
        RunCause::InitialValue { compartment } => {
            let name = compartment_name(compartment);
            format!("the initial value of `{name}` is not a finite number")
        }
        RunCause::Output { output } => {
            format!("`{}` is not a finite number", model.outputs[output as usize].name)
        }
        RunCause::Window { .. } => {
            "a window's period is not above 0, or one of its times is no number".into()
        }
        RunCause::Chattering { .. } => "a condition flips without end at one time".into(),
        RunCause::EventStorm => {
            "more conditions, windows, repeats or events come between two records than allowed"
                .into()
        }
        RunCause::EventRepeats { event } => {
            format!("event `{}` happens again and again at one time", event_name(event))
        }
        RunCause::EventDelay { event } => {
            format!("the delay of event `{}` is negative or no number", event_name(event))
        }
        RunCause::EventValue { event, compartment } => {
            let (event, name) = (event_name(event), compartment_name(compartment));
            format!("event `{event}` makes `{name}` something that is not a finite number")
        }
        RunCause::Solver(Cause::StepUnderflow { compartment }) => {
            let name = compartment_name(compartment);
            format!("step size fell below the smallest step while solving `{name}`")
        }
        RunCause::Solver(Cause::NotFinite) => {
            "a derivative or compartment is not a finite number".into()
        }
        RunCause::Solver(Cause::TooManySteps) => "more steps than allowed between two stops".into(),
        RunCause::DosingProperty { compartment, property } => {
            let name = compartment_name(compartment);
            match property {
                Property::Bioavailability => {
                    format!("the bioavailability of `{name}` is negative or no number")
                }
                Property::Lag => {
                    format!("the lag of `{name}` is negative, no number, or too long to repeat")
                }
                Property::Rate => {
                    format!(
                        "the rate of doses into `{name}` is not positive, or too slow to repeat"
                    )
                }
                Property::Duration => format!(
                    "the duration of doses into `{name}` is not positive, or too long to repeat"
                ),
            }
        }
        RunCause::NoSteadyStart => {
            "no single state has all derivatives 0, or repeats after the period".into()
        }
        RunCause::NoSteadyState { compartment } => {
            format!("doses into `{}` accumulate without bound", compartment_name(compartment))
        }
        RunCause::RulesOfDerivatives => "rules have no derivatives by parameters and doses".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_model::ir::{Compartment, Covariate, Event, ExprId, Output, Param};
    use expect_test::expect;

    fn model() -> Model {
        let named = String::from;
        Model {
            params: vec![Param {
                name: named("cl"),
                value: 1.0,
                unit: Default::default(),
                uncertain: Default::default(),
                varies: Default::default(),
                bounds: (0.0, 1.0),
                provenance: Default::default(),
                spread_assumed: String::new(),
                label: String::new(),
            }],
            covariates: vec![Covariate {
                name: named("wt"),
                default: 70.0,
                unit: Default::default(),
                interpolation: Default::default(),
                bounds: (f64::NEG_INFINITY, f64::INFINITY),
                label: String::new(),
            }],
            compartments: vec![Compartment::of(named("central"), ExprId(0))],
            outputs: vec![Output {
                name: named("conc"),
                value: ExprId(0),
                unit: Default::default(),
                label: String::new(),
                residual: Default::default(),
            }],
            events: vec![Event { name: named("rescue"), ..Event::default() }],
            ..Model::default()
        }
    }

    #[test]
    fn each_cause_is_a_clause() {
        let causes = [
            RunCause::NotLinear,
            RunCause::Parameter { param: 0 },
            RunCause::Covariate { covariate: 0 },
            RunCause::InitialValue { compartment: 0 },
            RunCause::Solver(Cause::StepUnderflow { compartment: 0 }),
            RunCause::Solver(Cause::NotFinite),
            RunCause::Solver(Cause::TooManySteps),
            RunCause::Output { output: 0 },
            RunCause::DosingProperty { compartment: 0, property: Property::Bioavailability },
            RunCause::DosingProperty { compartment: 0, property: Property::Lag },
            RunCause::DosingProperty { compartment: 0, property: Property::Rate },
            RunCause::DosingProperty { compartment: 0, property: Property::Duration },
            RunCause::Window { mode: 0 },
            RunCause::Chattering { mode: 0 },
            RunCause::EventStorm,
            RunCause::EventRepeats { event: 0 },
            RunCause::EventDelay { event: 0 },
            RunCause::EventValue { event: 0, compartment: 0 },
            RunCause::NoSteadyStart,
            RunCause::NoSteadyState { compartment: 0 },
        ];
        let text: Vec<String> =
            causes.iter().map(|&cause| cause_text(&model(), cause) + "\n").collect();
        expect![[r#"
            the model is not linear with coefficients constant between stops
            parameter `cl` is not a finite number
            covariate `wt` has no value
            the initial value of `central` is not a finite number
            step size fell below the smallest step while solving `central`
            a derivative or compartment is not a finite number
            more steps than allowed between two stops
            `conc` is not a finite number
            the bioavailability of `central` is negative or no number
            the lag of `central` is negative, no number, or too long to repeat
            the rate of doses into `central` is not positive, or too slow to repeat
            the duration of doses into `central` is not positive, or too long to repeat
            a window's period is not above 0, or one of its times is no number
            a condition flips without end at one time
            more conditions, windows, repeats or events come between two records than allowed
            event `rescue` happens again and again at one time
            the delay of event `rescue` is negative or no number
            event `rescue` makes `central` something that is not a finite number
            no single state has all derivatives 0, or repeats after the period
            doses into `central` accumulate without bound
        "#]]
        .assert_eq(&text.concat());
    }
}
