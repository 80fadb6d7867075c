//! What rules do to the doses of one subject.

use super::queue::Due;
use super::{Clock, RunCause, RunFailure};
use crate::rules::{Act, By, Conduct, Decision, Rule, Visits};
use crate::timeline::{Action, Dose, Steady};

/// The rules of a subject and how they stand.
pub(super) struct Conducted<'a> {
    conduct: Conduct<'a>,
    /// Changes of the amount so far.
    changes: Vec<Act>,
    /// Doses are held until then.
    held_until_h: f64,
    /// When the last dose was planned, and its number.
    planned: (f64, u32),
    /// The dose that a log shows: the last one, else the first.
    shown: Option<Dose>,
    /// Which rules' conditions held when they were last looked at.
    held_before: Vec<bool>,
    spent: Vec<bool>,
    pub(super) decisions: Vec<Decision>,
}

impl<'a> Conducted<'a> {
    fn new(conduct: Conduct<'a>) -> Self {
        let n = conduct.rules.rules.len();
        Self {
            conduct,
            changes: Vec::new(),
            held_until_h: f64::NEG_INFINITY,
            planned: (f64::NEG_INFINITY, 0),
            shown: None,
            held_before: vec![false; n],
            spent: vec![false; n],
            decisions: Vec::new(),
        }
    }

    fn rule(&self, rule: usize) -> &'a Rule {
        &self.conduct.rules.rules[rule]
    }

    /// The amount that a dose of `amount` has now, if it is given at all.
    fn changed(&self, amount: f64) -> f64 {
        self.changes.iter().fold(amount, |amount, act| act.amount(amount))
    }

    fn is_held(&self, now_h: f64) -> bool {
        now_h < self.held_until_h
    }

    fn amount_now(&self, now_h: f64, dose: &Dose) -> f64 {
        if self.is_held(now_h) { 0.0 } else { self.changed(dose.amount) }
    }

    fn log(&mut self, time_h: f64, by: By, value: Option<f64>, dose: &Dose, amounts: (f64, f64)) {
        let (before, after) = amounts;
        let (compartment, number) = (dose.compartment, self.planned.1);
        let one = Decision { time_h, by, value, dose: number, compartment, before, after };
        self.decisions.push(one);
    }
}

impl<'a> Clock<'a> {
    /// Puts the subject under rules, before its first record.
    pub(super) fn conduct_by(&mut self, conduct: Conduct<'a>) -> Result<(), RunFailure> {
        if self.n_by() > 0 {
            return Err(self.failed(RunCause::RulesOfDerivatives));
        }
        self.conducted = Some(Box::new(Conducted::new(conduct)));
        self.begin_visits();
        Ok(())
    }

    /// Visits of the present timeline, from the start of its time; no rule was followed before.
    pub(super) fn begin_visits(&mut self) {
        let Some(before) = self.conducted.take() else { return };
        let mut conducted = Conducted::new(before.conduct);
        conducted.decisions = before.decisions;
        conducted.planned.1 = before.planned.1;
        let records = self.timeline.records();
        let first = records.iter().find_map(|record| match record.action {
            Action::Dose(dose) | Action::ResetThenDose(dose) => Some((record.time_h, dose)),
            _ => None,
        });
        conducted.shown = first.map(|(_, dose)| dose);
        let from_h = first.map(|(time_h, _)| time_h).or(records.first().map(|one| one.time_h));
        self.due.retain(|due| !matches!(due, Due::Visit { .. }));
        for rule in 0..conducted.conduct.rules.rules.len() as u32 {
            let from_h = from_h.unwrap_or(self.inputs.time_h);
            let first = match &conducted.rule(rule as usize).visits {
                Visits::At(times_h) => times_h.partition_point(|&at| at < self.inputs.time_h),
                _ => 0,
            };
            self.plan_visit(&conducted, rule, first as u32, from_h);
        }
        self.conducted = Some(Box::new(conducted));
    }

    /// Puts a visit into the queue, if there is one.
    fn plan_visit(&mut self, conducted: &Conducted<'_>, rule: u32, visit: u32, from_h: f64) {
        let time_h = match &conducted.rule(rule as usize).visits {
            Visits::Start => (visit == 0).then_some(self.inputs.time_h),
            // A product, not a running sum: each has one rounding.
            Visits::Every(every_h) => Some(from_h + f64::from(visit + 1) * every_h),
            Visits::At(times_h) => times_h.get(visit as usize).copied(),
            Visits::Always { .. } => None,
        };
        if let Some(time_h) = time_h {
            self.due.push(time_h, Due::Visit { rule, visit, from_h });
        }
    }

    /// A visit: what an observation before the doses of this time would see decides.
    #[inline(never)]
    pub(super) fn visit(&mut self, rule: u32, visit: u32, from_h: f64) -> Result<(), RunFailure> {
        let Some(conducted) = self.conducted.take() else { return Ok(()) };
        self.plan_visit(&conducted, rule, visit + 1, from_h);
        self.conducted = Some(conducted);
        self.refresh_modes()?;
        self.decide(rule, false)
    }

