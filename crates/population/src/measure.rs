//! Measurements: outputs with their residual error, drawn by address.

use epsom_engine::Trajectory;
use epsom_maths::{Address, exp, expit, hash_name, logit, normal, pow};
use epsom_model::ir::{Combined, DisplayUnit, ErrorScale, ExprId, Model, Output, Residual};

/// A model whose runs give the sizes of errors too, and what turns its rows into measurements.
#[derive(Debug, Clone, PartialEq)]
pub struct Measuring {
    /// The model to run: behind its outputs stand the parts of their errors, as outputs.
    pub model: Model,
    n_outputs: usize,
    errors: Vec<Error>,
}

/// The error of one output; parts are places in a row.
#[derive(Debug, Clone, PartialEq)]
struct Error {
    /// [`hash_name`] of what is drawn.
    purpose: u64,
    output: usize,
    /// Shown units in one base unit: powers bend in the unit that is shown.
    per_base: f64,
    scale: ErrorScale,
    combined: Combined,
    add: Option<usize>,
    prop: Option<usize>,
    power: Option<usize>,
    lambda: Option<usize>,
}

/// What measures the outputs of `model`; none where no output has a residual error.
pub fn measuring(model: &Model) -> Option<Measuring> {
    let n_outputs = model.outputs.len();
    let mut wide = model.clone();
    let mut part = |value: Option<ExprId>| {
        value.map(|value| {
            wide.outputs.push(Output {
                name: format!("~{}", wide.outputs.len()),
                value,
                unit: DisplayUnit::default(),
                label: String::new(),
                residual: Residual::default(),
            });
            wide.outputs.len() - 1
        })
    };
    let mut errors = Vec::new();
    for (at, output) in model.outputs.iter().enumerate() {
        let residual = output.residual;
        if residual.add.is_none() && residual.prop.is_none() {
            continue;
        }
        let lambda = match residual.scale {
            ErrorScale::BoxCox { lambda } | ErrorScale::YeoJohnson { lambda } => Some(lambda),
            _ => None,
        };
        errors.push(Error {
            purpose: hash_name(&format!("residual error of {}", output.name)),
            output: at,
            per_base: output.unit.per_base,
            scale: residual.scale,
            combined: residual.combined,
            add: part(residual.add),
            prop: part(residual.prop),
            power: part(residual.power),
            lambda: part(lambda),
        });
    }
    (!errors.is_empty()).then_some(Measuring { model: wide, n_outputs, errors })
}

impl Measuring {
    /// The outputs that are measured.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        self.errors.iter().map(|one| self.model.outputs[one.output].name.as_str())
    }

    /// Turns rows of [`Measuring::model`] into rows of the model that it was made of, with errors
    /// on what is measured.
    ///
    /// An error hangs on the seed, the draw, the person, the output and the time of its row, and on
    /// how many rows of that time stand above it: neither other rows nor other people change it.
    /// Of `at` the seed and the replicate are read.
    ///
    /// # Shape
    /// One of `times` per row, in any unit.
    pub fn measure(&self, run: &mut Trajectory, id: &str, times: &[f64], at: &Address) {
        let wide = run.width;
        let n_parts = self.model.outputs.len() - self.n_outputs;
        let width = wide.saturating_sub(n_parts);
        let person = hash_name(id);
        let mut rows = Vec::with_capacity(run.rows.len() / wide.max(1) * width);
        let (mut last, mut again) = (f64::NAN, 0u64);
        for (row, &time) in run.rows.chunks_exact(wide.max(1)).zip(times) {
            again = if time == last { again + 1 } else { 0 };
            last = time;
            let first = rows.len();
            rows.extend_from_slice(&row[..self.n_outputs]);
            rows.extend_from_slice(&row[self.n_outputs + n_parts..]);
            let bits = (time + 0.0).to_bits();
            for error in &self.errors {
                let address = Address {
                    arm: person.wrapping_add(again),
                    subject: 0,
                    occasion: bits as u32,
                    purpose: error.purpose,
                    ..*at
                };
                let score = normal(&address, (bits >> 32) as u32);
                rows[first + error.output] = error.measured(row, score);
            }
        }
        run.rows = rows;
        run.width = width;
    }
}

