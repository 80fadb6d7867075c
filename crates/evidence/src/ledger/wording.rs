//! The sentence of a claim, worded by its certainty as GRADE asks.

use crate::Species;

use super::{CertaintyLevel, Claim, ClaimKind, Finding, Status, System};

/// What an imprecise finding says.
const OPEN: &str = "the interval holds both no effect and the effect that others found";

impl Claim<'_> {
    /// What can be said, in one or two sentences.
    pub fn conclusion(&self) -> String {
        let row = self.row;
        let (subject, effect) = (&row.subject, &row.effect);
        if row.kind == ClaimKind::Fact {
            return format!("{}: {}", self.fact_words(), row.claim);
        }
        if row.set_status.is_some() {
            // Where no rule speaks, the reason does.
            return format!("By hand, {}: {}.", self.status.words(), row.status_reason);
        }
        let whether = format!("whether {} brings {effect}", lower(subject));
        match self.status {
            Status::SupportedHuman | Status::MixedHuman => {
                if self.status == Status::SupportedHuman {
                    return format!("In people, {}.", self.modal(subject, effect, true));
                }
                let [yes, no, none] = self.findings();
                let count =
                    format!("Studies disagree: {yes} for, {no} against, {none} without effect.");
                // Words that lean to one side would mislead where most findings lean to the other.
                if no + none > yes {
                    return format!("In people it is uncertain {whether}. {count}");
                }
                format!("In people, {}. {count}", self.modal(subject, effect, true))
            }
            Status::Contradicted => format!("In people, {}.", self.modal(subject, effect, false)),
            Status::AnimalOnly => {
                let seen = format!("In animals it was seen ({}).", self.species().join(", "));
                format!("{} {seen}", self.untested(&whether))
            }
            Status::InVitroOnly => {
                format!("{} In cells or channels it was seen.", self.untested(&whether))
            }
            Status::Assumption => format!("It is assumed, not tested, {whether}."),
            Status::Unknown if self.is_open() => {
                format!("It is not known {whether}: it was tested in people, and {OPEN}.")
            }
            Status::Unknown if self.has_null() => format!(
                "It is not known {whether}: no study made to test it was found, and where it was \
                 touched in passing no effect was seen."
            ),
            Status::Unknown => {
                format!("It is not known {whether}: no study that tests it was found.")
            }
        }
    }

    /// What can be said of people where nothing in them speaks for it.
    fn untested(&self, whether: &str) -> String {
        let (how, and) = if self.is_open() {
            ("it was tested", format!(", and {OPEN}"))
        } else if self.has_null() {
            (
                "no study was made to test",
                ", and where it was touched no effect was seen".to_owned(),
            )
        } else {
            ("it was not tested", String::new())
        };
        format!("In people the evidence is very uncertain: {how} {whether}{and}.")
    }

    /// Findings in people that count: for, against, without effect.
    fn findings(&self) -> [usize; 3] {
        [Finding::For, Finding::Against, Finding::Null].map(|finding| {
            let same = |link: &&super::Link<'_>| {
                link.counts() && link.row.system == System::Human && link.row.finding == finding
            };
            self.links.iter().filter(same).count()
        })
    }

    /// Whether a study in people tested it and left it open.
    fn is_open(&self) -> bool {
        self.links.iter().any(|link| {
            link.counts()
                && link.row.system == System::Human
                && link.row.finding == Finding::Imprecise
        })
    }

    /// Whether people showed no effect on it in a study made for something else.
    fn has_null(&self) -> bool {
        self.findings()[2] > 0
    }

    /// The animals in which a study that counts found it.
    fn species(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = Vec::new();
        for link in &self.links {
            let found = link.counts()
                && link.row.system == System::Animal
                && link.row.finding == Finding::For;
            let name = match link.study.map(|study| study.species) {
                Some(Species::Rat) => "rats",
                Some(Species::Mouse) => "mice",
                Some(Species::Dog) => "dogs",
                _ => "other animals",
            };
            if found && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// `results in`, `probably results in`, `may result in`, `very uncertain`.
    fn modal(&self, subject: &str, effect: &str, yes: bool) -> String {
        let level = self.certainty.as_ref().filter(|one| one.body == System::Human);
        let level = level.map_or(CertaintyLevel::VeryLow, |one| one.level);
        let subject = lower(subject);
        match (level, yes) {
            (CertaintyLevel::High, true) => format!("{subject} results in {effect}"),
            (CertaintyLevel::Moderate, true) => format!("{subject} probably results in {effect}"),
            (CertaintyLevel::Low, true) => format!("{subject} may result in {effect}"),
            (CertaintyLevel::High, false) => format!("{subject} does not result in {effect}"),
            (CertaintyLevel::Moderate, false) => {
                format!("{subject} probably does not result in {effect}")
            }
            (CertaintyLevel::Low, false) => format!("{subject} may not result in {effect}"),
            (CertaintyLevel::VeryLow, true) => {
                format!("the evidence is very uncertain about {effect} from {subject}")
            }
            (CertaintyLevel::VeryLow, false) => format!(
                "the evidence is very uncertain about {effect} from {subject}; what there is \
                 speaks against it"
            ),
        }
    }

    fn fact_words(&self) -> &'static str {
        match self.status {
            Status::SupportedHuman => "Holds, as far as these tables go",
            Status::MixedHuman => "Holds in part",
            Status::Contradicted => "Does not hold",
            _ => "Not shown",
        }
    }
}

/// The first letter small, unless the word is an abbreviation.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let (first, second) = (letters.next(), letters.next());
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}
