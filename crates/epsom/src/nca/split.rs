//! What is not known apart from how people differ, for each measure of a group.

use super::metrics::{Found, METRICS, Units};
use super::show::shown;
use crate::compare::{finish, plain};
use epsom_population::{Crossed, Split, Spread};
use serde_json::{Value, json};

/// Percentiles of both parts.
const PROBABILITIES: [f64; 3] = [0.025, 0.5, 0.975];

/// Splits of the measures that any member has; empty where there is one draw or one person.
fn splits(members: &[&Found]) -> Vec<(usize, Split)> {
    let draws: Vec<Option<u32>> = members.iter().map(|one| one.draw).collect();
    let n_draws = 1 + draws.windows(2).filter(|pair| pair[0] != pair[1]).count();
    if n_draws < 2 || members.len() <= n_draws {
        return Vec::new();
    }
    let mut crossed = Crossed::new(METRICS.len(), &PROBABILITIES);
    for (at, one) in members.iter().enumerate() {
        let values: Vec<f64> = METRICS.iter().map(|metric| metric.value(one)).collect();
        crossed.add(&values);
        // Profiles come draw by draw.
        if draws.get(at + 1) != Some(&one.draw) {
            crossed.end_draw();
        }
    }
    let all = crossed.finish().into_iter().enumerate();
    all.filter(|(_, split)| split.all.n > 0).collect()
}

/// The split for people, as a block below the spread of all; empty where there is none.
pub(super) fn text(members: &[&Found], units: &Units) -> String {
    let splits = splits(members);
    if splits.is_empty() {
        return String::new();
    }
    let mut table = plain();
    table.set_header(
        ["of this spread", "unit", "not known 2.5 %", "97.5 %", "people 2.5 %", "97.5 %"]
            .map(str::to_string),
    );
    for (at, split) in &splits {
        let metric = &METRICS[*at];
        let ends = |spread: &Option<Spread>| {
            let at = |end: usize| spread.as_ref().map_or(f64::NAN, |one| one.percentiles[end]);
            [shown(at(0)), shown(at(2))]
        };
        let cells = ends(&split.not_known).into_iter().chain(ends(&split.people));
        table.add_row([metric.name.to_string(), units.of(metric)].into_iter().chain(cells));
    }
    finish(table, 2)
}

/// The split for programs: one entry per measure.
pub(super) fn json(group: &str, members: &[&Found]) -> Vec<Value> {
    let finite = |value: f64| if value.is_finite() { json!(value) } else { Value::Null };
    let part = |spread: &Spread| {
        let percentiles: Vec<Value> = spread.percentiles.iter().map(|&one| finite(one)).collect();
        json!({
            "n": spread.n, "mean": finite(spread.mean), "sd": finite(spread.sd),
            "percentiles": percentiles,
        })
    };
    let one = |(at, split): (usize, Split)| {
        let mut fields = json!({"measure": METRICS[at].name, "all": part(&split.all)});
        if !group.is_empty() {
            fields["group"] = json!(group);
        }
        for (name, spread) in [("not_known", &split.not_known), ("people", &split.people)] {
            if let Some(spread) = spread {
                fields[name] = part(spread);
            }
        }
        fields
    };
    splits(members).into_iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_population::nca::{NcaOptions, exposure};

    /// Three people in three draws: person `p` of draw `d` has `10 d + p + 1` as its peak.
    fn found() -> Vec<Found> {
        let one = |at: u32| {
            let (draw, person) = (at / 3, at % 3);
            let peak = f64::from(10 * draw + person + 1);
            let course = exposure(&[0.0, 1.0, 2.0], &[0.0, peak, 0.0], &NcaOptions::default());
            Found {
                id: person.to_string(),
                group: String::new(),
                draw: Some(draw),
                exposure: course,
                accumulation_observed: f64::NAN,
                urine_24h: f64::NAN,
            }
        };
        (0..9).map(one).collect()
    }

    #[test]
    fn draws_and_people_are_told_apart() {
        let found = found();
        let members: Vec<&Found> = found.iter().collect();
        let splits = splits(&members);
        let (_, split) = splits.iter().find(|one| METRICS[one.0].name == "cmax").expect("a peak");
        // The person in the middle has 2, 12, 22; the people of the middle draw 11, 12, 13.
        let not_known = split.not_known.as_ref().expect("draws");
        assert_eq!((not_known.percentiles[1], not_known.mean), (12.0, 12.0));
        assert_eq!(not_known.sd, 10.0);
        let people = split.people.as_ref().expect("people");
        assert_eq!((people.percentiles[1], people.sd), (12.0, 1.0));
        assert_eq!(json("", &members)[0]["people"]["n"], 3);
    }

    #[test]
    fn one_draw_or_one_person_is_not_split() {
        let found = found();
        let one_draw: Vec<&Found> = found.iter().take(3).collect();
        let one_person: Vec<&Found> = found.iter().step_by(3).collect();
        assert!(splits(&one_draw).is_empty() && splits(&one_person).is_empty());
    }
}
