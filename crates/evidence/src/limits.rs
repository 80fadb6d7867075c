//! Rows of `limits.csv`: reference intakes, upper levels, thresholds of signs in serum.

use crate::Seen;
use crate::printed::number;
use crate::sheet::Sheet;

/// What a limit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitKind {
    /// Adequate intake.
    Ai,
    /// Recommended dietary allowance.
    Rda,
    /// Tolerable upper level.
    Ul,
    /// Level in serum at which a sign is seen.
    Threshold,
}

/// One reference intake, upper level or threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitRow {
    /// Key.
    pub id: String,
    /// What it is.
    pub kind: LimitKind,
    /// Ages, in months or years, and `pregnant` or `lactating` where it is for that.
    pub life_stage: Option<LifeStage>,
    /// `female`, `male` or `both`.
    pub sex: String,
    /// The sign of a threshold.
    pub sign: String,
    /// Value; none means that the source sets no limit, which is not "no limit".
    pub value: Option<f64>,
    /// Lower end of a printed range.
    pub lo: Option<f64>,
    /// Upper end of a printed range.
    pub hi: Option<f64>,
    /// Unit.
    pub unit: String,
    /// Of what: `supplements`, `total intake`, `total serum`.
    pub scope: String,
    /// Source.
    pub source_key: String,
    /// How it was seen.
    pub seen: Seen,
    /// Everything else.
    pub note: String,
}

/// Pregnancy and breast-feeding, which have reference intakes of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motherhood {
    /// Neither.
    Neither,
    /// Pregnant.
    Pregnant,
    /// Breast-feeding.
    Lactating,
}

/// People of an age.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LifeStage {
    /// Whether it is for pregnancy or breast-feeding.
    pub motherhood: Motherhood,
    /// First age that belongs to it, years.
    pub from_year: f64,
    /// First age that no longer does, years.
    pub to_year: f64,
}

impl LifeStage {
    /// Whether a person belongs to it.
    pub fn holds(&self, age_year: f64, motherhood: Motherhood) -> bool {
        self.motherhood == motherhood && self.from_year <= age_year && age_year < self.to_year
    }

    /// `31+ y`, `7-12 mo`, `pregnant <=18 y`; ages are completed, so `1-3 y` ends at 4.
    fn parse(text: &str) -> Option<Self> {
        let (motherhood, text) = match text.split_once(' ')? {
            ("pregnant", rest) => (Motherhood::Pregnant, rest),
            ("lactating", rest) => (Motherhood::Lactating, rest),
            _ => (Motherhood::Neither, text),
        };
        let (ages, unit) = text.split_once(' ')?;
        let months = unit == "mo";
        let (from, to) = if let Some(last) = ages.strip_prefix("<=") {
            (0.0, last.parse::<f64>().ok()? + 1.0)
        } else if let Some(first) = ages.strip_suffix('+') {
            (first.parse().ok()?, f64::INFINITY)
        } else {
            let (first, last) = ages.split_once('-')?;
            let last: f64 = last.parse().ok()?;
            // Months are counted up to the next stage: 0-6 is the first half year.
            (first.parse().ok()?, if months { last } else { last + 1.0 })
        };
        if months {
            let from = if from > 0.0 { from - 1.0 } else { 0.0 };
            return Some(Self { motherhood, from_year: from / 12.0, to_year: to / 12.0 });
        }
        Some(Self { motherhood, from_year: from, to_year: to })
    }
}

pub(crate) fn read_limits(sheet: &Sheet<'_>) -> Vec<LimitRow> {
    let names = [
        "id",
        "kind",
        "life_stage",
        "sex",
        "sign",
        "value",
        "lo",
        "hi",
        "unit",
        "scope",
        "source_key",
        "seen",
        "note",
    ];
    let row = |cells: [&str; 13]| {
        let [id, kind, stage, sex, sign, value, lo, hi, unit, scope, source_key, seen, note] =
            cells;
        Some(LimitRow {
            id: id.to_owned(),
            kind: match kind {
                "AI" => LimitKind::Ai,
                "RDA" => LimitKind::Rda,
                "UL" => LimitKind::Ul,
                "threshold" => LimitKind::Threshold,
                _ => return None,
            },
            life_stage: LifeStage::parse(stage),
            sex: sex.to_owned(),
            sign: sign.to_owned(),
            value: number(value),
            lo: number(lo),
            hi: number(hi),
            unit: unit.to_owned(),
            scope: scope.to_owned(),
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
    fn every_row_is_typed_and_ages_meet_without_a_gap() {
        let text = builtin().text("limits.csv").unwrap();
        let rows = builtin().limits();
        assert_eq!(rows.len(), text.lines().count() - 1);
        assert!(
            rows.iter()
                .all(|row| { (row.kind == LimitKind::Threshold) == row.life_stage.is_none() })
        );
        for month in 0..1200 {
            let age = f64::from(month) / 12.0;
            for sex in ["female", "male"] {
                let own = rows.iter().filter(|row| {
                    row.kind == LimitKind::Ul
                        && [sex, "both"].contains(&row.sex.as_str())
                        && row.life_stage.is_some_and(|stage| stage.holds(age, Motherhood::Neither))
                });
                assert_eq!(own.count(), 1, "{sex} at {age}");
            }
            for motherhood in [Motherhood::Pregnant, Motherhood::Lactating] {
                for kind in [LimitKind::Rda, LimitKind::Ul] {
                    let own = rows.iter().filter(|row| {
                        row.kind == kind
                            && row.life_stage.is_some_and(|stage| stage.holds(age, motherhood))
                    });
                    assert_eq!(own.count(), 1, "{kind:?} {motherhood:?} at {age}");
                }
            }
        }
    }

    #[test]
    fn an_empty_limit_is_none() {
        let row = builtin().limits().iter().find(|row| row.id == "iom1997.0_6_mo.both.ul").unwrap();
        assert_eq!((row.value, row.kind), (None, LimitKind::Ul));
        assert!(row.life_stage.unwrap().holds(0.3, Motherhood::Neither));
    }
}
