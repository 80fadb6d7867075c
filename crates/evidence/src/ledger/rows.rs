//! Rows of `claims.csv`, `claim_statements.csv` and `claim_evidence.csv`.

use crate::sheet::Sheet;

/// One claim of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimRow {
    /// Key, such as `C15`.
    pub id: String,
    /// Ids of statements merged into it, separated by `;`.
    pub aliases: String,
    /// Part of the subject.
    pub section: String,
    /// What sort of statement it is.
    pub kind: ClaimKind,
    /// The claim in our words.
    pub claim: String,
    /// What a test would show.
    pub testable: String,
    /// What acts, for sentences; empty for facts.
    pub subject: String,
    /// What it is said to bring, as a noun phrase; empty for facts.
    pub effect: String,
    /// Status set by hand; `None` where the rule decides.
    pub set_status: Option<Status>,
    /// Why it is set by hand.
    pub status_reason: String,
    /// Why observational evidence is rated up by one step; empty where it is not.
    pub rated_up: String,
    /// Ids of `values.csv` that carry the claim into models.
    pub parameters: Vec<String>,
    /// Outputs of the built-in model that rest on it.
    pub outputs: Vec<String>,
    /// Command that simulates it; empty where no model does.
    pub command: String,
    /// Why the status is what it is.
    pub why: String,
}

/// One statement as it was found, before merging.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementRow {
    /// Key.
    pub id: String,
    /// Claim it belongs to.
    pub claim_id: String,
    /// The statement.
    pub claim: String,
    /// Its status when it was written down.
    pub status: String,
    /// The reason then given.
    pub why: String,
    /// Keys then named in favor, separated by `;`.
    pub supporting_keys: String,
    /// Keys then named against, separated by `;`.
    pub contradicting_keys: String,
}

/// One study that bears on one claim with one outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkRow {
    /// Claim.
    pub claim_id: String,
    /// Study or source.
    pub study_key: String,
    /// Tells several outcomes of one study apart.
    pub part: String,
    /// In what.
    pub system: System,
    /// Whether it tests the statement itself.
    pub bears: Bears,
    /// What it found.
    pub finding: Finding,
    /// What was measured, in words.
    pub outcome: String,
    /// Rows of `effects.csv`.
    pub effect_ids: Vec<String>,
    /// Rows with the same word here are alike enough to be pooled.
    pub pool: String,
    /// A known risk of bias; empty where none is noted.
    pub bias: String,
    /// Why it answers a slightly different question; empty where it does not.
    pub indirectness: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            /// Every word, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// From the word of the table.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }

            /// The word of the table.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words! {
    /// What sort of statement a claim is.
    ClaimKind {
        /// One thing brings another about; evidence can be graded.
        Effect = "effect",
        /// A statement of fact or background; it is true or not, and not graded.
        Fact = "fact",
        /// An inference that no study was made to test.
        Inference = "inference",
        /// Advice.
        Advice = "advice",
        /// Says that something is still to be studied.
        Gap = "gap",
    }
}

words! {
    /// What the evidence says of a claim.
    Status {
        /// People were studied, and what was found agrees.
        SupportedHuman = "supported_human",
        /// People were studied, and what was found does not agree.
        MixedHuman = "mixed_human",
        /// A direct test in people failed, or the text says what the record does not hold.
        Contradicted = "contradicted",
        /// Shown in animals, not tested in people.
        AnimalOnly = "animal_only",
        /// Shown in cells or channels only.
        InVitroOnly = "in_vitro_only",
        /// An inference or advice without a test.
        Assumption = "assumption",
        /// No study that tests it was found.
        Unknown = "unknown",
    }
}

words! {
    /// In what something was found.
    System {
        /// People.
        Human = "human",
        /// Animals.
        Animal = "animal",
        /// Cells, tissue, channels or chemistry.
        InVitro = "in_vitro",
    }
}

words! {
    /// How near a study comes to the statement.
    Bears {
        /// It tests the statement itself.
        Direct = "direct",
        /// Another salt, outcome, population or route.
        Indirect = "indirect",
    }
}

words! {
    /// What a study found, seen from the claim.
    Finding {
        /// In favor.
        For = "for",
        /// Against: the endpoint that the study was made for failed, or the opposite was found.
        Against = "against",
        /// No effect on an outcome that the study was not made for.
        Null = "null",
        /// The interval holds both no effect and the effect that others found.
        Imprecise = "imprecise",
        /// Not published, or not to be read.
        Unclear = "unclear",
    }
}

impl Status {
    /// The word for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::SupportedHuman => "supported in people",
            Self::MixedHuman => "mixed in people",
            Self::Contradicted => "contradicted",
            Self::AnimalOnly => "animals only",
            Self::InVitroOnly => "cells only",
            Self::Assumption => "assumption",
            Self::Unknown => "unknown",
        }
    }
}

/// Parts of a `;` list without empty ones.
pub(crate) fn parts(text: &str) -> Vec<String> {
    text.split(';').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

pub(crate) fn read_claims(sheet: &Sheet<'_>) -> Vec<ClaimRow> {
    let names = [
        "id",
        "aliases",
        "seed_section",
        "kind",
        "claim",
        "testable_statement",
        "subject",
        "effect",
        "status",
        "status_reason",
        "rated_up",
        "parameters",
        "outputs",
        "command",
        "why",
    ];
    let row = |cells: [&str; 15]| {
        let [id, aliases, section, kind, claim, testable, subject, effect, status, ..] = cells;
        let [.., status_reason, rated_up, parameters, outputs, command, why] = cells;
        Some(ClaimRow {
            id: id.to_owned(),
            aliases: aliases.to_owned(),
            section: section.to_owned(),
            kind: ClaimKind::parse(kind)?,
            claim: claim.to_owned(),
            testable: testable.to_owned(),
            subject: subject.to_owned(),
            effect: effect.to_owned(),
            set_status: Status::parse(status),
            status_reason: status_reason.to_owned(),
            rated_up: rated_up.to_owned(),
            parameters: parts(parameters),
            outputs: parts(outputs),
            command: command.to_owned(),
            why: why.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}

pub(crate) fn read_statements(sheet: &Sheet<'_>) -> Vec<StatementRow> {
    let names =
        ["id", "claim_id", "claim", "status", "why", "supporting_keys", "contradicting_keys"];
    let row = |cells: [&str; 7]| {
        let [id, claim_id, claim, status, why, supporting_keys, contradicting_keys] =
            cells.map(str::to_owned);
        StatementRow { id, claim_id, claim, status, why, supporting_keys, contradicting_keys }
    };
    sheet.records(names).map(row).collect()
}

pub(crate) fn read_links(sheet: &Sheet<'_>) -> Vec<LinkRow> {
    let names = [
        "claim_id",
        "study_key",
        "part",
        "system",
        "bears",
        "finding",
        "outcome",
        "effect_ids",
        "pool",
        "bias",
        "indirectness",
    ];
    let row = |cells: [&str; 11]| {
        let [claim_id, study_key, part, system, bears, finding, outcome, effects, ..] = cells;
        let [.., pool, bias, indirectness] = cells;
        Some(LinkRow {
            claim_id: claim_id.to_owned(),
            study_key: study_key.to_owned(),
            part: part.to_owned(),
            system: System::parse(system)?,
            bears: Bears::parse(bears)?,
            finding: Finding::parse(finding)?,
            outcome: outcome.to_owned(),
            effect_ids: parts(effects),
            pool: pool.to_owned(),
            bias: bias.to_owned(),
            indirectness: indirectness.to_owned(),
        })
    };
    sheet.records(names).filter_map(row).collect()
}
