//! Starts that repeat, solved for several subjects at once.
//!
//! Newton's method asks for a few runs of one period at a time, which leave lanes empty; the
//! searches of several subjects take their steps together, so that their runs fill them. A lane
//! never reads its neighbors, so each start is to the bit what its subject would find alone.

use super::Clock;
use super::start::ends;
use crate::compile::Compiled;
use crate::fixed_point::{Problem, Search};
use crate::integrate::{Options, SolvedStart, Subject};
use crate::timeline::Timeline;
use epsom_model::ir::Start;

/// Subjects whose starts are solved together.
pub(crate) const GROUP: usize = 64;

/// Starts of subjects that come with their index, of those that need one that is not `known` from
/// the subject before; empty where there is nothing to gain. One that is not found is not there.
pub(crate) fn solved_starts(
    compiled: &Compiled,
    subjects: &[(usize, &Subject<'_>)],
    options: &Options,
    known: Option<&SolvedStart>,
) -> Vec<(usize, SolvedStart)> {
    let Start::Periodic { period } = compiled.model.start else { return Vec::new() };
    let mut heads: Vec<(usize, Clock<'_>)> = Vec::new();
    for &(at, subject) in subjects {
        let mut clock = Clock::before_start(compiled, subject, options, Default::default());
        if clock.set_initial_values().is_err() {
            continue;
        }
        // A subject with the numbers of the one before it shares its start.
        let shares = match heads.last() {
            Some((_, before)) => SolvedStart::of(&before.inputs).is_of(&clock.inputs),
            None => known.is_some_and(|known| known.is_of(&clock.inputs)),
        };
        if !shares {
            heads.push((at, clock));
        }
    }
    if heads.len() < 2 {
        return Vec::new();
    }
    let days: Vec<Option<Timeline>> = heads.iter().map(|(_, clock)| clock.period(period)).collect();
    let problems: Vec<Problem> = heads.iter().map(|(_, clock)| clock.periodic()).collect();
    let mut searches: Vec<Search<'_>> = problems.iter().map(Search::new).collect();
    loop {
        let (mut clocks, mut counts) = (Vec::new(), Vec::new());
        for (((_, clock), day), search) in heads.iter().zip(&days).zip(&searches) {
            let n_before = clocks.len();
            if let Some(day) = day {
                clocks.extend(search.wanted().into_iter().map(|state| clock.through(day, state)));
            }
            counts.push(clocks.len() - n_before);
        }
        if clocks.is_empty() {
            break;
        }
        let mut images = ends(clocks).into_iter();
        for (search, n) in searches.iter_mut().zip(counts).filter(|(_, n)| *n > 0) {
            search.take(images.by_ref().take(n).collect());
        }
    }
    let found = heads.iter().zip(searches).filter_map(|((at, clock), search)| {
        let state = search.found()?;
        Some((*at, SolvedStart { state, ..SolvedStart::of(&clock.inputs) }))
    });
    found.collect()
}