impl Error {
    /// The value of a row with an error of `score` standard deviations.
    ///
    /// $$ y = h^{-1}(h(f) + \sigma z), \quad \sigma^2 = a^2 + (b |f|^c)^2 $$  (Eq. 14)
    fn measured(&self, row: &[f64], score: f64) -> f64 {
        let part = |at: Option<usize>, none: f64| at.map_or(none, |at| row[at]);
        let f = row[self.output];
        let add = part(self.add, 0.0);
        let prop = match self.power {
            Some(power) => part(self.prop, 0.0) * pow(f.abs(), row[power]),
            None => part(self.prop, 0.0) * f.abs(),
        };
        let sd = match self.combined {
            Combined::Squares if self.add.is_some() && self.prop.is_some() => {
                (add * add + prop * prop).sqrt()
            }
            Combined::Squares | Combined::Sum => add + prop,
        };
        let shift = sd * score;
        let lambda = part(self.lambda, 1.0);
        let shown = |of: &dyn Fn(f64, f64) -> f64| {
            of(f * self.per_base, shift * self.per_base) / self.per_base
        };
        match self.scale {
            ErrorScale::Plain => f + shift,
            ErrorScale::Log => f * exp(shift),
            ErrorScale::Logit { lo, hi } => {
                let inside = (f - lo) / (hi - lo);
                lo + (hi - lo) * expit(logit(inside) + shift)
            }
            ErrorScale::BoxCox { .. } => shown(&|f, shift| box_cox(f, shift, lambda)),
            ErrorScale::YeoJohnson { .. } => shown(&|f, shift| yeo_johnson(f, shift, lambda)),
        }
    }
}

/// `f` moved by `shift` on the scale of `(f^l - 1) / l`; what falls below its range becomes its end.
fn box_cox(f: f64, shift: f64, lambda: f64) -> f64 {
    if lambda == 0.0 {
        return f * exp(shift);
    }
    // l times the scale, plus 1.
    let moved = pow(f, lambda) + lambda * shift;
    pow(if lambda > 0.0 { moved.max(0.0) } else { moved }, 1.0 / lambda)
}

