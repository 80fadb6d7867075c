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
