//! What the ledger of claims holds on a goal in words; nothing is computed from a goal.

use epsom_evidence::{ClaimKind, Tables, claim};

/// At most this many claims are shown.
const MOST: usize = 3;

/// A line per claim that speaks of the goal, or one that says that none does.
pub fn goal_lines(goal: &str, evidence: &Tables) -> Vec<String> {
    let goal = goal.trim();
    if goal.is_empty() {
        return Vec::new();
    }
    let lower = goal.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 4).collect();
    let speaks = |text: &str| {
        let text = text.to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let of_goal = |id: &str| claim(evidence, id);
    let rows = evidence.claims().iter().filter(|row| speaks(&row.claim) || speaks(&row.effect));
    // Effects first: what a goal asks for.
    let (effects, others): (Vec<_>, Vec<_>) = rows.partition(|row| row.kind == ClaimKind::Effect);
    let all: Vec<_> = effects.into_iter().chain(others).collect();
    let mut lines: Vec<String> = (all.iter().take(MOST))
        .filter_map(|row| {
            let claim = of_goal(&row.id)?;
            let sure = claim.certainty.as_ref().map_or("not graded", |one| one.level.name());
            let said = claim.conclusion();
            Some(format!("{said} Certainty: {sure}. [claim {}]", row.id))
        })
        .collect();
    if lines.is_empty() {
        return vec![format!(
            "No claim of the evidence speaks of \"{goal}\": nothing is known here, which is not \"no effect\". [claims.csv]"
        )];
    }
    if all.len() > MOST {
        lines.push(format!(
            "{} more claims speak of it; `epsom evidence search` shows them. [claims.csv]",
            all.len() - MOST
        ));
    }
    lines.push("The goal changes no number of this plan. [claims.csv]".to_string());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_evidence::builtin;

    #[test]
    fn a_goal_shows_what_is_held_and_says_where_nothing_is() {
        let sleep = goal_lines("better sleep", builtin());
        assert!(sleep.len() >= 3 && sleep[0].contains("[claim "));
        let none = goal_lines("juggling", builtin());
        assert!(none.len() == 1 && none[0].starts_with("No claim"));
        assert!(goal_lines(" ", builtin()).is_empty());
    }
}
