//! Words, numbers and quantities of a rule.

use super::RuleWorld;
use epsom_diag::{Diagnostic, FileId, Span};
use epsom_model::ir::DisplayUnit;
use epsom_units::{Quantity, Unit, UnitError, convert_through, parse_unit};

/// Words that end a unit.
const AFTER_UNIT: &[&str] =
    &[",", "and", "at", "by", "to", "up", "down", "into", "over", "for", "once", "every"];

/// The words of one rule, one after the other; commas and `%` are words.
#[derive(Clone)]
pub(super) struct Words<'a> {
    text: &'a str,
    file: FileId,
    words: Vec<(usize, &'a str)>,
    at: usize,
    /// Hours of the last unit of time that was read.
    pub(super) last_unit_h: f64,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, file: FileId) -> Self {
        let mut words: Vec<(usize, &str)> = Vec::new();
        let mut from = None;
        let mut push = |from: usize, to: usize| {
            let word = &text[from..to];
            // `10mmol/L` is a number and a unit.
            let digits = number_length(word);
            if digits > 0 && digits < word.len() {
                words.push((from, &word[..digits]));
                words.push((from + digits, &word[digits..]));
            } else {
                words.push((from, word));
            }
        };
        for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
            let alone = matches!(letter, ',' | '%' | '>' | '<' | '[' | ']');
            if alone || letter.is_whitespace() {
                if let Some(from) = from.take() {
                    push(from, at);
                }
                // Brackets may stand around a unit, as in a model.
                if alone && !matches!(letter, '[' | ']') {
                    push(at, at + 1);
                }
            } else if from.is_none() {
                from = Some(at);
            }
        }
        Self { text, file, words, at: 0, last_unit_h: 1.0 }
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).map(|&(_, word)| word)
    }

    /// The next word; empty at the end.
    pub(super) fn next_word(&mut self) -> &'a str {
        let word = self.peek().unwrap_or_default();
        self.at += 1;
        word
    }

    /// Reads one of these words, if it is next.
    pub(super) fn takes(&mut self, wanted: &[&str]) -> bool {
        let is = self.peek().is_some_and(|word| wanted.contains(&word));
        self.at += usize::from(is);
        is
    }

    pub(super) fn expect(&mut self, word: &str, what: &str) -> Result<(), Diagnostic> {
        if self.takes(&[word]) {
            return Ok(());
        }
        self.at += 1;
        Err(self.wrong_before(&format!("`{word}` and {what}")))
    }

    /// Goes behind the next `word`, if there is one.
    pub(super) fn skip_to(&mut self, word: &str) -> bool {
        let found =
            self.words[self.at.min(self.words.len())..].iter().position(|one| one.1 == word);
        self.at += found.map_or(0, |found| found + 1);
        found.is_some()
    }

    /// Whether a number follows a comma or `and`.
    pub(super) fn is_list_going_on(&self) -> bool {
        let number = |at: usize| self.words.get(at).is_some_and(|one| number_length(one.1) > 0);
        matches!(self.peek(), Some("," | "and")) && number(self.at + 1)
    }

    pub(super) fn end(&mut self) -> Result<(), Diagnostic> {
        match self.peek() {
            None => Ok(()),
            Some(_) => {
                self.at += 1;
                Err(self.wrong_before("the end of the rule"))
            }
        }
    }

    /// The place of the word that was read last.
    pub(super) fn last_span(&self) -> Span {
        let end = (self.text.len(), "");
        let &(from, word) = self.words.get(self.at.wrapping_sub(1)).unwrap_or(&end);
        Span::new(self.file, from, from + word.len())
    }

    /// The word that was read last is not `wanted`.
    pub(super) fn wrong_before(&self, wanted: &str) -> Diagnostic {
        Diagnostic::error("E0614", "a rule cannot be read")
            .at(self.last_span(), format!("expected {wanted}"))
            .help("such as `when Cc > 2.5 mmol/L at visits every 7 d, halve the dose`")
            .help("or `start 100 mg, every 7 d add 100 mg up to 400 mg`, or `miss 10 %`")
    }

    pub(super) fn number(&mut self) -> Result<f64, Diagnostic> {
        let number = self.next_word().parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| self.wrong_before("a number"))
    }

    /// `25 %`, if that is next.
    pub(super) fn percent(&mut self) -> Option<f64> {
        let number = self.peek()?.parse::<f64>().ok()?;
        let is = self.words.get(self.at + 1).is_some_and(|&(_, word)| word == "%");
        self.at += if is { 2 } else { 0 };
        is.then_some(number)
    }

    /// Text of a unit, and its place; empty where none is given.
    fn unit(&mut self) -> (&'a str, Span) {
        let first = self.at;
        while self.peek().is_some_and(|word| !AFTER_UNIT.contains(&word)) {
            self.at += 1;
        }
        if first == self.at {
            return ("", self.last_span());
        }
        let (from, (last, word)) = (self.words[first].0, self.words[self.at - 1]);
        let to = last + word.len();
        (self.text[from..to].trim(), Span::new(self.file, from, to))
    }

    /// A number with a unit of the dimension of `unit`, base units; a bare number is in `unit`.
    pub(super) fn quantity(
        &mut self,
        world: &RuleWorld<'_>,
        unit: &DisplayUnit,
        name: &str,
    ) -> Result<f64, Diagnostic> {
        let value = self.number()?;
        let (given, at) = self.unit();
        if given.is_empty() {
            return Ok(value / unit.per_base);
        }
        if unit.text.is_empty() {
            return Err(Diagnostic::error("E0312", format!("`{name}` has no unit"))
                .at(at, "this is one")
                .help("give the number alone"));
        }
        let (given, wanted) = (unit_of(world, given, at)?, unit_of(world, &unit.text, at)?);
        let mismatch = |note: String| {
            Diagnostic::error("E0312", "units do not match")
                .at(at, format!("this is {}, but `{name}` is in {}", given.text, wanted.text))
                .help(format!("give a value in `{}`", unit.text))
                .note(note)
        };
        if wanted.dimension == given.dimension {
            return Ok(given.to_base(value));
        }
        let convert = || -> Result<f64, UnitError> {
            let value = Quantity::new(value, &given);
            let id = |unit: &Unit| unit.dimension.substances().next().map(|(id, _)| id.clone());
            let value = match (id(&given), id(&wanted)) {
                (Some(from), Some(to)) => convert_through(&value, &from, &to, world.substances)?,
                _ => value,
            };
            value.in_unit(&wanted)?;
            Ok(value.value)
        };
        convert().map_err(|error| mismatch(error.to_string()))
    }

    /// An amount of a dose, base units of the compartment.
    pub(super) fn amount(
        &mut self,
        world: &RuleWorld<'_>,
        compartment: u32,
    ) -> Result<f64, Diagnostic> {
        let Some(target) = world.model.compartments.get(compartment as usize) else {
            return Err(self.wrong_before("a model with a compartment"));
        };
        let amount = self.quantity(world, &target.unit, &target.name)?;
        match amount >= 0.0 {
            true => Ok(amount),
            false => Err(self.wrong_before("an amount that is not negative")),
        }
    }

    /// A time with its unit, h.
    pub(super) fn time_h(&mut self, world: &RuleWorld<'_>) -> Result<f64, Diagnostic> {
        let (known, _) = self.duration_or_number(world)?;
        known.ok_or_else(|| self.wrong_before("a unit of time, such as `h` or `d`"))
    }

    /// A duration above 0, h.
    pub(super) fn duration_h(&mut self, world: &RuleWorld<'_>) -> Result<f64, Diagnostic> {
        let time_h = self.time_h(world)?;
        match time_h > 0.0 {
            true => Ok(time_h),
            false => Err(self.wrong_before("a time above 0")),
        }
    }

    /// A duration, h, where a unit is given; and the number.
    pub(super) fn duration_or_number(
        &mut self,
        world: &RuleWorld<'_>,
    ) -> Result<(Option<f64>, f64), Diagnostic> {
        let number = self.number()?;
        if number < 0.0 {
            return Err(self.wrong_before("a time that is not negative"));
        }
        // One word: what is done may follow it.
        let Some(name) = self.peek().filter(|word| !AFTER_UNIT.contains(word)) else {
            return Ok((None, number));
        };
        self.at += 1;
        let at = self.last_span();
        // As people say it, beside what units know.
        let name = match name {
            "hours" | "hour" => "h",
            "days" | "day" => "d",
            "weeks" | "week" => "wk",
            name => name,
        };
        let hours = unit_of(world, "h", at)?;
        let unit = unit_of(world, name, at)?;
        if unit.dimension != hours.dimension {
            return Err(Diagnostic::error("E0312", "units do not match")
                .at(at, "not a unit of time")
                .help("give a time such as `7 d` or `12 h`"));
        }
        self.last_unit_h = unit.to_base(1.0);
        Ok((Some(unit.to_base(number)), number))
    }
}

fn unit_of(world: &RuleWorld<'_>, text: &str, at: Span) -> Result<Unit, Diagnostic> {
    parse_unit(text, world.substances, world.substance.cloned()).map_err(|error| {
        let said = Diagnostic::error("E0301", "a unit is not understood").at(at, error.to_string());
        match error.help() {
            Some(help) => said.help(help),
            None => said,
        }
    })
}

/// Length of the number at the start of a word; 0 where there is none.
fn number_length(word: &str) -> usize {
    let digits = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '+');
    if !word.starts_with(digits) {
        return 0;
    }
    if word.parse::<f64>().is_ok() {
        return word.len();
    }
    let end = word.find(|letter: char| !digits(letter)).unwrap_or(word.len());
    if word[..end].parse::<f64>().is_ok() { end } else { 0 }
}
