//! Words that people write for units, and the unit that they mean.

use crate::names::find_unit;

/// Words before a unit and their letters.
const PREFIXES: &[(&str, &str)] = &[
    ("", ""),
    ("centi", "c"),
    ("deci", "d"),
    ("femto", "f"),
    ("kilo", "k"),
    ("micro", "u"),
    ("milli", "m"),
    ("nano", "n"),
    ("pico", "p"),
];

/// Words and their units, without prefixes.
const WORDS: &[(&str, &str)] = &[
    ("equivalent", "Eq"),
    ("gram", "g"),
    ("gramme", "g"),
    ("liter", "L"),
    ("litre", "L"),
    ("meter", "m"),
    ("metre", "m"),
    ("mole", "mol"),
    ("second", "s"),
    ("volt", "V"),
];

/// What stands for itself.
const OTHERS: &[(&str, &str)] = &[
    ("cc", "mL"),
    ("gm", "g"),
    ("hrs", "h"),
    ("litres", "L"),
    ("ltr", "L"),
    ("ltrs", "L"),
    ("mcmol", "umol"),
    ("mins", "min"),
    ("molar", "M"),
    ("mth", "month"),
    ("pct", "%"),
    ("percent", "%"),
    ("sec", "s"),
    ("secs", "s"),
    ("wks", "wk"),
    ("yrs", "yr"),
];

/// The unit that a word means: `L` for `litre`, `mg` for `milligrams`.
pub fn unit_of_word(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    if let Some(&(_, unit)) = OTHERS.iter().find(|(known, _)| *known == word) {
        return Some(unit);
    }
    let one = word.strip_suffix('s').unwrap_or(&word);
    for (long, short) in PREFIXES {
        let Some(rest) = one.strip_prefix(long) else { continue };
        if let Some((_, unit)) = WORDS.iter().find(|(known, _)| *known == rest) {
            return find_unit(&format!("{short}{unit}")).map(|row| row.name);
        }
    }
    // `mgs`, `Mg/L` of a text in capitals.
    let same = |row: &&crate::UnitName| row.name.eq_ignore_ascii_case(one);
    let mut rows = crate::UNIT_NAMES.iter().filter(same);
    let first = rows.next()?;
    // Two units that differ in case only are not guessed at.
    rows.all(|row| row.name == first.name).then_some(first.name)
}

/// Units that are not read, and how much of one that is they are.
const FOREIGN: &[(&str, &str)] = &[
    ("ft", "0.3048[m]"),
    ("gal", "3.785411784[L]"),
    ("in", "2.54[cm]"),
    ("inch", "2.54[cm]"),
    ("lb", "0.45359237[kg]"),
    ("lbs", "0.45359237[kg]"),
    ("oz", "0.028349523125[kg]"),
    ("pound", "0.45359237[kg]"),
    ("pounds", "0.45359237[kg]"),
    ("stone", "6.35029318[kg]"),
];

/// What one of a unit that is not read is, by definition: `0.45359237[kg]` for `lb`.
pub fn foreign_unit(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    FOREIGN.iter().find(|(known, _)| *known == word).map(|&(_, is)| is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_to_units_that_exist() {
        for (word, unit) in [
            ("litre", "L"),
            ("Liters", "L"),
            ("millilitres", "mL"),
            ("microgram", "ug"),
            ("kilograms", "kg"),
            ("millimoles", "mmol"),
            ("milliequivalents", "mEq"),
            ("hrs", "h"),
            ("percent", "%"),
            ("KG", "kg"),
            ("mgs", "mg"),
        ] {
            assert_eq!(unit_of_word(word), Some(unit), "{word}");
        }
        for word in ["", "s", "stone", "kilolitre", "MM", "centiequivalent"] {
            let found = unit_of_word(word);
            assert!(found.is_none_or(|unit| find_unit(unit).is_some()), "{word}: {found:?}");
        }
        assert_eq!(unit_of_word("stone"), None);
        assert_eq!((unit_of_word("Ltr"), foreign_unit("lb")), (Some("L"), Some("0.45359237[kg]")));
        assert!(FOREIGN.iter().all(|(word, _)| find_unit(word).is_none()));
        for (_, unit) in OTHERS {
            assert!(crate::unit_names().any(|known| known == *unit), "{unit}");
        }
    }
}
