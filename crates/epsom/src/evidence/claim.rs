//! A claim as a page of text: people, animals and cells apart.

use super::text::{number, wrap};
use super::uses::{Used, names};
use epsom_evidence::effects::How;
use epsom_evidence::{
    Bears, Claim, ClaimKind, Finding, Link, Measured, Pool, System, Tables, describe,
};

/// Everything that is known of a claim, in the order that a reader asks.
pub(super) fn claim_text(tables: &Tables, models: &[Used], claim: &Claim<'_>) -> String {
    let row = claim.row;
    let also = row.aliases.replace(';', ", ");
    let also = if also.is_empty() { String::new() } else { format!(" (also {also})") };
    let head = format!("{}{also}, {}: {}", row.id, row.section.replace('_', " "), row.claim);
    let mut text = wrap(&head, "", "  ");
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&wrap(value, &format!("  {name:<10} "), &" ".repeat(13)));
        }
    };
    add("tested as", &row.testable);
    add("answer", &claim.conclusion());
    if let Some(link) = claim.size()
        && let Some(measured) = &link.measured
    {
        add("size", &size_words(link, measured));
    }
    let by = match row.set_status {
        Some(_) if claim.row.kind == ClaimKind::Effect => "set by hand".to_owned(),
        Some(_) => format!("set by hand: {}", row.status_reason),
        None => "by rule from the studies below".to_owned(),
    };
    add("status", &format!("{} ({by})", claim.status.words()));
    if let Some(certainty) = &claim.certainty {
        add("certainty", &format!("{} for people", certainty.level.name()));
    }
    add("why", &row.why);
    for system in [System::Human, System::Animal, System::InVitro] {
        text.push_str(&system_text(claim, system));
    }
    text.push_str(&pools_text(claim));
    text.push_str(&certainty_text(claim));
    text.push_str(&models_text(tables, models, claim));
    text.push_str(&statements_text(claim));
    text
}

fn system_text(claim: &Claim<'_>, system: System) -> String {
    let name = match system {
        System::Human => "People",
        System::Animal => "Animals",
        System::InVitro => "Cells and channels",
    };
    let of = |bears| {
        claim.links.iter().filter(move |link| link.row.system == system && link.row.bears == bears)
    };
    let (direct, near): (Vec<_>, Vec<_>) =
        (of(Bears::Direct).collect(), of(Bears::Indirect).collect());
    if direct.is_empty() && near.is_empty() {
        return format!("\n{name}: no study in these tables\n");
    }
    let mut text = format!("\n{name}\n");
    if direct.is_empty() {
        text.push_str("  no study tests the statement itself\n");
    }
    direct.iter().for_each(|link| text.push_str(&link_text(link)));
    if !near.is_empty() {
        text.push_str("  near it (another salt, outcome, population or route; does not decide):\n");
        near.iter().for_each(|link| text.push_str(&link_text(link)));
    }
    text
}

/// `+` for, `-` against, `0` no effect, `~` open, `?` not published.
fn sign(finding: Finding) -> &'static str {
    match finding {
        Finding::For => "+",
        Finding::Against => "-",
        Finding::Null => "0",
        Finding::Imprecise => "~",
        Finding::Unclear => "?",
    }
}

/// The word of a finding.
pub(super) fn finding_words(finding: Finding) -> &'static str {
    match finding {
        Finding::For => "for",
        Finding::Against => "against",
        Finding::Null => "no effect seen",
        Finding::Imprecise => "open: the interval holds both",
        Finding::Unclear => "not published",
    }
}

/// The size with the study it comes from and the side that this study takes.
pub(super) fn size_words(link: &Link<'_>, measured: &Measured) -> String {
    let side = finding_words(link.row.finding);
    format!("{} ({side}): {}", link.row.study_key, measured_words(measured))
}

fn link_text(link: &Link<'_>) -> String {
    let row = link.row;
    let mut text = wrap(
        &format!("{}: {} ({})", row.study_key, row.outcome, finding_words(row.finding)),
        &format!("  {} ", sign(row.finding)),
        "    ",
    );
    text.push_str(&wrap(&who(link), "      ", "      "));
    if let Some(measured) = &link.measured {
        text.push_str(&wrap(&measured_words(measured), "      ", "      "));
    }
    if !link.counts() && row.bears == Bears::Direct {
        let design = link.design.name();
        text.push_str(&wrap(&format!("does not decide: {design}"), "      ", "      "));
    }
    text
}

/// Design, people, dose, length, payer.
pub(super) fn who(link: &Link<'_>) -> String {
    let Some(study) = link.study else { return format!("source only, {}", link.design.name()) };
    let mut parts = vec![if study.design.is_empty() {
        "design not stated".to_owned()
    } else {
        study.design.clone()
    }];
    parts.push(study.n.map_or("n not seen".to_owned(), |n| format!("n {n}")));
    parts.push(study.population.clone());
    let against = if study.comparator.is_empty() {
        String::new()
    } else {
        format!(" against {}", study.comparator)
    };
    parts.push(format!("{}{against}", study.intervention));
    let dose = |what: &str, text: &str| {
        let unit = if text.contains("mg") { "" } else { " (mg a day)" };
        if text.is_empty() { String::new() } else { format!("{what}{unit}: {text}") }
    };
    let elemental = dose("elemental", &study.elemental_mg_per_day);
    parts.push(if elemental.is_empty() {
        dose("compound", &study.dose_compound_mg_per_day)
    } else {
        elemental
    });
    parts.push(study.duration_days.map_or(String::new(), |days| format!("{} d", number(days))));
    parts.push(if study.funding.is_empty() {
        "paid by: not stated".to_owned()
    } else {
        format!("paid by: {}", study.funding)
    });
    parts.retain(|part| !part.trim().is_empty());
    parts.join("; ")
}

