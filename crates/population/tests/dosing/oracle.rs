//! What a linear system does with doses, by sums of its own exponentials: shares nothing with the
//! product.

/// Something that enters a compartment.
#[derive(Debug, Clone, Copy)]
pub enum Input {
    /// Time, compartment, amount.
    Bolus(f64, usize, f64),
    /// From, until, compartment, rate.
    Rate(f64, f64, usize, f64),
}

const N: usize = 3;
pub type State = [f64; N];
type Square = [[f64; N + 1]; N + 1];

/// `depot` to `central` at 1.1, `central` lost at 0.2, to and from `peripheral` at 0.3 and 0.1 1/h.
const A: [[f64; N]; N] = [[-1.1, 0.0, 0.0], [1.1, -0.5, 0.1], [0.0, 0.3, -0.1]];

/// State at `time` after the inputs, from nothing.
pub fn state(time: f64, inputs: &[Input]) -> State {
    let mut total = [0.0; N];
    for &input in inputs {
        let part = match input {
            Input::Bolus(from, _, _) if from > time => continue,
            Input::Bolus(from, at, amount) => after(time - from, unit(at, amount), [0.0; N]),
            Input::Rate(from, _, _, _) if from >= time => continue,
            Input::Rate(from, until, at, rate) => {
                let end = until.min(time);
                let filled = after(end - from, [0.0; N], unit(at, rate));
                after(time - end, filled, [0.0; N])
            }
        };
        total.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    total
}

fn unit(at: usize, amount: f64) -> State {
    std::array::from_fn(|row| if row == at { amount } else { 0.0 })
}

/// `start` under a constant input after `hours`.
fn after(hours: f64, start: State, input: State) -> State {
    let whole = exponential(hours, input);
    std::array::from_fn(|row| {
        (0..N).map(|column| whole[row][column] * start[column]).sum::<f64>() + whole[row][N]
    })
}

/// Exponential of the system with its input, by its series on a small part, squared up again.
fn exponential(hours: f64, input: State) -> Square {
    let mut matrix: Square = [[0.0; N + 1]; N + 1];
    for row in 0..N {
        for column in 0..N {
            matrix[row][column] = A[row][column] * hours;
        }
        matrix[row][N] = input[row] * hours;
    }
    let largest = A.iter().flatten().fold(0.0, |most: f64, value| most.max(value.abs()));
    let n_squarings =
        (0..).find(|&n| largest * hours < 0.25 * f64::from(2_u32.pow(n))).unwrap_or(0);
    let part = 1.0 / f64::from(2_u32.pow(n_squarings));
    matrix.iter_mut().flatten().for_each(|value| *value *= part);
    let one: Square = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    // 20 terms of a matrix below 1 in norm leave less than a rounding.
    let mut sum = one;
    for term in (1..=20).rev() {
        sum = product(&matrix, &sum);
        for (i, row) in sum.iter_mut().enumerate() {
            row.iter_mut().for_each(|value| *value /= f64::from(term));
            row[i] += 1.0;
        }
    }
    (0..n_squarings).for_each(|_| sum = product(&sum, &sum));
    sum
}

fn product(a: &Square, b: &Square) -> Square {
    std::array::from_fn(|i| {
        std::array::from_fn(|j| (0..=N).map(|k| a[i][k] * b[k][j]).sum::<f64>())
    })
}

/// The system with one compartment less: `depot` to `central`, lost at 0.2; by its exponentials.
pub fn one(time: f64, inputs: &[Input]) -> State {
    let (ka, k) = (1.1, 0.2);
    let part = |rate: f64, hours: f64| epsom_maths::exp(-rate * hours);
    let mut total = [0.0; N];
    for &input in inputs {
        match input {
            Input::Bolus(from, at, amount) if from <= time => {
                let hours = time - from;
                if at == 0 {
                    total[0] += amount * part(ka, hours);
                    total[1] += amount * ka / (ka - k) * (part(k, hours) - part(ka, hours));
                } else {
                    total[1] += amount * part(k, hours);
                }
            }
            Input::Rate(from, until, at, rate) if from < time => {
                assert_eq!(at, 1, "infusions enter `central`");
                let end = until.min(time);
                total[1] += rate / k * (1.0 - part(k, end - from)) * part(k, time - end);
            }
            _ => {}
        }
    }
    total
}

/// A system whose loss from `central` saturates: 30 mmol/h at most, half of it at 60 mmol.
#[derive(Debug, Clone, Copy)]
pub struct Saturable {
    /// Rate from `central` to `peripheral`, 1/h; 0 for one compartment less.
    pub k12: f64,
}

pub const VM: f64 = 30.0;
pub const KM: f64 = 60.0;

impl Saturable {
    /// State at `time` after the inputs, from nothing.
    pub fn state(self, time: f64, inputs: &[Input]) -> State {
        let first = |least: f64, input: &Input| match *input {
            Input::Bolus(from, ..) | Input::Rate(from, ..) => least.min(from),
        };
        let from = inputs.iter().fold(time, first);
        self.after([0.0; N], from, time, inputs)
    }

    /// State at `time` from `start` at `from`, with the inputs that come from then on.
    pub fn after(self, start: State, from: f64, time: f64, inputs: &[Input]) -> State {
        let mut stops = vec![from, time];
        for input in inputs {
            match *input {
                Input::Bolus(at, ..) => stops.push(at),
                Input::Rate(begin, end, ..) => stops.extend([begin, end]),
            }
        }
        stops.retain(|stop| (from..=time).contains(stop));
        stops.sort_by(f64::total_cmp);
        let mut state = start;
        for (place, &at) in stops.iter().enumerate() {
            if place > 0 && stops[place - 1] < at {
                state = self.between(state, stops[place - 1], at, inputs);
            }
            let is_new = place == 0 || stops[place - 1] < at;
            for input in inputs.iter().filter(|_| is_new) {
                if let Input::Bolus(given, to, amount) = *input
                    && given == at
                {
                    state[to] += amount;
                }
            }
        }
        state
    }

    /// Under constant rates.
    fn between(self, state: State, from: f64, until: f64, inputs: &[Input]) -> State {
        let mut rates = [0.0; N];
        for input in inputs {
            if let Input::Rate(begin, end, at, rate) = *input
                && begin <= from
                && until <= end
            {
                rates[at] += rate;
            }
        }
        between(state, from, until, |_, y| self.slopes(y, rates))
    }

    /// Time derivatives under constant rates.
    pub fn slopes(self, y: State, rates: State) -> State {
        let [absorbed, out] = [1.1 * y[0], self.k12 * y[1] - 0.1 * y[2]];
        let lost = VM * y[1] / (KM + y[1]);
        [rates[0] - absorbed, rates[1] + absorbed - lost - out, rates[2] + out]
    }
}

/// `y' = slopes(t, y)`, smooth, by equal steps of at most a quarter hour.
pub fn between(
    mut state: State,
    from: f64,
    until: f64,
    slopes: impl Fn(f64, State) -> State,
) -> State {
    let n_steps = (4.0 * (until - from)).ceil();
    let hours = (until - from) / n_steps;
    for at in 0..n_steps as u32 {
        state = step(state, from + f64::from(at) * hours, hours, &slopes);
    }
    state
}

/// Midpoint rules with 2, 4 ... 14 parts, extrapolated to none (Gragg, Bulirsch, Stoer): order 14,
/// far below a rounding for quarter hours of rates near 1.
fn step(start: State, from: f64, hours: f64, slopes: &impl Fn(f64, State) -> State) -> State {
    let mut last: Vec<State> = Vec::new();
    for k in 1..=7_usize {
        let part = hours / (2 * k) as f64;
        let moved = |from: State, by: State, h: f64| -> State {
            std::array::from_fn(|at| from[at] + h * by[at])
        };
        let mut before = start;
        let mut now = moved(start, slopes(from, start), part);
        for at in 1..2 * k {
            let next = moved(before, slopes(from + at as f64 * part, now), 2.0 * part);
            (before, now) = (now, next);
        }
        // The last midpoint, smoothed; then columns of better ones.
        let ends = slopes(from + hours, now);
        let smoothed = std::array::from_fn(|at| 0.5 * (before[at] + now[at] + part * ends[at]));
        let mut row: Vec<State> = vec![smoothed];
        for (j, older) in last.iter().enumerate() {
            let ratio = k as f64 / (k - 1 - j) as f64;
            let newer = row[j];
            row.push(std::array::from_fn(|at| {
                newer[at] + (newer[at] - older[at]) / (ratio * ratio - 1.0)
            }));
        }
        last = row;
    }
    last[last.len() - 1]
}
