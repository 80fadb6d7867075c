//! Medicines by the names that people use, matched to rows of the interaction table.

use epsom_diag::did_you_mean;
use epsom_evidence::{InteractionRow, Tables};

use super::person::clock_h;

/// A medicine or supplement as given.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Medicine {
    /// Its name as given.
    pub name: String,
    /// Clock times at which it is taken, h; empty where it may move.
    pub clock_h: Vec<f64>,
}

/// Names, and words of the agents in the table that they belong to.
///
/// A name without an agent here is looked for in the table's own words.
const ALIASES: &[(&str, &[&str])] = &[
    ("alendronic acid", &["alendronate"]),
    ("amikacin", &["aminoglycosides"]),
    ("amiloride", &["potassium-sparing"]),
    ("amphotericin", &["amphotericin B"]),
    ("bendroflumethiazide", &["thiazides"]),
    ("biktarvy", &["bictegravir"]),
    ("bisphosphonate", &["alendronate and other"]),
    ("bumetanide", &["loop diuretics"]),
    ("calcium carbonate", &["calcium (high dose)"]),
    ("cetuximab", &["EGFR antibodies"]),
    ("chloroquine", &["aminoquinolines"]),
    ("chlorpromazine", &["cefaclor"]),
    ("chlortalidone", &["thiazides"]),
    ("cholecalciferol", &["vitamin D3"]),
    ("cipro", &["ciprofloxacin"]),
    ("dha", &["EPA/DHA"]),
    ("epa", &["EPA/DHA"]),
    ("esomeprazole", &["proton pump"]),
    ("fish oil", &["EPA/DHA"]),
    ("fosamax", &["alendronate"]),
    ("furosemide", &["loop diuretics"]),
    ("gentamicin", &["aminoglycosides"]),
    ("hydrochlorothiazide", &["thiazides"]),
    ("hydroxychloroquine", &["aminoquinolines"]),
    ("ibandronate", &["alendronate and other"]),
    ("indapamide", &["thiazides"]),
    ("iron", &["iron (ferrous)"]),
    ("l-thyroxine", &["levothyroxine"]),
    ("lansoprazole", &["proton pump"]),
    ("minocycline", &["cefaclor"]),
    ("morphine", &["CNS depressants"]),
    ("mycophenolate", &["mycophenolate"]),
    ("neuromuscular blocker", &["rocuronium (IV"]),
    ("norfloxacin", &["cefaclor"]),
    ("ofloxacin", &["cefaclor"]),
    ("omega-3", &["EPA/DHA"]),
    ("omeprazole", &["proton pump"]),
    ("oxytetracycline", &["cefaclor"]),
    ("pantoprazole", &["proton pump"]),
    ("potassium", &["potassium chloride"]),
    ("ppi", &["proton pump"]),
    ("prochlorperazine", &["cefaclor"]),
    ("proton pump inhibitor", &["proton pump"]),
    ("rabeprazole", &["proton pump"]),
    ("rifampin", &["cefaclor"]),
    ("risedronate", &["alendronate and other"]),
    ("thyroxine", &["levothyroxine"]),
    ("tobramycin", &["aminoglycosides"]),
    ("torasemide", &["loop diuretics"]),
    ("triamterene", &["potassium-sparing"]),
    ("vitamin d", &["vitamin D3"]),
    ("zinc", &["zinc 142"]),
];

/// Nutrients of which nothing is in the table, with what that means.
pub(super) const NUTRIENTS: &[(&str, &str)] = &[(
    "vitamin k",
    "no row on vitamin K is held: no interaction is assumed by default, which is not shown by data",
)];

/// Reads `ciprofloxacin at 8:00 and 20:00`.
///
/// # Errors
/// What is wrong, in words.
pub fn medicine(text: &str) -> Result<Medicine, String> {
    let (name, times) = match text.split_once(" at ") {
        Some((name, times)) => (name, Some(times)),
        None => (text, None),
    };
    let clock =
        |time: &str| clock_h(time).ok_or_else(|| format!("`{}` is no clock time", time.trim()));
    let clock_h = match times {
        Some(times) => times.split(" and ").map(clock).collect::<Result<Vec<_>, _>>()?,
        None => Vec::new(),
    };
    let name = name.trim().to_string();
    if name.is_empty() {
        return Err("a name is missing".to_string());
    }
    Ok(Medicine { name, clock_h })
}

