//! Doses: one case per row of the guide's table.

use super::Input::{Bolus, Rate};
use super::oracle::Saturable;
use super::{
    State, WAYS, check, check_by, check_each, check_inputs, check_linear, check_saturable, many,
    oracle,
};

const OBSERVED: &str = "0.5,0,0,0\n3,0,0,0\n7,0,0,0\n12,0,0,0\n30,0,0,0\n";

fn csv(dose: &str, columns: &str) -> String {
    format!("TIME,EVID,AMT,CMT{columns}\n{dose}\n{}", {
        let more = ",0".repeat(columns.matches(',').count());
        OBSERVED.replace('\n', &format!("{more}\n"))
    })
}

#[test]
fn evid_0_takes_a_row() {
    let csv = "time,evid,amt,cmt\n0,0,0,0\n0,1,10,1\n0,0,.,\n4,0,NA,.\n";
    let given = [Bolus(0.0, 0, 10.0)];
    let after = |wanted: &dyn Fn(f64) -> State, row, time| match row {
        0 => [0.0; 3],
        _ => wanted(time),
    };
    check("", csv, |row, time| after(&|time| oracle::state(time, &given), row, time));
    check_each("", csv, &|system, row, time| after(&|time| system.state(time, &given), row, time));
}

/// The first row stands before the dose, the second after it.
#[test]
fn records_at_equal_times_keep_the_order_of_the_file() {
    let csv = "TIME,EVID,AMT,CMT\n0,0,0,0\n0,1,10,1\n0,0,0,0\n0,1,5,1\n0,0,0,0\n";
    check("", csv, |row, _| [[0.0, 10.0, 15.0][row], 0.0, 0.0]);
    check_each("", csv, &|_, row, _| [[0.0, 10.0, 15.0][row], 0.0, 0.0]);
}

#[test]
fn evid_1_gives_a_dose() {
    check_inputs("", &csv("0,1,100,1", ""), &[Bolus(0.0, 0, 100.0)]);
}

#[test]
fn cmt_by_number_by_name_and_by_default() {
    for (cmt, at) in
        [("1", 0), ("2", 1), ("3", 2), ("depot", 0), ("Central", 1), (".", 0), ("0", 0)]
    {
        check_inputs("", &csv(&format!("0,1,100,{cmt}"), ""), &[Bolus(0.0, at, 100.0)]);
    }
}

#[test]
fn without_evid_an_amount_is_a_dose() {
    let csv = "ID,Time,Amt,Cmt,DV,MDV\n7,0,100,2,.,1\n7,1,0,2,0.3,0\n7,2,.,2,.,1\n7,9,.,2,.,0\n";
    check_inputs("", csv, &[Bolus(0.0, 1, 100.0)]);
}

#[test]
fn evid_2_takes_no_row() {
    check_inputs("", &csv("0,1,100,1\n0.2,2,0,1", ""), &[Bolus(0.0, 0, 100.0)]);
}

/// `peripheral` is emptied at 5 and kept out until a dose enters it at 8: till then `central` loses
/// to it without return.
#[test]
fn a_negative_cmt_turns_a_compartment_off() {
    let csv =
        "TIME,EVID,AMT,CMT\n0,1,100,2\n5,2,0,-3\n7,0,0,0\n8,1,4,peripheral\n8,0,0,0\n11,0,0,0\n";
    let at_5 = oracle::state(5.0, &[Bolus(0.0, 1, 100.0)])[1];
    let off = |hours: f64| at_5 * epsom_maths::exp(-0.5 * hours);
    check("", csv, |row, time| match row {
        0 => [0.0, off(2.0), 0.0],
        _ => oracle::state(time, &[Bolus(8.0, 1, off(3.0)), Bolus(8.0, 2, 4.0)]),
    });
    check("", &csv.replace(",-3", ",-peripheral"), |row, time| match row {
        0 => [0.0, off(2.0), 0.0],
        _ => oracle::state(time, &[Bolus(8.0, 1, off(3.0)), Bolus(8.0, 2, 4.0)]),
    });
    // Where the loss saturates, `depot` is emptied as well, and kept out.
    for (k12, out) in [(0.3, 2), (0.3, 0), (0.0, 0)] {
        let system = Saturable { k12 };
        let without = |y: State, until: f64| {
            let out_of = |mut y: State| {
                y[out] = 0.0;
                y
            };
            oracle::between(out_of(y), 5.0, until, |_, y| out_of(system.slopes(y, [0.0; 3])))
        };
        let before = system.state(5.0, &[Bolus(0.0, 1, 100.0), Bolus(0.0, 0, 50.0)]);
        let mut again = without(before, 8.0);
        again[out] = 4.0;
        let csv = csv.replace("0,1,100,2", "0,1,100,2\n0,1,50,1");
        let csv = csv.replace("-3", &format!("-{}", out + 1));
        let csv = csv.replace("peripheral", &(out + 1).to_string());
        check_saturable("", &csv, system, &[], |time| match time {
            7.0 => without(before, 7.0),
            _ => system.after(again, 8.0, time, &[]),
        });
    }
}

