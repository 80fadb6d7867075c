//! Rodas4: Rosenbrock, order 4(3), six stages, L-stable and stiffly accurate.
//!
//! Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd edition, IV.7 and IV.10 (the
//! method RODAS); continuous extension of order 3.

use super::rosenbrock::Rosenbrock;

/// Number of stages.
pub(crate) const STAGES: usize = 6;

/// Coefficients.
pub(crate) const RODAS4: Rosenbrock = Rosenbrock {
    n_stages: STAGES,
    gamma: 0.25,
    nodes: &[0.0, 0.386, 0.21, 0.63, 1.0, 1.0],
    d: &[0.25, -0.1043, 0.1035, -0.03620000000000023],
    a: &[
        &[],
        &[1.544],
        &[0.9466785280815826, 0.2557011698983284],
        &[3.314825187068521, 2.896124015972201, 0.9986419139977817],
        &[1.221224509226641, 6.019134481288629, 12.53708332932087, -0.687886036105895],
    ],
    c: &[
        &[],
        &[-5.6688],
        &[-2.430093356833875, -0.2063599157091915],
        &[-0.1073529058151375, -9.594562251023355, -20.47028614809616],
        &[7.496443313967647, -10.24680431464352, -33.99990352819905, 11.7089089320616],
        &[
            8.083246795921522,
            -7.981132988064893,
            -31.52159432874371,
            16.31930543123136,
            -6.058818238834054,
        ],
    ],
    dense: &[
        &[
            10.12623508344586,
            -7.487995877610167,
            -34.80091861555747,
            -7.992771707568823,
            1.025137723295662,
        ],
        &[
            -0.6762803392801253,
            6.087714651680015,
            16.43084320892478,
            24.76722511418386,
            -6.594389125716872,
        ],
    ],
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tableau::rosenbrock::order::Usual;

    /// Coefficients up to 40 printed to 16 digits, through the inverse of a matrix whose entries
    /// and whose inverse's entries are below 40, and three more sums of six.
    const ROUNDING: f64 = 40.0 * 40.0 * 6.0 * 6.0 * f64::EPSILON;

    #[test]
    fn order_4_with_an_embedded_3_and_an_extension_of_3() {
        let usual = Usual::of(&RODAS4, ROUNDING);
        usual.has_row_sums();
        usual.is_stiffly_accurate();
        usual.has_order(4);
        usual.embeds(3);
        usual.extends(3, ROUNDING);
    }
}