    /// Asks the rules whose condition has begun to hold; says whether one acted.
    #[inline(never)]
    pub(super) fn look(&mut self) -> Result<bool, RunFailure> {
        let n = self.conducted.as_ref().map_or(0, |one| one.conduct.rules.rules.len());
        let mut acted = false;
        for rule in 0..n {
            let Some(conducted) = &mut self.conducted else { break };
            let Visits::Always { mode: Some(mode) } = conducted.rule(rule).visits else { continue };
            let holds = self.inputs.modes[mode as usize] != 0.0;
            let held_before = std::mem::replace(&mut conducted.held_before[rule], holds);
            if holds && !held_before {
                let n_before = conducted.decisions.len();
                self.decide(rule as u32, true)?;
                acted |= self.conducted.as_ref().is_some_and(|one| one.decisions.len() > n_before);
            }
        }
        Ok(acted)
    }

    /// Acts where the condition holds, or is known to, and anything changes by it.
    fn decide(&mut self, at: u32, is_known: bool) -> Result<(), RunFailure> {
        let Some(conducted) = &self.conducted else { return Ok(()) };
        let rule = conducted.rule(at as usize);
        if conducted.spent[at as usize] {
            return Ok(());
        }
        let mut value = None;
        if let Some(when) = rule.when {
            let output = self.compiled.model.outputs[when.output as usize].value;
            let found = self.at_once(|now| Ok(now.compiled.value_of(output, &now.inputs)))?;
            if !is_known && !found.is_some_and(|value| when.holds(value)) {
                return Ok(());
            }
            value = found;
        }
        let now_h = self.inputs.time_h;
        let Some(conducted) = &mut self.conducted else { return Ok(()) };
        let none = Dose::bolus(0, 0.0);
        let shown = conducted.shown.unwrap_or(none);
        let before = conducted.amount_now(now_h, &shown);
        let mut is_new = false;
        match rule.act {
            Act::Change { .. } => conducted.changes.push(rule.act),
            Act::Set(_) => conducted.changes = vec![rule.act],
            Act::Hold(for_h) => {
                is_new = now_h + for_h > conducted.held_until_h;
                conducted.held_until_h = conducted.held_until_h.max(now_h + for_h);
            }
            Act::Resume => {
                is_new = conducted.is_held(now_h);
                conducted.held_until_h = f64::NEG_INFINITY;
            }
            Act::Give(_) => {}
        }
        let after = conducted.amount_now(now_h, &shown);
        is_new |= before != after;
        if let Act::Give(dose) = rule.act {
            is_new = true;
            conducted.log(now_h, By::Rule(at), value, &dose, (0.0, dose.amount));
        } else if is_new {
            conducted.log(now_h, By::Rule(at), value, &shown, (before, after));
        } else if matches!(rule.act, Act::Change { .. }) && !conducted.is_held(now_h) {
            // Nothing came of it: the limit is reached.
            conducted.changes.pop();
        }
        conducted.spent[at as usize] = is_new && rule.once;
        match &rule.act {
            Act::Hold(_) => self.stop_infusions(),
            Act::Give(dose) => self.enter(dose, usize::MAX)?,
            _ => {}
        }
        Ok(())
    }

    /// Running infusions end here.
    fn stop_infusions(&mut self) {
        self.modes.stale = true;
        self.moved.rates = true;
        self.infusions.fill((0.0, 0));
        self.due.retain(|due| !matches!(due, Due::InfusionEnd { .. }));
    }

    /// The dose planned now as it is taken now: none where it is held, missed or late.
    #[inline(never)]
    pub(super) fn taken(&mut self, dose: &'a Dose, record: usize) -> Option<Dose> {
        let now_h = self.inputs.time_h;
        let Some(conducted) = &mut self.conducted else { return Some(*dose) };
        conducted.shown = Some(*dose);
        let is_first = conducted.planned.0 != now_h;
        if is_first {
            conducted.planned = (now_h, conducted.planned.1 + 1);
        }
        let (number, amount) = (conducted.planned.1, conducted.amount_now(now_h, dose));
        if amount > 0.0 && conducted.conduct.misses(number) {
            conducted.log(now_h, By::Missed, None, dose, (amount, 0.0));
            return None;
        }
        let delay_h = conducted.conduct.delay_h(number);
        if amount > 0.0 && delay_h > 0.0 {
            conducted.log(now_h, By::Late, Some(delay_h), dose, (amount, amount));
            self.due.push(now_h + delay_h, Due::Late { dose, record });
            return None;
        }
        self.changed_by_rules(dose)
    }

    /// The dose with the amount that rules leave it; none where they leave none.
    pub(super) fn changed_by_rules(&self, dose: &Dose) -> Option<Dose> {
        let Some(conducted) = &self.conducted else { return Some(*dose) };
        if dose.is_constant_infusion() {
            return Some(*dose);
        }
        let amount = conducted.amount_now(self.inputs.time_h, dose);
        let is_given = amount > 0.0 || amount == dose.amount;
        is_given.then_some(Dose { amount, ..*dose })
    }

    /// A late dose is taken, as rules have it by now.
    #[inline(never)]
    pub(super) fn take_late(&mut self, dose: &Dose, record: usize) -> Result<(), RunFailure> {
        match self.changed_by_rules(dose) {
            Some(dose) => self.enter(&Dose { steady: Steady::No, ..dose }, record),
            None => Ok(()),
        }
    }
}
