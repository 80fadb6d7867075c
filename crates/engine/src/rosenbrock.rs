//! The stages of a Rosenbrock method in lanes, with symbolic Jacobian and straight-line LU.
//!
//! The matrix `I/(h gamma) - J` is factored without pivoting at every step. Where the smallest
//! pivot falls far below `1/(h gamma)` the factors are not trusted: such a lane rejects the step
//! and tries a smaller one, which makes the matrix more diagonal.

use crate::cpu::Cpu;
use crate::lu::{SparseMatrix, factor};
use crate::program::{Group, Layout, Program, lower_groups};
use crate::tableau::rodas4::{A, C, D, DENSE, GAMMA, NODES, STAGES};
use epsom_model::diff::{jacobian, time_derivatives};
use epsom_model::ir::{ExprId, Model, Node};

/// Programs of the stages, in one register file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stiff {
    /// Entries [`START`], [`SLOPES`], [`SOLVE`].
    pub program: Program,
    n: usize,
    /// Compartments whose derivative reads the time.
    timed: Vec<usize>,
}

/// Derivatives, their derivatives by time, the smallest pivot and the factors.
const START: usize = 0;
/// Derivatives.
const SLOPES: usize = 1;
/// A stage from its right side.
const SOLVE: usize = 2;

/// A smaller pivot, relative to `1/(h gamma)`, is not trusted: rounding errors grow by up to its
/// reciprocal, which leaves ten digits. Compartment models whose flows only leave have none below
/// 1.
const SMALLEST_PIVOT: f64 = 1e-5;

/// Programs of `model`.
pub(crate) fn stiff(model: &Model, layout: Layout) -> Stiff {
    let mut model = model.clone();
    let n = layout.n_states;
    let entries = jacobian(&mut model);
    let by_time = time_derivatives(&mut model);
    let derivatives: Vec<ExprId> = model.compartments.iter().map(|one| one.derivative).collect();
    let exprs = &mut model.exprs;
    let timed: Vec<usize> = (0..n).filter(|&i| !exprs.is_number(by_time[i], 0.0)).collect();

    // 1. The matrix; its diagonal value and the right side are values that vary, after the states.
    let diagonal = exprs.add(Node::State(n as u32));
    let right: Vec<ExprId> = (0..n).map(|i| exprs.add(Node::State((n + 1 + i) as u32))).collect();
    let mut matrix = SparseMatrix { n, ..SparseMatrix::default() };
    for ((&row, &column), &entry) in entries.rows.iter().zip(&entries.cols).zip(&entries.exprs) {
        let value = if row == column {
            exprs.difference(diagonal, entry)
        } else {
            exprs.unary(epsom_model::ir::UnaryOp::Neg, entry)
        };
        matrix.entries.insert((row as usize, column as usize), value);
    }
    for i in 0..n {
        matrix.entries.entry((i, i)).or_insert(diagonal);
    }

    // 2. Factors and solution.
    let factors = factor(exprs, matrix);
    let smallest = factors.smallest_pivot(exprs).unwrap_or(diagonal);
    let solution = factors.solve(exprs, &right);
    let kept = factors.values();
    let mut start = derivatives.clone();
    start.extend(timed.iter().map(|&i| by_time[i]));
    start.push(smallest);
    start.extend(&kept);
    let groups = [
        Group { roots: &start, given: &[] },
        Group { roots: &derivatives, given: &[] },
        Group { roots: &solution, given: &kept },
    ];
    Stiff { program: lower_groups(exprs, &groups, layout), n, timed }
}

/// Where the lanes stand and how far they step.
#[derive(Clone, Copy)]
pub(crate) struct Start<'a, const W: usize> {
    /// Time, h.
    pub t: &'a [f64; W],
    /// Step, h.
    pub h: &'a [f64; W],
    /// State.
    pub y: &'a [[f64; W]],
}

