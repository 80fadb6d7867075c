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
            doubted: row.note.contains("OUTLIER -") || row.note.starts_with("OUTLIER:"),
        };
        let lowest = onsets().min_by(|a, b| a.0.total_cmp(&b.0)).map(level)?;
        let highest = onsets().max_by(|a, b| a.0.total_cmp(&b.0)).map(level)?;
        let ends = rows.iter().filter_map(|row| row.hi.or(row.value));
        let to_mmol_per_l = ends.fold(lowest.mmol_per_l, f64::max);
        Some(Band { name, lowest, highest, to_mmol_per_l, n_rows: rows.len() })
    };
    SIGNS.iter().filter_map(band).collect()
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
        let rows = builtin().limits().iter().filter(|row| row.kind == LimitKind::Threshold);
        let unused = rows.filter(|row| {
            !SIGNS.iter().any(|(_, words)| words.iter().any(|word| row.sign.contains(word)))
        });
        assert_eq!(unused.count(), 0);
    }
}
