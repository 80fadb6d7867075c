//! Rows of `gates.csv`: facts of a person at which a supplement is not an ordinary choice.

use crate::printed::number;
use crate::sheet::Sheet;
use crate::{Level, Seen};

/// How much a gate weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// A hard gate.
    Stop,
    /// Closer watch.
    Caution,
}

/// Which side of the value opens a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The fact itself.
    Present,
    /// Below the value.
    Below,
    /// Above the value.
    Above,
}

/// One gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateRow {
    /// Key.
    pub id: String,
    /// The fact it looks at.
    pub fact: String,
    /// How it looks at it.
    pub side: Side,
    /// The value, for sides other than present.
    pub value: Option<f64>,
    /// Unit of the value.
    pub unit: String,
    /// How much it weighs.
    pub grade: Grade,
    /// What it says.
    pub text: String,
    /// What would be monitored.
    pub monitor: String,
    /// What kind of evidence it is.
    pub level: Level,
    /// Sources, separated by `;`.
    pub source_key: String,
    /// How it was seen.
    pub seen: Seen,
    /// Everything else.
    pub note: String,
}

pub(crate) fn read_gates(sheet: &Sheet<'_>) -> Vec<GateRow> {
    let names = [
        "id",
        "fact",
        "sign",
        "value",
        "unit",
        "grade",
        "text",
        "monitor",
        "level",
        "source_key",
        "seen",
        "note",
    ];
    let row = |cells: [&str; 12]| {
        let [id, fact, sign, value, unit, grade, text, monitor, level, source_key, seen, note] =
            cells;
        Some(GateRow {
            id: id.to_owned(),
            fact: fact.to_owned(),
            side: match sign {
                "" => Side::Present,
                "below" => Side::Below,
                "above" => Side::Above,
                _ => return None,
            },
            value: number(value),
            unit: unit.to_owned(),
            grade: match grade {
                "stop" => Grade::Stop,
                "caution" => Grade::Caution,
                _ => return None,
            },
            text: text.to_owned(),
            monitor: monitor.to_owned(),
            level: Level::parse(level)?,
            source_key: source_key.to_owned(),
            seen: Seen::parse(seen)?,
            note: note.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin;

    #[test]
    fn every_gate_is_typed_cited_and_has_a_value_where_it_compares() {
        let rows = builtin().gates();
        assert_eq!(rows.len(), builtin().text("gates.csv").unwrap().lines().count() - 1);
        for row in rows {
            assert_eq!(row.value.is_some(), row.side != Side::Present, "{}", row.id);
            for key in row.source_key.split(';') {
                assert!(builtin().source(key).is_some(), "{}: {key}", row.id);
            }
        }
    }
}
