//! Time: restarts, covariates, accumulators.

use super::Input::Bolus;
use super::{check, check_each, model, oracle, read, run, states};
use epsom_engine::{Options, Solver, Subject, compile, integrate};
use epsom_maths::{exp, ln};

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
    check_each("", csv, &|system, row, time| match row {
        0 | 1 => system.state(time, &first),
        2 | 3 => system.state(time, &[Bolus(0.0, 0, 7.0)]),
        _ => [0.0; 3],
    });
}

/// The time that a model reads is the one of the record, also after a restart.
#[test]
fn the_models_time_restarts_too() {
    let model = model("model({ d/dt(x) <- 2 * t })");
    let csv = "TIME,EVID\n0,0\n3,0\n1,3\n2,0\n";
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let options = Options { solver, ..Options::default() };
        let got = states(&model, csv, &options).unwrap();
        for (got, wanted) in got.iter().zip([0.0, 9.0, 3.0]) {
            assert!((got[0] - wanted).abs() <= 1e-7, "{got:?} is not {wanted}");
        }
    }
}

/// Loss of `x` in the model of a covariate: in proportion, or at most `k * 10`.
const LOSSES: [&str; 2] = ["x", "x * 10[mmol] / (10[mmol] + x)"];

/// What is left of `x0` after the exponent `c`, the integral of the covariate. Where the loss
/// saturates, `ln x + x / 10` falls by it; Newton's method from the left never leaves it.
fn left(loss: usize, x0: f64, c: f64) -> f64 {
    if loss == 0 {
        return x0 * exp(-c);
    }
    let wanted = ln(x0) + x0 / 10.0 - c;
    let mut x = x0 * exp(-c);
    for _ in 0..60 {
        x += (wanted - ln(x) - x / 10.0) / (1.0 / x + 0.1);
    }
    x
}