/// Rows that a name belongs to; empty where no row knows it.
pub fn rows_of<'a>(name: &str, evidence: &'a Tables) -> Vec<&'a InteractionRow> {
    let name = name.trim().to_lowercase();
    let alias = ALIASES.iter().find(|(alias, agents)| *alias == name && !agents.is_empty());
    let has_words = |row: &&InteractionRow| match alias {
        Some((_, agents)) => agents.iter().any(|words| row.agent.starts_with(words)),
        None => words_of(&row.agent).any(|word| word == name || word == format!("{name}s")),
    };
    let mut found: Vec<&InteractionRow> =
        evidence.interactions().iter().filter(has_words).collect();
    if found.is_empty() {
        let class = |row: &&InteractionRow| !name.is_empty() && row.class.to_lowercase() == name;
        found = evidence.interactions().iter().filter(class).collect();
    }
    // A member of a group has the rows of the group too.
    if found.iter().any(|row| row.agent.starts_with("alendronate (")) {
        let group = |row: &&InteractionRow| row.agent.starts_with("alendronate and other");
        let more = evidence.interactions().iter().filter(group);
        let more: Vec<_> = more.filter(|row| !found.contains(row)).collect();
        found.extend(more);
    }
    found
}

/// The nearest name that is known, for "did you mean".
pub fn nearest(name: &str, evidence: &Tables) -> Option<String> {
    let agents: Vec<String> =
        evidence.interactions().iter().flat_map(|row| words_of(&row.agent)).collect();
    let names = ALIASES.iter().map(|(alias, _)| *alias).chain(agents.iter().map(String::as_str));
    did_you_mean(name, names).map(str::to_string)
}

/// Names in an agent's cell: `a (b)`, `a; b`, `a and other b`.
fn words_of(agent: &str) -> impl Iterator<Item = String> {
    let lower = agent.to_lowercase();
    let bare: String = lower.split(" (").next().unwrap_or_default().to_string();
    let inner = lower.split_once('(').map(|(_, rest)| rest.trim_end_matches(')').to_string());
    let whole =
        bare.replace(" and other oral ", ";").replace(" and other ", ";").replace("; ", ";");
    let mut words: Vec<String> =
        whole.split([';', ',']).map(|word| word.trim().to_string()).collect();
    if let Some(inner) = inner {
        words.extend(inner.split([',', ';']).map(|word| word.trim().to_string()));
    }
    words.into_iter().filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn every_alias_leads_to_a_row_and_names_are_found() {
        for (alias, agents) in ALIASES {
            assert_eq!(rows_of(alias, builtin()).is_empty(), agents.is_empty(), "{alias}");
        }
        let agents = |name: &str| -> Vec<String> {
            rows_of(name, builtin()).iter().map(|row| row.agent.clone()).collect()
        };
        assert_eq!(agents("Ciprofloxacin"), ["ciprofloxacin"]);
        assert_eq!(agents("omeprazole"), ["proton pump inhibitors"]);
        assert_eq!(agents("azithromycin").len(), 1);
        assert_eq!(agents("nifedipine").len(), 1);
        assert_eq!(agents("alendronate").len(), 2);
        assert_eq!(agents("zinc").len(), 1);
        assert!(agents("ciprofloxacine").is_empty());
        assert_eq!(nearest("ciprofloxacine", builtin()).as_deref(), Some("ciprofloxacin"));
    }

    #[test]
    fn clock_times_are_read() {
        let found = medicine("levothyroxine at 7:30 and 19:00").unwrap();
        assert_eq!((found.name.as_str(), found.clock_h), ("levothyroxine", vec![7.5, 19.0]));
        assert!(medicine("levothyroxine at noon").is_err());
    }
}
