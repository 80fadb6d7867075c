//! Signs of too much magnesium as overlapping ranges of serum, with every table that prints one.

use epsom_evidence::{LimitKind, LimitRow, Seen, Tables};

/// One kind of sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The sign.
    pub name: &'static str,
    /// Lowest level that any table prints, which warns, mmol/L.
    pub lowest: Level,
    /// Lowest level of the table that begins highest: where it differs the tables conflict.
    pub highest: Level,
    /// Highest level printed, mmol/L.
    pub to_mmol_per_l: f64,
    /// Tables that print a level.
    pub n_rows: usize,
    /// What each source prints, from the lowest on.
    pub printed: Vec<Printed>,
}

/// What one source prints of a sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Printed {
    /// Source.
    pub source: String,
    /// Lowest level, mmol/L.
    pub from_mmol_per_l: f64,
    /// Highest level, mmol/L; none where it prints one level.
    pub to_mmol_per_l: Option<f64>,
    /// Whether any of it is from memory.
    pub recalled: bool,
    /// Whether its rows call it an outlier.
    pub doubted: bool,
}

/// A printed level.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// mmol/L.
    pub mmol_per_l: f64,
    /// Source.
    pub source: String,
    /// Whether it is from memory.
    pub recalled: bool,
    /// Whether its row calls it an outlier, as where a unit label may be wrong.
    pub doubted: bool,
}

/// Signs in the order in which they are met, and words of their rows.
const SIGNS: &[(&str, &[&str])] = &[
    ("nausea, flushing, weakness", &["nausea"]),
    ("hypotension", &["hypotension"]),
    ("reflexes weak or lost", &["reflex"]),
    ("ECG: conduction, bradycardia, block", &["conduction", "bradycardia", "block"]),
    ("respiration weak or lost", &["respirat", "ventilatory", "apnoea"]),
    ("cardiac arrest", &["arrest", "asystole"]),
];

/// Every sign with its levels.
pub fn bands(evidence: &Tables) -> Vec<Band> {
    let thresholds = || evidence.limits().iter().filter(|row| row.kind == LimitKind::Threshold);
    let band = |&(name, words): &(&'static str, &[&str])| {
        let has = |row: &&LimitRow| words.iter().any(|word| row.sign.contains(word));
        let rows: Vec<&LimitRow> = thresholds().filter(has).collect();
        // An upper bound of a range is no onset.
        let onsets = || {
            let onset = rows.iter().filter(|row| !row.sign.contains("upper"));
            onset.filter_map(|row| Some((row.lo.or(row.value)?, *row)))
        };
        let level = |(mmol_per_l, row): (f64, &LimitRow)| Level {
            mmol_per_l,
            source: row.source_key.clone(),
            recalled: row.seen == Seen::Recalled,
            doubted: is_doubted(row),
        };
        let lowest = onsets().min_by(|a, b| a.0.total_cmp(&b.0)).map(level)?;
        let highest = onsets().max_by(|a, b| a.0.total_cmp(&b.0)).map(level)?;
        let ends = rows.iter().filter_map(|row| row.hi.or(row.value));
        let to_mmol_per_l = ends.fold(lowest.mmol_per_l, f64::max);
        let printed = printed(&rows);
        Some(Band { name, lowest, highest, to_mmol_per_l, n_rows: rows.len(), printed })
    };
    SIGNS.iter().filter_map(band).collect()
}

fn is_doubted(row: &LimitRow) -> bool {
    row.note.contains("OUTLIER -") || row.note.starts_with("OUTLIER:")
}

/// Rows of one sign by source: the lowest and the highest level that it prints.
fn printed(rows: &[&LimitRow]) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    for row in rows {
        let (Some(lo), Some(hi)) = (row.lo.or(row.value), row.hi.or(row.value)) else { continue };
        let (recalled, doubted) = (row.seen == Seen::Recalled, is_doubted(row));
        let new = Printed {
            source: row.source_key.clone(),
            from_mmol_per_l: lo,
            to_mmol_per_l: Some(hi),
            recalled,
            doubted,
        };
        match found.iter_mut().find(|one| one.source == row.source_key) {
            Some(one) => {
                one.from_mmol_per_l = one.from_mmol_per_l.min(lo);
                one.to_mmol_per_l = one.to_mmol_per_l.map(|most| most.max(hi));
                one.recalled |= recalled;
                one.doubted |= doubted;
            }
            None => found.push(new),
        }
    }
    for one in &mut found {
        one.to_mmol_per_l = one.to_mmol_per_l.filter(|most| *most > one.from_mmol_per_l);
    }
    found.sort_by(|a, b| a.from_mmol_per_l.total_cmp(&b.from_mmol_per_l));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;
    use expect_test::expect;

    #[test]
    fn bands_overlap_and_the_lowest_level_warns() {
        let text: String = (bands(builtin()).iter())
            .map(|band| {
                let (low, high) = (&band.lowest, &band.highest);
                let doubt = if low.doubted { " (doubted)" } else { "" };
                format!(
                    "{}: from {} {}{doubt} or {} {}, to {}; {} rows\n",
                    band.name,
                    low.mmol_per_l,
                    low.source,
                    high.mmol_per_l,
                    high.source,
                    band.to_mmol_per_l,
                    band.n_rows
                )
            })
            .collect();
        expect![[r#"
            nausea, flushing, weakness: from 1 medscape766604 or 1.5 fachinfo_26000, to 2; 3 rows
            hypotension: from 1.5 fachinfo_26000 or 3 gasman_hypermg, to 5; 4 rows
            reflexes weak or lost: from 1.75 medscape766604 (doubted) or 5 mgso4_label_ph, to 5; 16 rows
            ECG: conduction, bradycardia, block: from 3 gasman_hypermg or 7.5 lunightingale2000, to 7.5; 9 rows
            respiration weak or lost: from 5 medscape766604 or 6.2 fpnotebook_hypermg, to 7.5; 8 rows
            cardiac arrest: from 5 medscape766604 or 12.5 lunightingale2000, to 14.4; 8 rows
        "#]].assert_eq(&text);
        for band in bands(builtin()) {
            let lowest = band.printed.first().expect("a source").from_mmol_per_l;
            assert_eq!(lowest, band.lowest.mmol_per_l, "{}", band.name);
            let ends = band.printed.iter().filter_map(|one| one.to_mmol_per_l);
            assert!(ends.fold(lowest, f64::max) <= band.to_mmol_per_l, "{}", band.name);
        }
        let rows = builtin().limits().iter().filter(|row| row.kind == LimitKind::Threshold);
        let unused = rows.filter(|row| {
            !SIGNS.iter().any(|(_, words)| words.iter().any(|word| row.sign.contains(word)))
        });
        assert_eq!(unused.count(), 0);
    }
}