fn covariate_model(how: &str, loss: usize) -> epsom_model::ir::Model {
    let loss = LOSSES[loss];
    model(&format!(
        "model decay \"Follows a covariate\"
time [h]
covariate k = 1[1/h] {how}
param one = 1[1] assumed \"a test\" fixed \"a test\"
compartment x [mmol], y [mmol]
d/dt(x) = -k * {loss} * one
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
    for loss in [0, 1] {
        let model = covariate_model(how, loss);
        let (subjects, said) = read(COVARIATES, &model);
        assert_eq!(said, []);
        for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P]
        {
            let run = run(&model, &subjects[0], &Options { solver, ..Options::default() });
            assert_eq!(run.failure, None);
            for (at, row) in run.rows().enumerate() {
                let wanted = [seen[at], left(loss, 10.0, exponents[at]), given[at]];
                for (got, wanted) in row.iter().zip(wanted) {
                    // Local errors of some dozen steps of a value of 10.
                    let allowed = 1e2 * 1e-8 * 10.0;
                    assert!((got - wanted).abs() <= allowed, "{how} {at}: {row:?} {wanted}");
                }
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
fn a_midpoint_covariate_has_half_the_sum() {
    let exponents = [0.2, 0.4, 0.9, 1.15, 1.35];
    covariates("midpoint", exponents, [0.1, 0.4, 0.65, 0.65, 0.65], [0.2, 0.3, 0.25, 0.2, 0.2]);
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
    let csv = "TIME,EVID,AMT,CMT,K\n0,1,10,x,0.1\n4,0,0,0,0.3\n0,4,10,x,.\n2,0,0,0,.\n";
    for (loss, allowed) in [(0, 1e4 * f64::EPSILON), (1, 1e2 * 1e-8)] {
        let got = states(&covariate_model("", loss), csv, &Options::default()).unwrap();
        let wanted = [left(loss, 10.0, 0.4), left(loss, 10.0, 0.6)];
        for (got, wanted) in got.iter().zip(wanted) {
            assert!((got[0] - wanted).abs() <= allowed * 10.0, "{got:?} is not {wanted}");
        }
    }
}

/// A steady state is that of intervals as the record has them: a line is not followed back.
#[test]
fn a_steady_state_takes_covariates_as_they_are_at_its_record() {
    for how in ["", "backward", "midpoint", "linear"] {
        // The highest value `x` is 3 above the lowest; `ln x + x / 10` falls by 0.6 in between.
        for (loss, wanted) in [(0, 3.0 / (1.0 - exp(-0.6))), (1, 3.0 / (1.0 - exp(-0.3)))] {
            let model = covariate_model(how, loss);
            let csv =
                "TIME,EVID,AMT,CMT,II,SS,K\n0,1,3,x,6,1,0.1\n0,0,0,0,0,0,0.1\n9,0,0,0,0,0,0.4\n";
            let got = states(&model, csv, &Options::default()).unwrap();
            // The fixed point is solved to 1e-9 of its size.
            assert!((got[0][0] - wanted).abs() <= 1e-8 * wanted, "{how} {got:?} is not {wanted}");
        }
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
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let got = states(&model, csv, &Options { solver, ..Options::default() }).unwrap();
        for (got, wanted) in got.iter().zip(wanted) {
            assert!((got[0] - wanted).abs() <= 1e-6 * wanted, "{solver:?} {got:?} is not {wanted}");
        }
    }
}

/// The same with a loss that saturates, by its own steps over as many days as it takes.
#[test]
fn a_saturable_steady_state_follows_windows() {
    let model = model(
        "model meals \"Inflow in a window\"
time [h]
param vm = 4[mmol/h] assumed \"a test\" fixed \"a test\"
param km = 12[mmol] assumed \"a test\" fixed \"a test\"
param rate = 6[mmol/h] assumed \"a test\" fixed \"a test\"
compartment x [mmol]
window meal = every 12[h] from 8[h] for 1[h]
d/dt(x) = rate * meal - vm * x / (km + x)
",
    );
    let csv = "TIME,EVID,AMT,II,SS,ADDL\n6,1,10,12,1,9\n6,0,0,0,0,0\n11,0,0,0,0,0\n18,0,0,0,0,0\n";
    let run_on = |x: f64, hours: f64, inflow: f64| {
        let slopes = |_, y: [f64; 3]| [inflow - 4.0 * y[0] / (12.0 + y[0]), 0.0, 0.0];
        oracle::between([x, 0.0, 0.0], 0.0, hours, slopes)[0]
    };
    // Meals open 2 h after each dose.
    let meal_ends = |x: f64| run_on(run_on(x, 2.0, 0.0), 1.0, 6.0);
    let peak = (0..400).fold(10.0, |x, _| run_on(meal_ends(x), 9.0, 0.0) + 10.0);
    let wanted = [peak, run_on(meal_ends(peak), 2.0, 0.0), peak];
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
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

/// With a loss that saturates, `x + 20 ln x` falls by 8 an hour: by 48 from the highest value to
/// the lowest, which is 10 below; what has left is what `x` lacks.
#[test]
fn what_only_collects_is_0_at_a_saturable_steady_state() {
    let model = model(
        "ini({ vm <- 8; km <- 20 })
         model({ d/dt(x) <- -vm * x / (km + x)\nd/dt(urine) <- vm * x / (km + x) })",
    );
    let peak = 10.0 / (1.0 - exp(-(48.0 - 10.0) / 20.0));
    let csv = "TIME,EVID,AMT,II,SS\n0,1,10,0,0\n5,1,10,6,1\n5,0,0,0,0\n11,0,0,0,0\n";
    for solver in [Solver::Auto, Solver::Tsit5, Solver::Dop853, Solver::Rodas4, Solver::Rodas5P] {
        let got = states(&model, csv, &Options { solver, ..Options::default() }).unwrap();
        assert_eq!(got[0][1], 0.0);
        for (got, wanted) in got.iter().flatten().zip([peak, 0.0, peak - 10.0, 10.0]) {
            assert!((got - wanted).abs() <= 1e-6 * peak, "{solver:?} {got} is not {wanted}");
        }
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
