//! Time: restarts, covariates, accumulators.

use super::Input::Bolus;
use super::{check, model, oracle, read, run, states};
use epsom_engine::{Options, Solver, Subject, compile, integrate};
use epsom_maths::exp;

/// Two periods of a crossover study, each on its own clock; nothing of the first is left.
#[test]
fn time_restarts_at_a_reset() {
    let csv = "ID,TIME,EVID,AMT,CMT,II,ADDL\n1,0,1,10,1,4,9\n1,3,0,0,0,0,0\n1,30,0,0,0,0,0\n\
               1,0,4,7,1,0,0\n1,0,0,0,0,0,0\n1,5,0,0,0,0,0\n1,1,3,0,0,0,0\n1,2,0,0,0,0,0\n";
    let first: Vec<_> = (0..8).map(|at| Bolus(4.0 * f64::from(at), 0, 10.0)).collect();
    check("", csv, |row, time| match row {
        0 | 1 => oracle::state(time, &first),
        2 | 3 => oracle::state(time, &[Bolus(0.0, 0, 7.0)]),
        _ => [0.0; 3],
    });
}

/// The time that a model reads is the one of the record, also after a restart.
#[test]
fn the_models_time_restarts_too() {
    let model = model("model({ d/dt(x) <- 2 * t })");
    let csv = "TIME,EVID\n0,0\n3,0\n1,3\n2,0\n";
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Rodas4, Solver::Rodas5P] {
        let options = Options { solver, ..Options::default() };
        let got = states(&model, csv, &options).unwrap();
        for (got, wanted) in got.iter().zip([0.0, 9.0, 3.0]) {
            assert!((got[0] - wanted).abs() <= 1e-7, "{got:?} is not {wanted}");
        }
    }
}

fn covariate_model(how: &str) -> epsom_model::ir::Model {
    model(&format!(
        "model decay \"Follows a covariate\"
time [h]
covariate k = 1[1/h] {how}
param one = 1[1] assumed \"a test\" fixed \"a test\"
compartment x [mmol], y [mmol]
d/dt(x) = -k * x * one
d/dt(y) = 0[mmol/h]
f(y) = k * 1[h]
output now = k [1/h]
"
    ))
}

/// Records at 0, 2 and 5 h with the loss 0.1, 0.3, 0.2; a dose into `y` at each keeps what F saw.
const COVARIATES: &str = "TIME,EVID,AMT,CMT,K\n0,1,10,x,0.1\n0,1,1,y,0.1\n1,0,0,0,.\n2,1,1,y,0.3\n\
                          2,0,0,0,0.3\n3,1,1,y,.\n4,0,0,0,.\n5,0,0,0,0.2\n6,0,0,0,.\n";

/// Exponents at the rows, what F gave to `y` until then, and the covariate seen at the rows.
fn covariates(how: &str, exponents: [f64; 5], given: [f64; 5], seen: [f64; 5]) {
    let model = covariate_model(how);
    let (subjects, said) = read(COVARIATES, &model);
    assert_eq!(said, []);
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Rodas4, Solver::Rodas5P] {
        let run = run(&model, &subjects[0], &Options { solver, ..Options::default() });
        assert_eq!(run.failure, None);
        for (at, row) in run.rows().enumerate() {
            let wanted = [seen[at], 10.0 * exp(-exponents[at]), given[at]];
            for (got, wanted) in row.iter().zip(wanted) {
                // Local errors of some dozen steps of a value of 10.
                assert!((got - wanted).abs() <= 1e2 * 1e-8 * 10.0, "{how} {at}: {row:?} {wanted}");
            }
        }
    }
}

#[test]
fn a_covariate_keeps_its_last_value() {
    let exponents = [0.1, 0.2, 0.8, 1.1, 1.3];
    covariates("", exponents, [0.1, 0.4, 0.7, 0.7, 0.7], [0.1, 0.3, 0.3, 0.2, 0.2]);
}

/// A dose on a record sees the record's own value, one between records the next.
#[test]
fn a_backward_covariate_has_its_next_value() {
    let exponents = [0.3, 0.6, 1.0, 1.2, 1.4];
    covariates("backward", exponents, [0.1, 0.4, 0.6, 0.6, 0.6], [0.3, 0.3, 0.2, 0.2, 0.2]);
}

#[test]
fn a_linear_covariate_runs_along_a_line() {
    let slope = -0.1 / 3.0;
    let at = |hours: f64| 0.4 + 0.3 * hours + 0.5 * slope * hours * hours;
    let exponents = [0.15, 0.4, at(2.0), at(3.0), at(3.0) + 0.2];
    let given = 0.4 + 0.3 + slope;
    covariates(
        "linear",
        exponents,
        [0.1, 0.4, given, given, given],
        [0.2, 0.3, 0.3 + 2.0 * slope, 0.2, 0.2],
    );
}

