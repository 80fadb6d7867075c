//! Forest plots of a claim: one per system, measure and unit.

use epsom_evidence::{Claim, Funder, System};
use epsom_report::{Forest, ForestRow, ReportError, render_forest_svg};

/// SVG and caption of every plot that a claim has in one system.
pub(super) fn figures(
    claim: &Claim<'_>,
    system: System,
) -> Result<Vec<(String, String)>, ReportError> {
    let mut groups: Vec<(String, Forest)> = Vec::new();
    for link in claim.links.iter().filter(|link| link.row.system == system) {
        let Some(measured) = &link.measured else { continue };
        let (Some(estimate), Some((lo, hi))) = (measured.estimate, measured.interval) else {
            continue;
        };
        let unit =
            if measured.unit.is_empty() { String::new() } else { format!(" ({})", measured.unit) };
        let label = format!("{}{unit}", measured.measure);
        let row = ForestRow {
            label: format!("{}: {}", link.row.study_key, short(&link.row.outcome)),
            estimate,
            lo,
            hi,
            color: match link.funder {
                Funder::Public => 0,
                Funder::Industry => 1,
                Funder::NotStated => 2,
            },
            ..ForestRow::default()
        };
        match groups.iter_mut().find(|(known, _)| *known == label) {
            Some((_, forest)) => forest.rows.push(row),
            None => {
                let forest = Forest {
                    x_label: label.clone(),
                    none: measured.none,
                    is_ratio: measured.none == 1.0,
                    rows: vec![row],
                };
                groups.push((label, forest));
            }
        }
    }
    for pool in claim.pools.iter().filter(|pool| pool.system == system) {
        let label = format!("{} ({})", pool.measure, pool.unit);
        if let Some((_, forest)) = groups.iter_mut().find(|(known, _)| *known == label) {
            forest.rows.push(ForestRow {
                label: format!("pooled: {}", short(&pool.about)),
                estimate: pool.estimate,
                lo: pool.interval.0,
                hi: pool.interval.1,
                pooled: true,
                ..ForestRow::default()
            });
        }
    }
    let draw = |(label, forest): (String, Forest)| {
        let pooled = if forest.rows.iter().any(|row| row.pooled) {
            "; black: pooled"
        } else {
            "; nothing is pooled here, the rows may measure different outcomes"
        };
        let caption = format!(
            "{} {}: estimate and 95 % interval; dashed: no effect; blue: paid by public money, \
             red: by industry, green: payer not stated{pooled}. The table below holds numbers and \
             payers.",
            claim.row.id, label
        );
        render_forest_svg(&forest).map(|svg| (svg, caption))
    };
    groups.into_iter().map(draw).collect()
}

/// The first words, up to 44 letters.
fn short(text: &str) -> String {
    const MOST: usize = 44;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{} …", cut[..end].trim_end_matches([',', ';']))
}
