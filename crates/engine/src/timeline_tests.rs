use super::*;

fn at(time_h: f64, action: Action) -> Record {
    Record { time_h, action }
}

fn track(interpolation: Interpolation) -> CovariateTrack {
    CovariateTrack {
        covariate: 0,
        interpolation,
        times_h: vec![1.0, 3.0],
        values: vec![10.0, 20.0],
    }
}

#[test]
fn records_are_sorted_and_equal_times_keep_their_order() {
    let dose = Action::Dose(Dose::bolus(0, 5.0));
    let records = vec![
        at(2.0, Action::Observe),
        at(1.0, Action::Observe),
        at(1.0, dose),
        at(1.0, Action::Observe),
    ];
    let timeline = Timeline::new(records, Vec::new()).unwrap();
    let actions: Vec<Action> = timeline.records().iter().map(|record| record.action).collect();
    assert_eq!(actions, [Action::Observe, dose, Action::Observe, Action::Observe]);
    assert_eq!(timeline.observation_times_h().collect::<Vec<_>>(), [1.0, 1.0, 2.0]);
    assert_eq!((timeline.n_rows(), timeline.largest_amount()), (3, 5.0));
    assert_eq!(timeline.span_h(), Some((1.0, 2.0)));
}

#[test]
fn repeats_are_products_not_sums() {
    let dose = Dose { interval_h: 0.1, additional: 1000, ..Dose::bolus(0, 1.0) };
    assert_eq!(dose.repeat_time_h(0.0, 1000), 100.0);
}

#[test]
fn covariates_before_between_at_and_after_their_times() {
    let cases = [
        (Interpolation::Forward, [10.0, 10.0, 10.0, 20.0, 20.0]),
        (Interpolation::Backward, [10.0, 10.0, 20.0, 20.0, 20.0]),
        (Interpolation::Midpoint, [10.0, 10.0, 15.0, 20.0, 20.0]),
        (Interpolation::Linear, [10.0, 10.0, 15.0, 20.0, 20.0]),
    ];
    for (interpolation, expected) in cases {
        let track = track(interpolation);
        let got = [0.0, 1.0, 2.0, 3.0, 4.0].map(|time_h| track.value_at(time_h));
        assert_eq!(got, expected, "{interpolation:?}");
    }
}

#[test]
fn a_piece_holds_just_after_its_time() {
    let piece = |interpolation, time_h| track(interpolation).piece_after(time_h);
    assert_eq!(piece(Interpolation::Backward, 1.0), Piece { value: 20.0, slope: 0.0 });
    assert_eq!(piece(Interpolation::Midpoint, 1.0), Piece { value: 15.0, slope: 0.0 });
    assert_eq!(piece(Interpolation::Linear, 1.0), Piece { value: 10.0, slope: 5.0 });
    assert_eq!(piece(Interpolation::Linear, 3.0), Piece { value: 20.0, slope: 0.0 });
}

#[test]
fn the_last_of_two_values_at_one_time_counts() {
    let mut track = track(Interpolation::Linear);
    track.times_h = vec![1.0, 1.0];
    assert_eq!(track.value_at(1.0), 20.0);
    assert_eq!(track.piece_after(1.0), Piece { value: 20.0, slope: 0.0 });
}

#[test]
fn a_covariate_that_never_changes_makes_no_stop() {
    let mut constant = track(Interpolation::Linear);
    constant.values = vec![10.0, 10.0];
    let timeline = Timeline::new(Vec::new(), vec![constant]).unwrap();
    assert_eq!(timeline.next_covariate_change_h(0.0), f64::INFINITY);
    let timeline = Timeline::new(Vec::new(), vec![track(Interpolation::Forward)]).unwrap();
    let changes = [0.0, 1.0, 3.0].map(|time_h| timeline.next_covariate_change_h(time_h));
    assert_eq!(changes, [1.0, 3.0, f64::INFINITY]);
}

#[test]
fn doses_that_make_no_sense_are_refused() {
    let bolus = Dose::bolus(0, 1.0);
    let cases = [
        (Dose { amount: -1.0, ..bolus }, Some(RecordFault::Amount)),
        (Dose { amount: f64::NAN, ..bolus }, Some(RecordFault::Amount)),
        (Dose { kind: DoseKind::Rate(0.0), ..bolus }, Some(RecordFault::RateOrDuration)),
        (Dose { kind: DoseKind::Duration(-2.0), ..bolus }, Some(RecordFault::RateOrDuration)),
        (Dose { interval_h: -1.0, ..bolus }, Some(RecordFault::Interval)),
        (Dose { additional: 1, ..bolus }, Some(RecordFault::NoInterval)),
        (Dose { steady: Steady::Add, ..bolus }, Some(RecordFault::NoInterval)),
        (Dose { amount: 0.0, kind: DoseKind::Rate(2.0), ..bolus }, Some(RecordFault::NoAmount)),
        (Dose { amount: 0.0, ..bolus }, None),
    ];
    for (dose, expected) in cases {
        let got = Timeline::new(vec![at(0.0, Action::Dose(dose))], Vec::new()).err();
        let expected = expected.map(|cause| TimelineError::Record { record: 0, cause });
        assert_eq!(got, expected, "{dose:?}");
    }
}

#[test]
fn a_constant_infusion_has_no_interval() {
    let constant =
        Dose { kind: DoseKind::Rate(2.0), steady: Steady::Replace, ..Dose::bolus(0, 0.0) };
    assert!(Timeline::new(vec![at(0.0, Action::Dose(constant))], Vec::new()).is_ok());
    let repeated = Dose { interval_h: 12.0, ..constant };
    assert_eq!(
        Timeline::new(vec![at(0.0, Action::Dose(repeated))], Vec::new()),
        Err(TimelineError::Record { record: 0, cause: RecordFault::RepeatedConstantInfusion })
    );
}
