use super::*;
use crate::exp;

fn matrix(n_rows: usize, n_cols: usize, data: &[f64]) -> Matrix {
    Matrix::from_rows(n_rows, n_cols, data.to_vec()).unwrap()
}

/// A few roundings of numbers of the given size.
fn close(got: f64, want: f64, size: f64) {
    assert!((got - want).abs() <= 64.0 * f64::EPSILON * size, "{got} is not {want}");
}

#[test]
fn lu_solves_and_names_the_singular_column() {
    let a = matrix(3, 3, &[0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 3.0, 0.0, -1.0]);
    let x = solve(&a, &[7.0, 3.0, 0.0]).unwrap();
    for (got, want) in x.iter().zip([1.0, 2.0, 3.0]) {
        close(*got, want, 3.0);
    }
    let flat = matrix(2, 2, &[1.0, 2.0, 2.0, 4.0]);
    assert_eq!(lu_factor(&flat), Err(AlgebraError::Singular { column: 1 }));
    assert_eq!(solve(&a, &[1.0]), Err(AlgebraError::Shape));
    assert_eq!(lu_factor(&matrix(1, 1, &[f64::NAN])), Err(AlgebraError::NotFinite));
}

#[test]
fn cholesky_gives_the_known_factor() {
    let a = matrix(3, 3, &[4.0, 12.0, -16.0, 12.0, 37.0, -43.0, -16.0, -43.0, 98.0]);
    let l = cholesky(&a).unwrap();
    assert_eq!(l.data, [2.0, 0.0, 0.0, 6.0, 1.0, 0.0, -8.0, 5.0, 3.0]);
    assert_eq!(cholesky_solve(&l, &[0.0, 6.0, 39.0]).unwrap(), [1.0, 1.0, 1.0]);
    let bad = matrix(2, 2, &[1.0, 2.0, 2.0, 1.0]);
    assert_eq!(cholesky(&bad), Err(AlgebraError::NotPositiveDefinite { column: 1 }));
}

#[test]
fn least_squares_fits_a_line_and_sees_dependent_columns() {
    // The line through (0, 1), (1, 3), (2, 4), (3, 4): intercept 1.5, slope 1.
    let a = matrix(4, 2, &[1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 1.0, 3.0]);
    let x = least_squares(&a, &[1.0, 3.0, 4.0, 4.0]).unwrap();
    close(x[0], 1.5, 4.0);
    close(x[1], 1.0, 4.0);
    let twice = matrix(3, 2, &[1.0, 2.0, 2.0, 4.0, 3.0, 6.0]);
    assert_eq!(least_squares(&twice, &[1.0; 3]), Err(AlgebraError::Singular { column: 1 }));
}

#[test]
fn eigenvalues_of_the_second_difference_matrix() {
    let n = 6;
    let mut a = Matrix::zeros(n, n);
    for i in 0..n {
        a.set(i, i, 2.0);
        if i + 1 < n {
            a.set(i, i + 1, -1.0);
            a.set(i + 1, i, -1.0);
        }
    }
    let eigen = symmetric_eigen(&a).unwrap();
    for k in 0..n {
        let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
        close(eigen.values[k], 2.0 - 2.0 * crate::cos(angle), 4.0);
        let v: Vec<f64> = (0..n).map(|i| eigen.vectors.at(i, k)).collect();
        for (got, entry) in mat_vec(&a, &v).unwrap().iter().zip(&v) {
            close(*got, eigen.values[k] * entry, 4.0);
        }
    }
}

#[test]
fn expm_has_the_closed_forms() {
    let diagonal = expm(&matrix(2, 2, &[-1.0, 0.0, 0.0, -30.0])).unwrap();
    close(diagonal.at(0, 0), exp(-1.0), 1.0);
    // Six squarings double the relative error each.
    assert!((diagonal.at(1, 1) / exp(-30.0) - 1.0).abs() < 64.0 * 64.0 * f64::EPSILON);
    let nilpotent = expm(&matrix(3, 3, &[0.0, 2.0, 0.0, 0.0, 0.0, 3.0, 0.0, 0.0, 0.0])).unwrap();
    for (got, want) in nilpotent.data.iter().zip([1.0, 2.0, 3.0, 0.0, 1.0, 3.0, 0.0, 0.0, 1.0]) {
        close(*got, want, 3.0);
    }
    let turn = expm(&matrix(2, 2, &[0.0, -10.0, 10.0, 0.0])).unwrap();
    close(turn.at(0, 0), crate::cos(10.0), 4.0);
    close(turn.at(1, 0), crate::sin(10.0), 4.0);
    assert_eq!(expm(&matrix(1, 1, &[1e300])), Err(AlgebraError::NotFinite));
    assert_eq!(expm(&Matrix::zeros(2, 3)), Err(AlgebraError::Shape));
}

#[test]
fn absorption_chain_with_constant_input_is_exact() {
    let (ka, ke, input, dt) = (1.2, 0.1, 5.0, 12.0);
    // Depot, central, and an accumulator, which makes the matrix singular.
    let a = matrix(3, 3, &[-ka, 0.0, 0.0, ka, -ke, 0.0, 0.0, ke, 0.0]);
    let y = expm_action_with_input(&a, &[0.0, input, 0.0], &[100.0, 0.0, 0.0], dt).unwrap();
    let depot = 100.0 * exp(-ka * dt);
    let central = 100.0 * ka / (ka - ke) * (exp(-ke * dt) - exp(-ka * dt))
        + input / ke * (1.0 - exp(-ke * dt));
    close(y[0], depot, 100.0);
    close(y[1], central, 100.0);
    close(y[2], 100.0 + input * dt - depot - central, 200.0);
    assert_eq!(expm_action_with_input(&a, &[0.0; 3], &[1.0], dt), Err(AlgebraError::Shape));
}