/// The same on the scale of Yeo and Johnson, where values below 0 have `2 - l` in place of `l`.
///
/// # Source
/// Yeo, Johnson, "A new family of power transformations", Biometrika 87 (2000), 954-959.
fn yeo_johnson(f: f64, shift: f64, lambda: f64) -> f64 {
    let to = |f: f64| {
        let half = |x: f64, l: f64| {
            if l == 0.0 { epsom_maths::ln(x) } else { (pow(x, l) - 1.0) / l }
        };
        if f >= 0.0 { half(f + 1.0, lambda) } else { -half(1.0 - f, 2.0 - lambda) }
    };
    let from = |y: f64| {
        let half = |y: f64, l: f64| if l == 0.0 { exp(y) } else { pow(l * y + 1.0, 1.0 / l) };
        if y >= 0.0 { half(y, lambda) - 1.0 } else { 1.0 - half(-y, 2.0 - lambda) }
    };
    from(to(f) + shift)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epsom_model::ir::{Exprs, Node};

    /// A constant output of `value` and errors of these parts.
    fn constant(value: f64, per_base: f64, make: impl Fn(&mut Exprs) -> Residual) -> Measuring {
        let mut exprs = Exprs::default();
        let residual = make(&mut exprs);
        let unit = DisplayUnit { text: String::new(), per_base };
        let output = Output {
            name: "c".into(),
            value: exprs.add(Node::Const(value)),
            unit,
            label: String::new(),
            residual,
        };
        let model = Model { exprs, outputs: vec![output], ..Model::default() };
        measuring(&model).expect("an error")
    }

    /// Measurements at many times, by what the engine would give.
    fn measured(measuring: &Measuring, n: usize, seed: u64) -> Vec<f64> {
        let values: Vec<f64> = (measuring.model.outputs.iter())
            .map(|one| match measuring.model.exprs.node(one.value) {
                Node::Const(value) => value,
                other => panic!("{other:?}"),
            })
            .collect();
        let rows: Vec<f64> = (0..n).flat_map(|_| values.clone()).collect();
        let times: Vec<f64> = (0..n).map(|at| at as f64).collect();
        let mut run = Trajectory { rows, width: values.len(), ..Trajectory::default() };
        measuring.measure(&mut run, "1", &times, &Address { seed, ..Address::default() });
        assert_eq!((run.width, run.rows.len()), (1, n));
        run.rows
    }

    /// Mean and standard deviation.
    fn moments(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|one| (one - mean) * (one - mean)).sum();
        (mean, (squares / (n - 1.0)).sqrt())
    }

    /// `transformed` values have the mean and standard deviation given, within five standard
    /// errors: sd / sqrt(n) and sd / sqrt(2 n).
    fn holds(values: &[f64], transformed: impl Fn(f64) -> f64, mean: f64, sd: f64) {
        let values: Vec<f64> = values.iter().map(|&one| transformed(one)).collect();
        let (found, spread) = moments(&values);
        let n = values.len() as f64;
        assert!((found - mean).abs() < 5.0 * sd / n.sqrt(), "{found} for {mean}");
        assert!((spread - sd).abs() < 5.0 * sd / (2.0 * n).sqrt(), "{spread} for {sd}");
    }

    const N: usize = 20_000;

    #[test]
    fn additive_and_proportional_parts_have_their_sizes() {
        let parts = |combined| {
            constant(4.0, 1.0, move |exprs| Residual {
                add: Some(exprs.add(Node::Const(0.3))),
                prop: Some(exprs.add(Node::Const(0.1))),
                combined,
                ..Residual::default()
            })
        };
        // sqrt(0.3^2 + (0.1 * 4)^2) and 0.3 + 0.1 * 4.
        holds(&measured(&parts(Combined::Squares), N, 1), |y| y, 4.0, 0.5);
        holds(&measured(&parts(Combined::Sum), N, 1), |y| y, 4.0, 0.7);
        let power = constant(4.0, 1.0, |exprs| Residual {
            prop: Some(exprs.add(Node::Const(0.1))),
            power: Some(exprs.add(Node::Const(0.5))),
            ..Residual::default()
        });
        holds(&measured(&power, N, 1), |y| y, 4.0, 0.2);
    }

    #[test]
    fn errors_are_normal_on_their_scale() {
        let scaled = |value: f64, per_base: f64, scale: fn(&mut Exprs) -> ErrorScale| {
            constant(value, per_base, move |exprs| Residual {
                add: Some(exprs.add(Node::Const(0.2))),
                scale: scale(exprs),
                ..Residual::default()
            })
        };
        let log = scaled(4.0, 1.0, |_| ErrorScale::Log);
        holds(&measured(&log, N, 1), epsom_maths::ln, epsom_maths::ln(4.0), 0.2);
        let share = scaled(3.0, 1.0, |_| ErrorScale::Logit { lo: 2.0, hi: 6.0 });
        let inside = |y: f64| logit((y - 2.0) / 4.0);
        holds(&measured(&share, N, 1), inside, logit(0.25), 0.2);
        // On the scale of the unit that is shown: 9 of it, an error of 0.2 of it.
        let root = |exprs: &mut Exprs| ErrorScale::BoxCox { lambda: exprs.add(Node::Const(0.5)) };
        let bent = constant(9e-3, 1e3, move |exprs| Residual {
            add: Some(exprs.add(Node::Const(0.2e-3))),
            scale: root(exprs),
            ..Residual::default()
        });
        let of = |y: f64| ((y * 1e3).sqrt() - 1.0) / 0.5;
        holds(&measured(&bent, N, 1), of, 4.0, 0.2);
        let below = scaled(-3.0, 1.0, |exprs| ErrorScale::YeoJohnson {
            lambda: exprs.add(Node::Const(1.5)),
        });
        // 2 - l is 0.5 there.
        let of = |y: f64| -((1.0 - y).sqrt() - 1.0) / 0.5;
        holds(&measured(&below, N, 1), of, -2.0, 0.2);
        let across = scaled(0.1, 1.0, |exprs| ErrorScale::YeoJohnson {
            lambda: exprs.add(Node::Const(1.0)),
        });
        holds(&measured(&across, N, 1), |y| y, 0.1, 0.2);
    }

    #[test]
    fn a_measurement_hangs_on_its_own_time_and_person() {
        let one = constant(1.0, 1.0, |exprs| Residual {
            add: Some(exprs.add(Node::Const(1.0))),
            ..Residual::default()
        });
        let at = |id: &str, times: &[f64], seed: u64, replicate: u32| {
            let rows = times.iter().flat_map(|_| [1.0, 1.0]).collect();
            let mut run = Trajectory { rows, width: 2, ..Trajectory::default() };
            let address = Address { seed, replicate, ..Address::default() };
            one.measure(&mut run, id, times, &address);
            run.rows
        };
        let all = at("a", &[0.0, 1.0, 2.0, 2.0], 1, 0);
        assert_eq!(at("a", &[1.0], 1, 0), [all[1]]);
        assert_eq!(at("a", &[2.0, 2.0], 1, 0), all[2..]);
        let others = [at("b", &[1.0], 1, 0), at("a", &[1.0], 2, 0), at("a", &[1.0], 1, 1)];
        let mut seen: Vec<u64> =
            all.iter().chain(others.iter().flatten()).map(|y| y.to_bits()).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 7);
    }

    #[test]
    fn a_model_without_errors_is_not_measured() {
        assert_eq!(measuring(&Model::default()), None);
    }
}