/// Estimate, interval, how it was come by.
pub(super) fn measured_words(one: &Measured) -> String {
    let unit = if one.unit.is_empty() { String::new() } else { format!(" {}", one.unit) };
    let mut parts = Vec::new();
    if let Some(estimate) = one.estimate {
        let name = if one.measure.is_empty() { "effect" } else { one.measure };
        let interval = one.interval.map_or(String::new(), |(lo, hi)| {
            format!(" (95 % CI {} to {})", number(lo), number(hi))
        });
        parts.push(format!("{name} {}{unit}{interval}", number(estimate)));
        parts.push(one.how.map_or("no interval", How::name).to_owned());
    }
    if !one.words.is_empty() {
        parts.push(one.words.clone());
    }
    if one.recalled {
        parts.push("recalled, to be confirmed".to_owned());
    }
    if parts.is_empty() {
        parts.push("no figures seen".to_owned());
    }
    if one.ids.is_empty() {
        return parts.join("; ");
    }
    format!("{} [{}]", parts.join("; "), one.ids.join(", "))
}

fn pools_text(claim: &Claim<'_>) -> String {
    if claim.pools.is_empty() {
        return "\nPooled: nothing; no two effects share outcome, unit, species and comparison\n"
            .to_owned();
    }
    let mut text = "\nPooled\n".to_owned();
    for pool in &claim.pools {
        text.push_str(&wrap(&pool_words(pool), "  ", "    "));
    }
    text
}

/// A pooled effect with how it was made.
pub(super) fn pool_words(pool: &Pool) -> String {
    let keys: Vec<&str> = pool.studies.iter().map(|(key, _)| key.as_str()).collect();
    let i2 = pool.i2.map_or(String::new(), |i2| format!(", I2 {:.0} %", 100.0 * i2));
    let few = if pool.studies.len() < 3 {
        "; two studies say little about how studies differ, so the interval is wide"
    } else {
        ""
    };
    format!(
        "{}: {} {} {} (95 % CI {} to {}); {} studies ({}), tau2 {}{i2}; {}{few}",
        pool.about,
        pool.measure,
        number(pool.estimate),
        pool.unit,
        number(pool.interval.0),
        number(pool.interval.1),
        pool.studies.len(),
        keys.join(", "),
        number(pool.tau2),
        pool.method
    )
}

fn certainty_text(claim: &Claim<'_>) -> String {
    let Some(certainty) = &claim.certainty else {
        let why = match claim.row.kind.name() {
            "effect" => "no study that counts tests the statement",
            _ => "a statement of this kind is not graded",
        };
        return format!("\nCertainty: not graded; {why}\n");
    };
    let body = match certainty.body {
        System::Human => "the studies in people",
        System::Animal => "the animal studies, because none in people counts",
        System::InVitro => "the cell studies, because none in people or animals counts",
    };
    let mut text = format!(
        "\nCertainty: {} (starts {}, from {body})\n",
        certainty.level.name(),
        certainty.start.name()
    );
    for step in &certainty.steps {
        let words = format!("{:+} {}: {}", step.change, step.domain.name(), step.reason);
        text.push_str(&wrap(&words, "  ", "     "));
    }
    text
}

fn models_text(tables: &Tables, models: &[Used], claim: &Claim<'_>) -> String {
    let row = claim.row;
    if row.parameters.is_empty() && row.outputs.is_empty() && row.command.is_empty() {
        return "\nIn models: nothing rests on it\n".to_owned();
    }
    let mut text = "\nIn models\n".to_owned();
    for value in row.parameters.iter().filter_map(|id| tables.value(id)) {
        let used = names(models, &value.id);
        let used =
            if used.is_empty() { "no built-in model yet".to_owned() } else { used.join(", ") };
        let marks = if value.is_recalled() { ", recalled" } else { "" };
        let words = format!(
            "{} {}: {} [{}{marks}] -> {used}",
            value.id,
            value.symbol,
            describe(value),
            value.species.name()
        );
        text.push_str(&wrap(&words, "  ", "    "));
    }
    if !row.outputs.is_empty() {
        text.push_str(&wrap(&format!("outputs: {}", row.outputs.join(", ")), "  ", "    "));
    }
    if !row.command.is_empty() {
        text.push_str(&format!("  simulate: {}\n", row.command));
    }
    text
}

fn statements_text(claim: &Claim<'_>) -> String {
    let merged: Vec<_> = claim.statements.iter().filter(|one| one.id != claim.row.id).collect();
    if merged.is_empty() {
        return String::new();
    }
    let mut text = "\nMerged into it\n".to_owned();
    for one in merged {
        let words = format!("{}: {} (found as {}: {})", one.id, one.claim, one.status, one.why);
        text.push_str(&wrap(&words, "  ", "    "));
    }
    text
}
