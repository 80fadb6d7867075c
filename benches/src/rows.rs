//! Rows as text, as JSON and as the committed table.

use crate::measure::Row;
use std::fmt::Write;

/// Header of the committed table.
const HEADER: &str = "problem,executor,rtol,subjects_per_s,error,to_diffsol,to_ode_solvers,steps,rejections,jacobians,lane_use_percent,commit,cpu";

/// One line for people.
pub fn line(row: &Row) -> String {
    let ratio = |value: Option<f64>| value.map_or("-".to_string(), |value| format!("{value:.2}"));
    format!(
        "{:3} {:19} rtol {:5} {:>11.0}/s error {:8.1e} diffsol x{:<8} ode_solvers x{:<8} steps {:.1} rejected {:.2} jacobians {:.1} lanes used {}",
        row.problem,
        row.executor,
        tolerance(row.rtol),
        row.subjects_per_s,
        row.error,
        ratio(row.to_diffsol),
        ratio(row.to_ode_solvers),
        row.steps,
        row.rejections,
        row.jacobians,
        row.lane_use.map_or("-".to_string(), |percent| format!("{percent:.1} %")),
    )
}

/// One JSON object.
pub fn json(row: &Row) -> String {
    let number = |value: Option<f64>| match value {
        Some(value) if value.is_finite() => format!("{value:e}"),
        _ => "null".to_string(),
    };
    format!(
        "{{\"problem\":\"{}\",\"executor\":\"{}\",\"rtol\":{:e},\"subjects_per_s\":{},\"error\":{},\"ratio_to\":{{\"diffsol\":{},\"ode_solvers\":{}}}}}",
        row.problem,
        row.executor,
        row.rtol,
        number(Some(row.subjects_per_s)),
        number(Some(row.error)),
        number(row.to_diffsol),
        number(row.to_ode_solvers),
    )
}

/// The committed table.
pub fn table(rows: &[Row], commit: &str, cpu: &str) -> String {
    let mut text = format!("{HEADER}\n");
    let ratio = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.2}"));
    for row in rows {
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "{},{},{},{:.0},{:.1e},{},{},{:.1},{:.2},{:.1},{},{commit},{cpu}",
            row.problem,
            row.executor,
            tolerance(row.rtol),
            row.subjects_per_s,
            row.error,
            ratio(row.to_diffsol),
            ratio(row.to_ode_solvers),
            row.steps,
            row.rejections,
            row.jacobians,
            row.lane_use.map_or(String::new(), |percent| format!("{percent:.1}")),
        );
    }
    text
}

fn tolerance(rtol: f64) -> String {
    if rtol == 0.0 { "exact".to_string() } else { format!("{rtol:e}") }
}

/// How a row compares with the committed one: change of the ratio to diffsol, else of the speed.
pub fn against(row: &Row, table: &str) -> Option<String> {
    let key = format!("{},{},{},", row.problem, row.executor, tolerance(row.rtol));
    let old: Vec<&str> = table.lines().find(|line| line.starts_with(&key))?.split(',').collect();
    let (now, before) = match (row.to_diffsol, old.get(5)?.parse::<f64>().ok()) {
        (Some(now), Some(before)) => (now, before),
        _ => (row.subjects_per_s, old.get(3)?.parse().ok()?),
    };
    let commit = old.get(11)?;
    Some(format!("{:+.0} % against {commit}", 100.0 * (now / before - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Row {
        Row {
            problem: "W1".to_string(),
            executor: "epsom AVX2".to_string(),
            rtol: 1e-6,
            subjects_per_s: 50_000.0,
            error: 3.6e-7,
            to_diffsol: Some(20.0),
            to_ode_solvers: None,
            steps: 100.0,
            rejections: 2.0,
            jacobians: 0.0,
            lane_use: Some(97.0),
        }
    }

    #[test]
    fn a_row_is_found_again_in_the_table_it_was_written_to() {
        let mut other = row();
        let table = table(&[row()], "abc", "a machine");
        assert_eq!(against(&row(), &table).as_deref(), Some("+0 % against abc"));
        other.to_diffsol = Some(30.0);
        assert_eq!(against(&other, &table).as_deref(), Some("+50 % against abc"));
        other.rtol = 1e-4;
        assert_eq!(against(&other, &table), None);
    }

    #[test]
    fn a_row_as_json() {
        assert_eq!(
            json(&row()),
            "{\"problem\":\"W1\",\"executor\":\"epsom AVX2\",\"rtol\":1e-6,\"subjects_per_s\":5e4,\
             \"error\":3.6e-7,\"ratio_to\":{\"diffsol\":2e1,\"ode_solvers\":null}}"
        );
    }
}
