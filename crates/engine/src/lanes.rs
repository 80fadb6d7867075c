//! Many subjects at once from one stop to the next, each with its own time, step and error.
//!
//! A lane's arithmetic never reads its neighbors, so a subject's result depends neither on them nor
//! on the number of lanes. A finished lane takes the next segment.

use crate::compile::{Column, Compiled};
use crate::tableau::{A, C, E, STAGES, dense};

/// How to step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepOptions {
    /// Relative tolerance.
    pub rtol: f64,
    /// Most steps, accepted or not, in one segment.
    pub max_steps: u64,
    /// Subjects per block.
    pub lanes: Lanes,
    /// Instructions; none for the best this machine has.
    pub isa: Option<Isa>,
}

impl Default for StepOptions {
    fn default() -> Self {
        Self { rtol: 1e-8, max_steps: 1_000_000, lanes: Lanes::L32, isa: None }
    }
}

/// Subjects per block; results do not depend on it.
#[allow(missing_docs, reason = "the names say the number")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lanes {
    L1,
    L8,
    L16,
    L32,
    L64,
}

/// Instruction set; results do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isa {
    /// What every machine of this architecture has.
    Baseline,
    /// 256-bit vectors of x86-64.
    Avx2,
    /// 512-bit vectors of x86-64.
    Avx512,
}

/// One subject between two stops; its inputs are constant there.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment<'a> {
    /// Where it starts.
    pub column: Column,
    /// Where it ends, h.
    pub until_h: f64,
    /// Times to report, h: ascending, within the segment.
    pub observations_h: &'a [f64],
    /// Absolute tolerance of each compartment.
    pub atol: &'a [f64],
    /// First step to try, h; 0 to choose one.
    pub first_step_h: f64,
}

/// What became of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct Solved {
    /// The subject at the end, or where it failed.
    pub column: Column,
    /// Compartments at the observations.
    ///
    /// # Shape
    /// Observation, compartment. Shorter after a failure.
    pub states: Vec<f64>,
    /// Why it stopped early.
    pub failure: Option<Cause>,
    /// Step to try next, h.
    pub next_step_h: f64,
    /// Accepted steps.
    pub steps: u64,
    /// Rejected steps.
    pub rejections: u64,
}

/// Why a subject cannot be integrated further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The step became too small for the clock.
    StepUnderflow,
    /// A derivative or the state is infinite or not a number.
    NotFinite,
    /// More steps than allowed.
    TooManySteps,
}

/// Integrates each segment to its end with Tsit5.
///
/// Explicit, order 5(4), seven stages; for problems that are not stiff.
///
/// # Shape
/// One result per segment, in order.
pub fn advance(
    compiled: &Compiled,
    segments: &[Segment<'_>],
    options: &StepOptions,
) -> Vec<Solved> {
    match options.lanes {
        Lanes::L1 => dispatch::<1>(compiled, segments, options),
        Lanes::L8 => dispatch::<8>(compiled, segments, options),
        Lanes::L16 => dispatch::<16>(compiled, segments, options),
        Lanes::L32 => dispatch::<32>(compiled, segments, options),
        Lanes::L64 => dispatch::<64>(compiled, segments, options),
    }
}

/// Instruction sets of this machine, the best last.
pub fn available() -> Vec<Isa> {
    let mut found = vec![Isa::Baseline];
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") {
            found.push(Isa::Avx2);
        }
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
        {
            found.push(Isa::Avx512);
        }
    }
    found
}