/// A steady state is that of the compartments that are not turned off; its own is turned on.
#[test]
fn a_steady_state_leaves_out_what_is_turned_off() {
    for (out, at) in [(3, 1), (1, 1), (1, 0)] {
        let csv = csv(&format!("0,2,0,-{out},0,0\n0,1,10,{},6,2", at + 1), ",II,SS");
        let doses = train(0.0, 6.0, |from| Bolus(from, at, 10.0));
        if (out, at) == (3, 1) {
            // Central alone, which still loses to the compartment that is off.
            let left = |time: f64| epsom_maths::exp(-0.5 * time);
            let wanted = |time: f64| [0.0, 10.0 * left(time) / (1.0 - left(6.0)), 0.0];
            check("", &csv, |_, time| wanted(time));
            let system = Saturable { k12: 0.3 };
            let out_of = |y: State| [y[0], y[1], 0.0];
            let on = |y: State, hours: f64| {
                oracle::between(y, 0.0, hours, |_, y| out_of(system.slopes(y, [0.0; 3])))
            };
            let mut peak = [0.0, 10.0, 0.0];
            for _ in 0..many(6.0) {
                peak = on(peak, 6.0);
                peak[1] += 10.0;
            }
            check_saturable("", &csv, system, &[], |time| on(peak, time));
        } else {
            // `depot` gets nothing, or its first dose turns it on.
            check_inputs("", &csv, &doses);
        }
    }
}

#[test]
fn a_row_sees_a_compartment_before_it_is_turned_off() {
    let csv = "TIME,EVID,AMT,CMT\n0,1,100,1\n0,0,0,-1\n0,0,0,0\n";
    check("", csv, |row, _| [[100.0, 0.0][row], 0.0, 0.0]);
    check_each("", csv, &|_, row, _| [[100.0, 0.0][row], 0.0, 0.0]);
}

#[test]
fn evid_3_empties_everything() {
    let csv = "TIME,EVID,AMT,CMT,RATE,II,ADDL\n0,1,100,1,10,0,0\n0,1,50,1,0,4,9\n6,3,0,0,0,0,0\n\
               6,0,0,0,0,0,0\n7,1,20,2,0,0,0\n7,0,0,0,0,0,0\n9,0,0,0,0,0,0\n40,0,0,0,0,0,0\n";
    check_inputs("alag(depot) <- 3", csv, &[Bolus(7.0, 1, 20.0)]);
}

#[test]
fn evid_4_empties_everything_then_doses() {
    let csv =
        "TIME,EVID,AMT,CMT,RATE\n0,1,100,2,10\n6,4,20,2,5\n6,0,0,0,0\n8,0,0,0,0\n20,0,0,0,0\n";
    check_inputs("", csv, &[Rate(6.0, 10.0, 1, 5.0)]);
}

#[test]
fn rate_above_0_is_an_infusion() {
    check_inputs("", &csv("0,1,100,2,8", ",RATE"), &[Rate(0.0, 12.5, 1, 8.0)]);
    // Bioavailability changes how long it runs.
    check_inputs("f(central) <- 0.4", &csv("0,1,100,2,8", ",RATE"), &[Rate(0.0, 5.0, 1, 8.0)]);
}

#[test]
fn rate_minus_1_takes_the_models_rate() {
    let extra = "rate(central) <- 40 * k10\nf(central) <- 0.4";
    check_inputs(extra, &csv("0,1,100,2,-1", ",RATE"), &[Rate(0.0, 5.0, 1, 8.0)]);
}

#[test]
fn rate_minus_2_takes_the_models_duration() {
    let extra = "dur(central) <- 1 / k10\nf(central) <- 0.4";
    check_inputs(extra, &csv("0,1,100,2,-2", ",RATE"), &[Rate(0.0, 5.0, 1, 8.0)]);
}

#[test]
fn dur_is_a_duration() {
    check_inputs("f(central) <- 0.4", &csv("0,1,100,2,5", ",DUR"), &[Rate(0.0, 5.0, 1, 8.0)]);
}