#[test]
fn a_covariate_keeps_its_value_over_a_restart() {
    let model = covariate_model("");
    let csv = "TIME,EVID,AMT,CMT,K\n0,1,10,x,0.1\n4,0,0,0,0.3\n0,4,10,x,.\n2,0,0,0,.\n";
    let got = states(&model, csv, &Options::default()).unwrap();
    let wanted = [10.0 * exp(-0.4), 10.0 * exp(-0.6)];
    for (got, wanted) in got.iter().zip(wanted) {
        assert!((got[0] - wanted).abs() <= 1e4 * f64::EPSILON * 10.0, "{got:?} is not {wanted}");
    }
}

/// A steady state is that of intervals as the record has them: a line is not followed back.
#[test]
fn a_steady_state_takes_covariates_as_they_are_at_its_record() {
    for how in ["", "backward", "linear"] {
        let model = covariate_model(how);
        let csv = "TIME,EVID,AMT,CMT,II,SS,K\n0,1,10,x,6,1,0.1\n0,0,0,0,0,0,0.1\n9,0,0,0,0,0,0.4\n";
        let got = states(&model, csv, &Options::default()).unwrap();
        let wanted = 10.0 / (1.0 - exp(-0.6));
        // The fixed point is solved to 1e-9 of its size.
        assert!((got[0][0] - wanted).abs() <= 1e-8 * wanted, "{how} {got:?} is not {wanted}");
    }
}

/// A window of 1 h that opens twice a day gives the same at each record of a steady state.
#[test]
fn a_steady_state_follows_windows() {
    let model = model(
        "model meals \"Inflow in a window\"
time [h]
param k = 0.3[1/h] assumed \"a test\" fixed \"a test\"
param rate = 6[mmol/h] assumed \"a test\" fixed \"a test\"
compartment x [mmol]
window meal = every 12[h] from 8[h] for 1[h]
d/dt(x) = rate * meal - k * x
",
    );
    let csv = "TIME,EVID,AMT,II,SS,ADDL\n6,1,10,12,1,9\n6,0,0,0,0,0\n11,0,0,0,0,0\n18,0,0,0,0,0\n";
    let pulse = 6.0 / 0.3 * (1.0 - exp(-0.3));
    let whole = 1.0 - exp(-0.3 * 12.0);
    let at = |since_dose: f64, since_meal: f64| {
        (10.0 * exp(-0.3 * since_dose) + pulse * exp(-0.3 * since_meal)) / whole
    };
    let wanted = [at(0.0, 9.0), at(5.0, 2.0), at(0.0, 9.0)];
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Rodas4, Solver::Rodas5P] {
        let got = states(&model, csv, &Options { solver, ..Options::default() }).unwrap();
        for (got, wanted) in got.iter().zip(wanted) {
            assert!((got[0] - wanted).abs() <= 1e-6 * wanted, "{solver:?} {got:?} is not {wanted}");
        }
    }
}

#[test]
fn what_only_collects_is_0_at_a_steady_state() {
    for solver in [Solver::Auto, Solver::Tsit5] {
        let model = model(
            "ini({ k <- 0.3 })
             model({ d/dt(x) <- -k * x\nd/dt(urine) <- k * x })",
        );
        let csv = "TIME,EVID,AMT,II,SS\n0,1,10,0,0\n5,1,10,6,1\n5,0,0,0,0\n";
        let got = states(&model, csv, &Options { solver, ..Options::default() }).unwrap();
        assert_eq!(got[0][1], 0.0);
    }
}

/// Rows of a subject do not depend on the order of the subjects.
#[test]
fn the_order_of_ids_is_irrelevant() {
    let model = super::linear("alag(depot) <- 0.5", true);
    let one = "1,0,1,10,1\n1,3,0,0,0\n1,9,0,0,0\n";
    let other = "2,0,1,99,2\n2,4,0,0,0\n2,30,0,0,0\n";
    let rows = |body: &str| {
        let (subjects, _) = read(&format!("ID,TIME,EVID,AMT,CMT\n{body}"), &model);
        let of = |one: &epsom_population::SubjectRecords| one.timeline.clone();
        let timelines: Vec<_> = subjects.iter().map(of).collect();
        let subjects: Vec<_> = timelines.iter().map(|one| Subject::typical(&model, one)).collect();
        let runs = integrate(&compile(&model), &subjects, &Options::default());
        runs.into_iter().map(|run| run.rows).collect::<Vec<_>>()
    };
    let (forth, back) = (rows(&format!("{one}{other}")), rows(&format!("{other}{one}")));
    assert_eq!((&forth[0], &forth[1]), (&back[1], &back[0]));
}