#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
fn dispatch<const W: usize>(
    compiled: &Compiled,
    segments: &[Segment<'_>],
    options: &StepOptions,
) -> Vec<Solved> {
    let found = available();
    let best = found[found.len() - 1];
    let isa = options.isa.filter(|isa| found.contains(isa)).unwrap_or(best);
    match isa {
        // SAFETY: `isa` is one of `available()`, which asked the processor for these features.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { block_avx512::<W>(compiled, segments, options) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { block_avx2::<W>(compiled, segments, options) },
        _ => block::<W>(compiled, segments, options),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn block_avx512<const W: usize>(c: &Compiled, s: &[Segment<'_>], o: &StepOptions) -> Vec<Solved> {
    block::<W>(c, s, o)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn block_avx2<const W: usize>(c: &Compiled, s: &[Segment<'_>], o: &StepOptions) -> Vec<Solved> {
    block::<W>(c, s, o)
}

/// What one lane holds beside its numbers.
#[derive(Clone, Copy, Default)]
struct Lane {
    segment: Option<usize>,
    next_observation: usize,
    fresh: bool,
    rejected: bool,
    /// Step it wants, before it is cut at the end.
    wanted: f64,
}

#[inline(always)]
fn block<const W: usize>(
    compiled: &Compiled,
    segments: &[Segment<'_>],
    options: &StepOptions,
) -> Vec<Solved> {
    let n = compiled.layout.n_states;
    let rates = compiled.layout.rates();
    let program = &compiled.derivatives;
    let mut file = program.registers::<W>();
    let (mut y, mut y_new) = (vec![[0.0; W]; n], vec![[0.0; W]; n]);
    let mut k = vec![[0.0; W]; n * STAGES];
    let mut atol = vec![[1.0; W]; n];
    let (mut t, mut h, mut end) = ([0.0; W], [0.0; W], [0.0; W]);
    let mut lanes = [Lane::default(); W];
    let mut results: Vec<Solved> = segments.iter().map(unsolved).collect();
    let mut waiting = 0;
    let mut busy = 0;
    loop {
        // 1. Free lanes take the next segments.
        let mut any_fresh = false;
        for (lane, state) in lanes.iter_mut().enumerate() {
            while state.segment.is_none() && waiting < segments.len() {
                let (index, segment) = (waiting, &segments[waiting]);
                waiting += 1;
                if segment.until_h <= segment.column.t {
                    let result = &mut results[index];
                    segment
                        .observations_h
                        .iter()
                        .for_each(|_| result.states.extend(&segment.column.y));
                    continue;
                }
                *state = Lane { segment: Some(index), fresh: true, ..Lane::default() };
                (t[lane], end[lane]) = (segment.column.t, segment.until_h);
                for i in 0..n {
                    y[i][lane] = segment.column.y[i];
                    atol[i][lane] = segment.atol[i];
                }
                for (input, &value) in segment.column.inputs.iter().enumerate() {
                    file[program.input(input)][lane] = value;
                }
                busy += 1;
                any_fresh = true;
            }
        }
        if busy == 0 {
            return results;
        }
        // 2. A fresh lane needs its hoisted values, first stage and first step.
        if any_fresh {
            program.hoist(&mut file);
            file[..n].copy_from_slice(&y);
            file[program.time()] = t;
            program.call(&mut file);
            for lane in 0..W {
                if !lanes[lane].fresh {
                    continue;
                }
                for i in 0..n {
                    let rate = file[program.input(rates + i)][lane];
                    k[i][lane] = file[program.roots()[i] as usize][lane] + rate;
                }
                lanes[lane].fresh = false;
                let given = lanes[lane].segment.map_or(0.0, |at| segments[at].first_step_h);
                lanes[lane].wanted = if given > 0.0 {
                    given
                } else {
                    first_step(&y, &k[..n], &atol, options.rtol, lane, end[lane] - t[lane])
                };
            }
        }
        // 3. No lane steps beyond its end.
        for lane in 0..W {
            h[lane] = lanes[lane].wanted.min(end[lane] - t[lane]);
        }
        // 4. Stages; the last is taken at the new state.
        for stage in 1..STAGES {
            for i in 0..n {
                let mut sum = [0.0; W];
                for (j, &a) in A[stage][..stage.min(6)].iter().enumerate() {
                    let kj = &k[j * n + i];
                    for lane in 0..W {
                        sum[lane] += a * kj[lane];
                    }
                }
                let (from, to) = (&y[i], &mut file[i]);
                for lane in 0..W {
                    to[lane] = from[lane] + h[lane] * sum[lane];
                }
            }
            if stage == STAGES - 1 {
                y_new.copy_from_slice(&file[..n]);
            }
            let time = &mut file[program.time()];
            for lane in 0..W {
                time[lane] = t[lane] + C[stage] * h[lane];
            }
            program.call(&mut file);
            for i in 0..n {
                let root = file[program.roots()[i] as usize];
                let rate = file[program.input(rates + i)];
                let slope = &mut k[stage * n + i];
                for lane in 0..W {
                    slope[lane] = root[lane] + rate[lane];
                }
            }
        }
        // 5. Error: root mean square of estimate over tolerance.
        let mut squares = [0.0; W];
        for i in 0..n {
            let mut estimate = [0.0; W];
            for (j, &e) in E.iter().enumerate() {
                let kj = &k[j * n + i];
                for lane in 0..W {
                    estimate[lane] += e * kj[lane];
                }
            }
            let (before, after, floor) = (&y[i], &y_new[i], &atol[i]);
            for lane in 0..W {
                let size = before[lane].abs().max(after[lane].abs());
                let ratio = h[lane] * estimate[lane] / (floor[lane] + options.rtol * size);
                squares[lane] += ratio * ratio;
            }
        }
        let mut factors = [0.0; W];
        for lane in 0..W {
            squares[lane] /= n as f64;
            factors[lane] = step_factor(squares[lane]);
        }
        // 6. Each lane accepts or rejects, reports and finishes.
        for lane in 0..W {
            let Some(index) = lanes[lane].segment else { continue };
            let (segment, result) = (&segments[index], &mut results[index]);
            let mean_square = squares[lane];
            let accepted = mean_square <= 1.0;
            let factor = factors[lane];
            if !accepted {
                result.rejections += 1;
                lanes[lane].rejected = true;
                lanes[lane].wanted = h[lane] * factor.min(1.0);
                let smallest = 16.0 * f64::EPSILON * t[lane].abs().max(f64::MIN_POSITIVE);
                if lanes[lane].wanted <= smallest {
                    let finite = mean_square.is_finite();
                    result.failure =
                        Some(if finite { Cause::StepUnderflow } else { Cause::NotFinite });
                }
            } else {
                result.steps += 1;
                let last = h[lane] == end[lane] - t[lane];
                let reached = if last { end[lane] } else { t[lane] + h[lane] };
                while let Some(&at) = segment.observations_h.get(lanes[lane].next_observation)
                    && at <= reached
                {
                    let x = (at - t[lane]) / h[lane];
                    let weights: [f64; STAGES] = std::array::from_fn(|stage| dense(stage, x));
                    for i in 0..n {
                        let mut sum = 0.0;
                        for (stage, weight) in weights.iter().enumerate() {
                            sum += weight * k[stage * n + i][lane];
                        }
                        let inside = y[i][lane] + h[lane] * sum;
                        result.states.push(if at == reached { y_new[i][lane] } else { inside });
                    }
                    lanes[lane].next_observation += 1;
                }
                let cap = if lanes[lane].rejected { 1.0 } else { f64::INFINITY };
                let grown = h[lane] * factor.min(cap);
                // A step cut short at the end says little about the next one.
                lanes[lane].wanted = if last { grown.max(lanes[lane].wanted) } else { grown };
                lanes[lane].rejected = false;
                t[lane] = reached;
                for i in 0..n {
                    y[i][lane] = y_new[i][lane];
                    k[i][lane] = k[(STAGES - 1) * n + i][lane];
                }
            }
            if result.steps + result.rejections >= options.max_steps && t[lane] < end[lane] {
                result.failure = result.failure.or(Some(Cause::TooManySteps));
            }
            if result.failure.is_some() || t[lane] == end[lane] {
                result.column.t = t[lane];
                (0..n).for_each(|i| result.column.y[i] = y[i][lane]);
                result.next_step_h = lanes[lane].wanted;
                lanes[lane] = Lane::default();
                h[lane] = 0.0;
                end[lane] = t[lane];
                busy -= 1;
            }
        }
    }
}

fn unsolved(segment: &Segment<'_>) -> Solved {
    Solved {
        column: segment.column.clone(),
        states: Vec::with_capacity(segment.observations_h.len() * segment.column.y.len()),
        failure: None,
        next_step_h: segment.first_step_h,
        steps: 0,
        rejections: 0,
    }
}

/// Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I, II.4: a hundredth of the
/// time in which the state changes by its size.
#[inline(always)]
fn first_step<const W: usize>(
    y: &[[f64; W]],
    k: &[[f64; W]],
    atol: &[[f64; W]],
    rtol: f64,
    lane: usize,
    span_h: f64,
) -> f64 {
    let (mut size, mut change) = (0.0_f64, 0.0_f64);
    for i in 0..y.len() {
        let tolerance = atol[i][lane] + rtol * y[i][lane].abs();
        size = size.max(y[i][lane].abs() / tolerance);
        change = change.max(k[i][lane].abs() / tolerance);
    }
    let chosen = if size > 1e-5 && change > 1e-5 { 0.01 * size / change } else { 1e-6 };
    chosen.min(span_h)
}

/// `0.9 error^(-1/5)` between 1/5 and 5, from the square of the error; 1/10 where it is not finite.
#[inline(always)]
fn step_factor(mean_square: f64) -> f64 {
    // Outside these the factor is at its bound; inside, the root below converges.
    let square = mean_square.clamp(1e-9, 1e9);
    // x^(-1/10) by Newton's method, from an exponent divided in the bits.
    let one = 1.0_f64.to_bits() as i64;
    let mut root = f64::from_bits((one - (square.to_bits() as i64 - one) / 10) as u64);
    for _ in 0..5 {
        let (r2, r4) = (root * root, root * root * root * root);
        root = root * (11.0 - square * r4 * r4 * r2) / 10.0;
    }
    if mean_square.is_finite() { (0.9 * root).clamp(0.2, 5.0) } else { 0.1 }
}

#[cfg(test)]
#[path = "lanes_tests.rs"]
mod tests;