/// Its amount must arrive, however short it is.
#[test]
fn an_infusion_too_short_for_the_clock_is_a_dose() {
    let inputs = [Bolus(2.0, 1, 100.0)];
    check_inputs("", &csv("2,1,100,2,1e-20", ",DUR").replace("0.5,0,0,0,0\n", ""), &inputs);
    check_inputs("", &csv("2,1,100,2,1e25", ",RATE").replace("0.5,0,0,0,0\n", ""), &inputs);
}

#[test]
fn addl_repeats_every_ii() {
    let doses = [0.0, 2.5, 5.0, 7.5].map(|at| Bolus(at, 0, 10.0));
    check_inputs("", &csv("0,1,10,1,2.5,3", ",II,ADDL"), &doses);
    // An infusion of 6 h overlaps the next three.
    let doses = [0.0, 2.5, 5.0, 7.5].map(|at| Rate(at, at + 6.0, 1, 2.0));
    check_inputs("", &csv("0,1,12,2,2,2.5,3", ",RATE,II,ADDL"), &doses);
}

#[test]
fn lag_delays_doses_infusions_and_repeats() {
    let doses = [4.0, 6.5, 9.0].map(|at| Bolus(at, 0, 10.0));
    check_inputs("alag(depot) <- 4", &csv("0,1,10,1,2.5,2", ",II,ADDL"), &doses);
    let doses = [4.0, 6.5, 9.0].map(|at| Rate(at, at + 1.0, 1, 10.0));
    check_inputs("alag(central) <- 4", &csv("0,1,10,2,10,2.5,2", ",RATE,II,ADDL"), &doses);
}

/// A repeat is given at its own time: F halves from 6 h on, the record's and the repeat's own time.
#[test]
fn properties_are_taken_at_the_time_of_each_dose() {
    let doses = [Bolus(0.0, 0, 10.0), Bolus(3.0, 0, 10.0), Bolus(6.0, 0, 5.0), Bolus(9.0, 0, 5.0)];
    let extra = "f(depot) <- ifelse(t >= 6, 0.5, 1)";
    check_inputs(extra, &csv("0,1,10,1,3,3", ",II,ADDL"), &doses);
    let doses = [Bolus(0.0, 0, 10.0), Bolus(3.0, 0, 10.0), Bolus(6.0, 0, 10.0), Bolus(9.0, 0, 5.0)];
    let extra = "f(depot) <- ifelse(t > 6, 0.5, 1)";
    check_inputs(extra, &csv("0,1,10,1,3,3", ",II,ADDL"), &doses);
    let doses =
        [Bolus(0.0, 0, 10.0), Bolus(3.0, 0, 10.0), Bolus(6.75, 0, 10.0), Bolus(9.75, 0, 10.0)];
    let extra = "alag(depot) <- ifelse(t >= 6, 0.75, 0)";
    check_inputs(extra, &csv("0,1,10,1,3,3", ",II,ADDL"), &doses);
}

/// F falls when `central` is above 5, as it is at the second dose and not at the third.
#[test]
fn properties_may_read_the_state() {
    let extra = "f(depot) <- ifelse(central > 5, 0.5, 1)";
    let csv = csv("0,1,40,1\n1,1,40,1\n25,1,40,1", "").replace("0.5,0,0,0\n3,0,0,0\n", "");
    let csv = csv.replace("7,0,0,0\n12,0,0,0\n", "");
    let doses = [Bolus(0.0, 0, 40.0), Bolus(1.0, 0, 20.0), Bolus(25.0, 0, 40.0)];
    assert!(oracle::state(1.0, &doses)[1] > 5.0 && oracle::state(25.0, &doses[..2])[1] < 5.0);
    check_by(&WAYS[1..], extra, &csv, |_, time| oracle::state(time, &doses));
}

fn train(from: f64, interval: f64, dose: impl Fn(f64) -> super::Input) -> Vec<super::Input> {
    (-many(interval)..=0).map(|at| dose(from + f64::from(at) * interval)).collect()
}

#[test]
fn ss_1_is_the_limit_of_many_doses() {
    let doses = train(0.0, 12.0, |at| Bolus(at, 0, 10.0));
    check_inputs("", &csv("0,1,10,1,12,1", ",II,SS"), &doses);
}

