//! Rules in a run: what changes the doses that are still to come.
//!
//! A timeline says what is planned; rules say what becomes of it: titration, decisions at visits,
//! rescue doses, doses that are missed or taken late. What they did is in the trajectory.

use crate::timeline::Dose;
use epsom_maths::{Address, hash_name, uniform};
use epsom_model::ir::{BinaryOp, Mode, Model, Node};

/// Rules of a run, in the order in which they are asked at one time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    /// Decisions.
    pub rules: Vec<Rule>,
    /// Doses that are not taken as planned.
    pub lapses: Vec<Lapse>,
}

/// Rules for one subject.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conduct<'a> {
    /// The rules.
    pub rules: &'a Rules,
    /// Whose doses are missed or late; the occasion is the number of the dose.
    pub address: Address,
}

/// One decision that may be taken.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What must hold; none for always.
    pub when: Option<When>,
    /// When it is asked.
    pub visits: Visits,
    /// Whether it is taken once only.
    pub once: bool,
    /// What is done.
    pub act: Act,
}

/// An output beyond a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct When {
    /// Output by index.
    pub output: u32,
    /// Above the limit, or below.
    pub above: bool,
    /// The limit, base units of the output; itself not beyond.
    pub limit: f64,
}

/// When a rule is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Visits {
    /// Before everything else.
    Start,
    /// Each multiple of this many hours after the first record of a dose, the first one included;
    /// after the first record where there is no dose.
    Every(f64),
    /// At these times, h.
    At(Vec<f64>),
    /// Where its condition begins to hold; [`Rules::watch`] gives the mode that says so.
    Always {
        /// Mode by index.
        mode: Option<u32>,
    },
}

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Act {
    /// Doses to come are `times` the amount before, `plus` more, but not beyond `limit`; a dose
    /// that is beyond it already stays as it is.
    Change {
        /// Factor.
        times: f64,
        /// Base units of the dose's compartment.
        plus: f64,
        /// The same.
        limit: Option<f64>,
    },
    /// Each dose to come has this amount.
    Set(f64),
    /// No doses, and no running infusion, for so many hours; infinity until they are resumed.
    Hold(f64),
    /// Doses are given again.
    Resume,
    /// A dose beyond the plan, now; neither held nor changed by rules.
    Give(Dose),
}

/// Doses that are not taken as planned. All records of a dose at one time are one dose.
#[derive(Debug, Clone, PartialEq)]
pub struct Lapse {
    /// Which of them.
    pub which: Which,
    /// What becomes of them; none for missed.
    pub late_h: Option<(f64, f64)>,
}

/// Doses by chance or by number.
#[derive(Debug, Clone, PartialEq)]
pub enum Which {
    /// Each with this probability.
    Share(f64),
    /// These, counted from 1.
    Doses(Vec<u32>),
}

/// What a rule or a lapse did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// When, h.
    pub time_h: f64,
    /// By what.
    pub by: By,
    /// The output that was asked, base units; the delay, h, of a late dose.
    pub value: Option<f64>,
    /// Number of doses planned until then.
    pub dose: u32,
    /// Compartment of the dose.
    pub compartment: u32,
    /// Amount of a dose before, base units of the compartment; 0 while doses are held.
    pub before: f64,
    /// Amount after.
    pub after: f64,
}

/// What took a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A rule by index.
    Rule(u32),
    /// A dose is missed.
    Missed,
    /// A dose is late.
    Late,
}

impl Rules {
    /// Adds to `model` the conditions of rules that are asked all the time, so that a run stops
    /// where one begins to hold.
    pub fn watch(&mut self, model: &mut Model) {
        for rule in &mut self.rules {
            let (Visits::Always { mode }, Some(when)) = (&mut rule.visits, rule.when) else {
                continue;
            };
            let value = model.outputs[when.output as usize].value;
            let limit = model.exprs.add(Node::Const(when.limit));
            let (a, b) = if when.above { (value, limit) } else { (limit, value) };
            let value = model.exprs.add(Node::Binary(BinaryOp::Sub, a, b));
            *mode = Some(model.modes.len() as u32);
            model.modes.push(Mode::Root { value, strict: true });
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.lapses.is_empty()
    }
}

impl When {
    /// Whether it holds; not for what is no number.
    pub fn holds(&self, value: f64) -> bool {
        if self.above { value > self.limit } else { value < self.limit }
    }
}

impl Act {
    /// Amount after it of a dose of `amount` before it.
    pub fn amount(&self, amount: f64) -> f64 {
        match *self {
            Act::Set(amount) => amount,
            Act::Change { times, plus, limit } => {
                let wanted = (times * amount + plus).max(0.0);
                match limit {
                    Some(limit) if wanted > amount => wanted.min(limit).max(amount),
                    Some(limit) => wanted.max(limit).min(amount),
                    None => wanted,
                }
            }
            Act::Hold(_) | Act::Resume | Act::Give(_) => amount,
        }
    }
}

impl Conduct<'_> {
    /// Whether dose `dose` (from 1) is missed.
    pub fn misses(&self, dose: u32) -> bool {
        let mut lapses = self.rules.lapses.iter().enumerate();
        lapses.any(|(at, lapse)| lapse.late_h.is_none() && self.lapses(at, lapse, dose))
    }

    /// Delay of dose `dose` (from 1), h; 0 for a dose in time.
    pub fn delay_h(&self, dose: u32) -> f64 {
        let lapses = self.rules.lapses.iter().enumerate();
        let one = |(at, lapse): (usize, &Lapse)| match lapse.late_h {
            Some((least_h, most_h)) if self.lapses(at, lapse, dose) => {
                least_h + (most_h - least_h) * self.draw("delay of a dose", at, dose)
            }
            _ => 0.0,
        };
        lapses.map(one).sum()
    }

    fn lapses(&self, at: usize, lapse: &Lapse, dose: u32) -> bool {
        match &lapse.which {
            Which::Doses(doses) => doses.contains(&dose),
            Which::Share(share) => self.draw("lapse of a dose", at, dose) < *share,
        }
    }

    fn draw(&self, purpose: &str, at: usize, dose: u32) -> f64 {
        let address = Address { occasion: dose, purpose: hash_name(purpose), ..self.address };
        uniform(&address, at as u32)
    }
}
