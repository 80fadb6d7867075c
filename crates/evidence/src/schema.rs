//! The tables: files, keys, columns and what a cell may hold.

use crate::ledger::{Bears, ClaimKind, Finding, Status, System};

/// One table.
#[derive(Debug, Clone, Copy)]
pub struct TableSchema {
    /// File name.
    pub file: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Columns that together name a row.
    pub key: &'static [&'static str],
    /// Columns that must exist, with the rule of their cells; others are free text.
    pub columns: &'static [(&'static str, Rule)],
}

/// What a cell may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Anything.
    Text,
    /// Anything but nothing.
    Required,
    /// A number in digits, or nothing.
    Number,
    /// A whole number, or nothing.
    Count,
    /// A unit (with the `substance` column, where the table has one), or nothing.
    Unit,
    /// Keys of sources separated by `;`, or nothing.
    Sources,
    /// A web address, or nothing.
    Address,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

use Rule::{Address, Count, Number, OneOf, Required, Sources, Text, Unit};

const LEVELS: Rule = OneOf(&[
    "human_rct",
    "human_pk",
    "human_observational",
    "animal",
    "in_vitro",
    "textbook",
    "calibrated",
    "assumption",
]);
const SEEN: Rule = OneOf(&["page", "abstract", "computed", "recalled"]);
const SPECIES: Rule = OneOf(&[
    "human",
    "rat",
    "mouse",
    "dog",
    "goat",
    "cow",
    "sheep",
    "guinea_pig",
    "frog",
    "mixed",
    "none",
    "unknown",
]);
const SPREADS: Rule = OneOf(&["none", "sd", "sem", "cv", "range", "ci95", "p5_95"]);

/// Sections of the founding document, in the order in which a reader meets them.
pub const SECTIONS: &[&str] = &[
    "introduction",
    "science",
    "cognition",
    "neuroprotection",
    "sleep",
    "dosage_safety",
    "forms",
    "neurodegeneration",
    "mood_stress",
    "pain",
    "synergy",
    "future",
    "conclusion",
];
/// A status set by hand, or nothing where the rule decides.
const STATUSES: &[&str] = &[
    "",
    "supported_human",
    "mixed_human",
    "contradicted",
    "animal_only",
    "in_vitro_only",
    "assumption",
    "unknown",
];