/// What was there is replaced; repeats go on.
#[test]
fn ss_1_replaces_the_state_and_repeats_go_on() {
    let mut doses = train(0.25, 6.0, |at| Bolus(at, 0, 10.0));
    doses.extend([6.25, 12.25].map(|at| Bolus(at, 0, 10.0)));
    let csv = csv("0,1,500,2,0,0,0\n0.25,1,10,1,6,1,2", ",II,SS,ADDL");
    check_inputs("", &csv, &doses);
}

#[test]
fn ss_1_of_infusions_shorter_equal_and_longer_than_ii() {
    for duration in [2.0, 6.0, 9.0, 12.0, 15.0] {
        let doses = train(0.0, 6.0, |at| Rate(at, at + duration, 1, 60.0 / duration));
        check_inputs("", &csv(&format!("0,1,60,2,{duration},6,1"), ",DUR,II,SS"), &doses);
    }
}

#[test]
fn ss_1_of_modelled_infusions_with_bioavailability() {
    let extra = "f(central) <- 0.5; dur(central) <- 9; rate(central) <- 5";
    for (rate, duration, size) in [("-1", 6.0, 5.0), ("-2", 9.0, 30.0 / 9.0)] {
        let doses = train(0.0, 6.0, |at| Rate(at, at + duration, 1, size));
        check_inputs(extra, &csv(&format!("0,1,60,2,{rate},6,1"), ",RATE,II,SS"), &doses);
    }
}

/// At the record the last dose arrived II - lag ago; lags longer than II leave doses under way.
#[test]
fn ss_1_with_lag_below_and_above_ii() {
    for lag in [1.0, 6.0, 8.0, 15.0] {
        let doses = train(lag, 6.0, |at| Bolus(at, 0, 10.0));
        check_inputs(&format!("alag(depot) <- {lag}"), &csv("0,1,10,1,6,1", ",II,SS"), &doses);
        let doses = train(lag, 6.0, |at| Rate(at, at + 7.0, 1, 2.0));
        let csv = csv("0,1,14,2,2,6,1", ",RATE,II,SS");
        check_inputs(&format!("alag(central) <- {lag}"), &csv, &doses);
    }
}

#[test]
fn ss_2_adds_the_steady_state() {
    let mut doses = train(0.25, 6.0, |at| Bolus(at, 0, 10.0));
    doses.push(Bolus(0.0, 1, 50.0));
    let csv = csv("0,1,50,2,0,0\n0.25,1,10,1,6,2", ",II,SS");
    let csv = csv.replace("0.5,0,0", "0.25,0,0");
    check_linear("", &csv, &doses);
    // Without superposition: the two states are added, and go on together.
    let before = train(0.25, 6.0, |at| Bolus(at, 0, 10.0));
    let before = &before[..before.len() - 1];
    for k12 in [0.0, 0.3] {
        let system = Saturable { k12 };
        let (left, steady) =
            (system.state(0.25, &[Bolus(0.0, 1, 50.0)]), system.state(0.25, before));
        let sum = std::array::from_fn(|at| left[at] + steady[at]);
        let given = [Bolus(0.25, 0, 10.0)];
        check_saturable("", &csv, system, &given, |time| system.after(sum, 0.25, time, &given));
    }
}

/// Loss 0.2 of `central`, whose exchange with `peripheral` is even: the state has a closed form.
#[test]
fn a_constant_infusion_at_steady_state_ends_at_its_record() {
    let steady: State = [0.0, 3.0 / 0.2, 3.0 * 3.0 / 0.2];
    let csv = csv("0,1,0,2,3,1", ",RATE,SS").replace("0.5,0,0,", "0,0,0,");
    check("", &csv, |_, time| {
        let left = [Bolus(0.0, 1, steady[1]), Bolus(0.0, 2, steady[2])];
        oracle::state(time, &left)
    });
    let modelled = csv.replace("2,3,1", "2,-1,1");
    check("rate(central) <- 3", &modelled, |_, time| {
        let left = [Bolus(0.0, 1, steady[1]), Bolus(0.0, 2, steady[2])];
        oracle::state(time, &left)
    });
    // Where the loss saturates, it is 3 mmol/h at `km 3 / (vm - 3)`.
    let central = oracle::KM * 3.0 / (oracle::VM - 3.0);
    for k12 in [0.0, 0.3] {
        let system = Saturable { k12 };
        let steady = [0.0, central, central * k12 / 0.1];
        check_saturable("", &csv, system, &[], |time| system.after(steady, 0.0, time, &[]));
        check_saturable("rate(central) <- 3", &modelled, system, &[], |time| {
            system.after(steady, 0.0, time, &[])
        });
    }
}