/// Takes the stages `u` and the state `y_new` at the end of a step; the last stage is the error
/// estimate. False where the factors of a lane are not trusted.
///
/// # Shape
/// `u` is stage by compartment, `y_new` by compartment.
#[inline(always)]
pub(crate) fn stages<const W: usize>(
    stiff: &Stiff,
    file: &mut [[f64; W]],
    from: Start<'_, W>,
    u: &mut [[f64; W]],
    y_new: &mut [[f64; W]],
    cpu: Cpu,
) -> [bool; W] {
    let Start { t, h, y } = from;
    let (n, program) = (stiff.n, &stiff.program);
    let rates = program.rates();
    let mut per_h = [0.0; W];
    for lane in 0..W {
        per_h[lane] = 1.0 / h[lane];
        file[program.extra(0)][lane] = per_h[lane] * (1.0 / GAMMA);
    }
    let mut trusted = [true; W];
    for stage in 0..STAGES {
        // 1. Argument of the stage.
        if stage == 0 {
            file[..n].copy_from_slice(y);
        } else if stage < STAGES - 1 {
            for i in 0..n {
                let mut sum = y[i];
                for (j, &a) in A[stage][..stage].iter().enumerate() {
                    let uj = &u[j * n + i];
                    for lane in 0..W {
                        sum[lane] += a * uj[lane];
                    }
                }
                file[i] = sum;
            }
        } else {
            // The last row of A is the one before it, and 1.
            for i in 0..n {
                let last = &u[(stage - 1) * n + i];
                for lane in 0..W {
                    file[i][lane] += last[lane];
                }
            }
            y_new.copy_from_slice(&file[..n]);
        }
        for lane in 0..W {
            file[program.time()][lane] = t[lane] + NODES[stage] * h[lane];
        }
        // 2. Right side.
        let entry = if stage == 0 { START } else { SLOPES };
        program.call_on(file, entry, cpu);
        for i in 0..n {
            let mut sum = [0.0; W];
            for (j, &c) in C[stage][..stage].iter().enumerate() {
                let uj = &u[j * n + i];
                for lane in 0..W {
                    sum[lane] += c * uj[lane];
                }
            }
            let slope = &file[program.roots_of(entry)[i] as usize];
            let rate = &file[rates + i];
            for lane in 0..W {
                sum[lane] = (slope[lane] + rate[lane]) + sum[lane] * per_h[lane];
            }
            file[program.extra(1 + i)] = sum;
        }
        if D[stage] != 0.0 {
            for (at, &i) in stiff.timed.iter().enumerate() {
                let by_time = file[program.roots_of(START)[n + at] as usize];
                let right = &mut file[program.extra(1 + i)];
                for lane in 0..W {
                    right[lane] += D[stage] * h[lane] * by_time[lane];
                }
            }
        }
        if stage == 0 {
            let smallest = &file[program.roots_of(START)[n + stiff.timed.len()] as usize];
            for lane in 0..W {
                trusted[lane] = smallest[lane] >= SMALLEST_PIVOT * (1.0 / GAMMA) * per_h[lane];
            }
        }
        // 3. The stage.
        program.call_on(file, SOLVE, cpu);
        for (i, &root) in program.roots_of(SOLVE).iter().enumerate() {
            u[stage * n + i] = file[root as usize];
        }
    }
    for i in 0..n {
        let last = &u[(STAGES - 1) * n + i];
        for lane in 0..W {
            y_new[i][lane] += last[lane];
        }
    }
    trusted
}

/// State of one compartment inside the last step, at fraction `x` of it.
///
/// # Shape
/// `u` holds the compartment's stages.
#[inline(always)]
pub(crate) fn dense(x: f64, y: f64, y_new: f64, u: [f64; STAGES]) -> f64 {
    let sum = |weights: &[f64; STAGES - 1]| {
        weights.iter().zip(&u).fold(0.0, |sum, (weight, u)| sum + weight * u)
    };
    let rest = 1.0 - x;
    rest * y + x * (y_new + rest * (sum(&DENSE[0]) + x * sum(&DENSE[1])))
}

#[cfg(test)]
#[path = "rosenbrock_tests.rs"]
mod tests;
