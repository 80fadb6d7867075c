//! The t, chi-square and F distributions against high-precision values and printed tables.

use epsom_maths as m;

/// Relative error that the documentation states.
const TAIL: f64 = 1e-12;
const QUANTILE: f64 = 1e-11;

#[test]
fn errors_stay_below_the_stated_bounds() {
    let mut n_checked = 0;
    for line in include_str!("distributions.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split(' ');
        let name = fields.next().unwrap();
        let numbers: Vec<f64> = fields.map(|field| field.parse().unwrap()).collect();
        let (got, truth, bound) = match (name, numbers.as_slice()) {
            ("t_cdf", &[df, t, truth]) => (m::t_cdf(t, df), truth, TAIL),
            ("chi2_cdf", &[df, x, truth]) => (m::chi2_cdf(x, df), truth, TAIL),
            ("chi2_sf", &[df, x, truth]) => (m::chi2_sf(x, df), truth, TAIL),
            ("f_cdf", &[df1, df2, x, truth]) => (m::f_cdf(x, df1, df2), truth, TAIL),
            ("f_sf", &[df1, df2, x, truth]) => (m::f_sf(x, df1, df2), truth, TAIL),
            ("t_quantile", &[df, p, truth]) => (m::t_quantile(p, df), truth, QUANTILE),
            ("chi2_quantile", &[df, p, truth]) => (m::chi2_quantile(p, df), truth, QUANTILE),
            ("f_quantile", &[df1, df2, p, truth]) => (m::f_quantile(p, df1, df2), truth, QUANTILE),
            other => panic!("no case {other:?}"),
        };
        let error = (got - truth).abs() / truth.abs();
        assert!(error <= bound, "{line}: got {got}, relative error {error:e}");
        n_checked += 1;
    }
    assert!(n_checked > 200, "the table is nearly empty");
}

/// Abramowitz and Stegun (1964), tables 26.8 to 26.10: percentage points as printed.
#[test]
fn quantiles_agree_with_printed_tables() {
    let near = |got: f64, printed: f64, last: f64| {
        // Half a step of the last printed digit.
        assert!((got - printed).abs() <= 0.5 * last, "{got} is not {printed}");
    };
    near(m::t_quantile(0.975, 1.0), 12.706, 1e-3);
    near(m::t_quantile(0.975, 10.0), 2.228, 1e-3);
    near(m::t_quantile(0.95, 5.0), 2.015, 1e-3);
    near(m::t_quantile(0.995, 30.0), 2.750, 1e-3);
    near(m::chi2_quantile(0.95, 1.0), 3.84146, 1e-5);
    near(m::chi2_quantile(0.95, 10.0), 18.3070, 1e-4);
    near(m::chi2_quantile(0.025, 10.0), 3.24697, 1e-5);
    near(m::f_quantile(0.95, 2.0, 10.0), 4.10, 1e-2);
    near(m::f_quantile(0.95, 5.0, 5.0), 5.05, 1e-2);
}

#[test]
fn closed_forms() {
    // One degree of freedom: Cauchy. Two: t = (2p - 1) / sqrt(2p (1 - p)). Chi-square of two: e^(-x/2).
    let close =
        |got: f64, want: f64| assert!((got - want).abs() <= TAIL * want.abs(), "{got} {want}");
    for t in [-3.0, -0.2, 0.0, 1.5, 40.0] {
        close(m::t_cdf(t, 1.0), 0.5 + m::atan(t) / std::f64::consts::PI);
        close(m::t_cdf(t, 2.0), 0.5 + 0.5 * t / (2.0 + t * t).sqrt());
    }
    for x in [0.01, 1.0, 30.0, 700.0] {
        close(m::chi2_sf(x, 2.0), m::exp(-0.5 * x));
        close(m::f_sf(x, 2.0, 6.0), m::powi(1.0 + x / 3.0, -3));
        close(m::gamma_inc(1.0, x), -m::exp_m1(-x));
    }
    close(m::beta_inc(3.0, 1.0, 0.3), 0.027);
    close(m::beta_inc(1.0, 4.0, 0.5), 1.0 - 0.0625);
    // t² of df is F of 1 and df; chi-square is F of df and infinity, in the limit of a large one.
    close(m::f_sf(6.25, 1.0, 7.0), 2.0 * m::t_cdf(-2.5, 7.0));
    assert!((m::t_quantile(0.975, 1e9) - m::norm_quantile(0.975)).abs() < 1e-8);
}

#[test]
fn ends_and_nonsense() {
    let inf = f64::INFINITY;
    assert_eq!(m::t_quantile(0.5, 3.0), 0.0);
    assert_eq!(m::t_quantile(0.0, 3.0), -inf);
    assert_eq!(m::t_quantile(1.0, 3.0), inf);
    assert_eq!(m::t_cdf(-inf, 3.0), 0.0);
    assert_eq!(m::t_cdf(inf, 3.0), 1.0);
    assert_eq!(m::t_quantile(0.9, inf), m::norm_quantile(0.9));
    assert_eq!(m::chi2_quantile(0.0, 3.0), 0.0);
    assert_eq!(m::chi2_quantile(1.0, 3.0), inf);
    assert_eq!((m::chi2_cdf(-1.0, 3.0), m::chi2_sf(-1.0, 3.0)), (0.0, 1.0));
    assert_eq!((m::f_cdf(inf, 3.0, 4.0), m::f_sf(inf, 3.0, 4.0)), (1.0, 0.0));
    for nan in [
        m::t_cdf(f64::NAN, 3.0),
        m::t_cdf(1.0, -1.0),
        m::t_quantile(1.5, 3.0),
        m::t_quantile(0.9, 0.0),
        m::chi2_cdf(f64::NAN, 3.0),
        m::chi2_quantile(0.5, 0.0),
        m::f_cdf(1.0, 0.0, 3.0),
        m::f_quantile(-0.1, 2.0, 3.0),
        m::beta_inc(0.0, 1.0, 0.5),
        m::beta_inc(1.0, 1.0, 1.5),
        m::gamma_inc(-1.0, 1.0),
    ] {
        assert!(nan.is_nan());
    }
}