/// Every table but the series.
#[rustfmt::skip]
pub const TABLES: &[TableSchema] = &[
    TableSchema {
        file: "values.csv", about: "one number, interval or text", key: &["id"],
        columns: &[
            ("id", Required), ("symbol", Required), ("meaning", Required),
            ("kind", OneOf(&["number", "interval", "text"])), ("value", Number), ("lo", Number),
            ("hi", Number), ("unit", Unit), ("unit_published", Text), ("value_published", Text),
            ("substance", Text), ("spread", Number), ("spread_lo", Number), ("spread_hi", Number),
            ("spread_kind", SPREADS), ("spread_published", Text), ("n", Count),
            ("species", SPECIES), ("population", Text), ("source_key", Sources), ("locator", Text),
            ("level", LEVELS), ("seen", SEEN), ("url", Address), ("formula", Text), ("note", Text),
        ],
    },
    TableSchema {
        file: "effects.csv", about: "one arm or contrast of a study", key: &["id"],
        columns: &[
            ("id", Required), ("study_key", Sources), ("outcome", Required), ("unit", Unit),
            ("n", Count), ("n_scope", OneOf(&["", "arm", "total", "studies"])), ("n_arm", Count),
            ("n_control", Count), ("baseline_mean", Number), ("baseline_sd", Number),
            ("followup_mean", Number), ("followup_sd", Number), ("followup_lo", Number),
            ("followup_hi", Number), ("control_mean", Number), ("control_sd", Number),
            ("spread_kind", OneOf(&["", "sd", "sem"])),
            ("events", Count), ("events_of", Count), ("change_mean", Number), ("change_sd", Number),
            ("change_lo", Number), ("change_hi", Number), ("effect_se", Number),
            ("between_arm_effect", Number), ("ci_low", Number), ("ci_high", Number),
            ("effect_kind", OneOf(&["", "md", "smd", "rr", "or", "percent"])),
            ("p_relation", OneOf(&["", "=", "<", "<=", ">", "ns", "text"])), ("p_value", Number),
            ("direction", OneOf(&["", "up", "down", "none"])),
            ("better", OneOf(&["", "higher", "lower"])), ("seen", SEEN), ("url", Address), ("note", Text),
        ],
    },
    TableSchema {
        file: "claims.csv", about: "one claim, with what it rests on", key: &["id"],
        columns: &[
            ("id", Required), ("aliases", Text), ("seed_section", OneOf(SECTIONS)),
            ("kind", OneOf(ClaimKind::WORDS)), ("claim", Required), ("testable_statement", Text),
            ("subject", Text), ("effect", Text), ("status", OneOf(STATUSES)),
            ("status_reason", Text), ("rated_up", Text), ("parameters", Text), ("outputs", Text),
            ("command", Text), ("why", Required),
        ],
    },
    TableSchema {
        file: "claim_statements.csv", about: "one statement as found, and its claim",
        key: &["id"],
        columns: &[
            ("id", Required), ("claim_id", Required), ("claim", Required),
            ("supporting_keys", Sources), ("contradicting_keys", Sources),
            ("status", OneOf(Status::WORDS)), ("why", Text),
        ],
    },
    TableSchema {
        file: "claim_evidence.csv", about: "what one study says of one claim",
        key: &["claim_id", "study_key", "part"],
        columns: &[
            ("claim_id", Required), ("study_key", Sources), ("part", Count),
            ("system", OneOf(System::WORDS)), ("bears", OneOf(Bears::WORDS)),
            ("finding", OneOf(Finding::WORDS)), ("outcome", Required), ("effect_ids", Text),
            ("pool", Text), ("bias", Text), ("indirectness", Text),
        ],
    },
    TableSchema {
        file: "studies.csv", about: "one study", key: &["key"],
        columns: &[
            ("key", Required), ("year", Count), ("design", Text), ("species", SPECIES),
            ("population", Text), ("n_total", Count), ("duration_days", Number), ("funding", Text),
            ("doi", Text), ("seen", SEEN), ("url", Address), ("note", Text),
        ],
    },
    TableSchema {
        file: "sources.csv", about: "one source that a table cites", key: &["key"],
        columns: &[
            ("key", Required), ("aliases", Text), ("year", Count), ("title", Text), ("doi", Text),
            ("url", Address), ("kind", OneOf(&["article", "book", "own", "other"])),
            ("seen", SEEN), ("note", Text),
        ],
    },
    TableSchema {
        file: "key_aliases.csv", about: "two keys that look alike", key: &["alias", "folder"],
        columns: &[("alias", Required), ("canonical", Sources), ("kind", Required)],
    },
    TableSchema {
        file: "salts.csv", about: "one salt form or hydrate", key: &["salt"],
        columns: &[
            ("salt", Required), ("formula", Required), ("mw_computed_g_per_mol", Number),
            ("mg_per_formula", Count), ("elemental_fraction", Number), ("mw_seen", Number),
            ("url", Address),
        ],
    },
    TableSchema {
        file: "substances.csv", about: "one substance with molar mass and valence", key: &["name"],
        columns: &[
            ("name", Required), ("molar_mass_g_per_mol", Number), ("valence", Count),
            ("source_key", Sources), ("seen", SEEN),
        ],
    },
    TableSchema {
        file: "stoichiometry.csv", about: "parts in one mole of a substance", key: &["from", "to"],
        columns: &[("from", Required), ("to", Required), ("mol_per_mol", Number)],
    },
    TableSchema {
        file: "gates.csv", about: "one fact at which a supplement is not an ordinary choice",
        key: &["id"],
        columns: &[
            ("id", Required), ("fact", Required), ("sign", OneOf(&["", "below", "above"])),
            ("value", Number), ("unit", Unit), ("grade", OneOf(&["stop", "caution"])),
            ("text", Required), ("monitor", Text), ("level", LEVELS), ("source_key", Sources),
            ("seen", SEEN), ("url", Address),
        ],
    },
    TableSchema {
        file: "interactions.csv", about: "one drug or nutrient interaction",
        key: &["agent", "source_key"],
        columns: &[
            ("agent", Required), ("direction", Required), ("effect", Number),
            ("effect_lo", Number), ("effect_hi", Number), ("hours_drug_before", Number),
            ("hours_drug_after", Number), ("severity", Text), ("source_key", Sources),
            ("seen", SEEN), ("url", Address),
        ],
    },
    TableSchema {
        file: "limits.csv", about: "one reference intake, upper level or threshold", key: &["id"],
        columns: &[
            ("id", Required), ("kind", OneOf(&["AI", "RDA", "UL", "threshold"])),
            ("value", Number), ("lo", Number), ("hi", Number), ("unit", Unit), ("substance", Text),
            ("scope", Required), ("source_key", Sources), ("seen", SEEN), ("url", Address),
        ],
    },
    TableSchema {
        file: "checks.csv", about: "one observation a model is held against", key: &["id"],
        columns: &[
            ("id", Required), ("kind", OneOf(&["observed", "computed"])),
            ("role", OneOf(&["test", "calibration", "descriptive"])), ("quantity", Required),
            ("observed", Number), ("lo", Number), ("hi", Number), ("spread", Number),
            ("spread_kind", SPREADS), ("unit", Unit), ("model_value", Number),
            ("model_lo", Number), ("model_hi", Number), ("source_key", Sources),
        ],
    },
    TableSchema {
        file: "model_registry.csv", about: "one published model", key: &["model"],
        columns: &[("model", Required), ("domain", Text), ("url", Address), ("seen", SEEN)],
    },
];

/// The files in `series/`; rows keep their own order and have no key.
pub const SERIES: TableSchema = TableSchema {
    file: "series/*.csv",
    about: "one point of a time course or dose-response",
    key: &[],
    columns: &[
        ("time", Number),
        ("time_hi", Number),
        ("time_unit", Unit),
        ("quantity", Text),
        ("value", Number),
        ("unit", Unit),
        ("spread", Number),
        ("spread_lo", Number),
        ("spread_hi", Number),
        ("spread_kind", SPREADS),
        ("n", Count),
        ("arm", Text),
        ("dose_elemental_mg", Number),
        ("dose_hi", Number),
        ("source_key", Sources),
        ("seen", SEEN),
    ],
};

/// The schema of a file, by its name without the folder of the evidence.
pub fn schema(file: &str) -> Option<&'static TableSchema> {
    if file.starts_with("series/") {
        return Some(&SERIES);
    }
    TABLES.iter().find(|table| table.file == file)
}
