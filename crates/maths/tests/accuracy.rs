//! Every function against high-precision values, at the error bound its documentation states.

use epsom_maths as m;

/// Function, stated bound in ulp.
const BOUNDS: [(&str, f64); 27] = [
    ("acos", 2.0),
    ("asin", 2.5),
    ("atan", 1.5),
    ("cos", 1.0),
    ("cosh", 2.0),
    // Away from its root, where the bound is absolute.
    ("digamma", 18.0),
    ("erf", 2.0),
    ("erfc", 5.0),
    ("exp", 1.0),
    ("exp_m1", 1.0),
    ("expit", 3.0),
    ("gamma", 20.0),
    ("ln", 1.0),
    ("ln_1p", 1.5),
    ("ln_gamma", 10.0),
    ("log10", 1.0),
    ("log2", 1.0),
    ("logit", 3.0),
    ("norm_cdf", 5.0),
    ("norm_quantile", 8.0),
    ("pow", 1.0),
    ("powi", 6.0),
    ("sin", 1.0),
    ("sinh", 2.0),
    ("softplus", 2.0),
    ("tan", 2.0),
    ("tanh", 2.0),
];

fn evaluate(name: &str, x: f64, y: f64) -> f64 {
    match name {
        "acos" => m::acos(x),
        "asin" => m::asin(x),
        "atan" => m::atan(x),
        "cos" => m::cos(x),
        "cosh" => m::cosh(x),
        "digamma" => m::digamma(x),
        "gamma" => m::gamma(x),
        "ln_gamma" => m::ln_gamma(x),
        "norm_quantile" => m::norm_quantile(x),
        "erf" => m::erf(x),
        "erfc" => m::erfc(x),
        "exp" => m::exp(x),
        "exp_m1" => m::exp_m1(x),
        "expit" => m::expit(x),
        "ln" => m::ln(x),
        "ln_1p" => m::ln_1p(x),
        "log10" => m::log10(x),
        "log2" => m::log2(x),
        "logit" => m::logit(x),
        "norm_cdf" => m::norm_cdf(x),
        "pow" => m::pow(x, y),
        "powi" => m::powi(x, y as i32),
        "sin" => m::sin(x),
        "sinh" => m::sinh(x),
        "softplus" => m::softplus(x),
        "tan" => m::tan(x),
        "tanh" => m::tanh(x),
        other => panic!("no function {other}"),
    }
}

fn bits(field: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(field, 16).expect("the table holds bits"))
}

#[test]
fn errors_stay_below_the_stated_bounds() {
    let mut n_checked = 0;
    for line in include_str!("reference.txt").lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(' ').collect();
        let y = if fields[2] == "-" { 0.0 } else { bits(fields[2]) };
        let (truth, lacks) = (bits(fields[3]), fields[4].parse::<f64>().unwrap());
        let got = evaluate(fields[0], bits(fields[1]), y);
        let below = truth.abs().to_bits() & 0x7ff0_0000_0000_0000;
        let ulp = f64::from_bits(below) * f64::EPSILON;
        let error = ((got - truth) - lacks).abs() / ulp;
        let bound = BOUNDS.iter().find(|row| row.0 == fields[0]).unwrap().1;
        assert!(error <= bound, "{line}: got {got}, {error} ulp");
        n_checked += 1;
    }
    assert!(n_checked > 20 * BOUNDS.len(), "the table is nearly empty");
}

#[test]
fn special_values_are_those_of_the_standard() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    // Function, x, y, result; a result of NaN asks for NaN, a zero for that sign.
    let cases = [
        ("exp", inf, 0.0, inf),
        ("exp", -inf, 0.0, 0.0),
        ("exp", 709.8, 0.0, inf),
        ("exp", -746.0, 0.0, 0.0),
        ("exp", -744.4400719213812, 0.0, f64::from_bits(1)),
        ("exp", 0.0, 0.0, 1.0),
        ("exp_m1", -0.0, 0.0, -0.0),
        ("exp_m1", inf, 0.0, inf),
        ("exp_m1", -inf, 0.0, -1.0),
        ("ln", 0.0, 0.0, -inf),
        ("ln", -1.0, 0.0, nan),
        ("ln", inf, 0.0, inf),
        ("ln", 1.0, 0.0, 0.0),
        ("ln_1p", -1.0, 0.0, -inf),
        ("ln_1p", -0.0, 0.0, -0.0),
        ("ln_1p", inf, 0.0, inf),
        ("ln_1p", -2.0, 0.0, nan),
        ("log2", f64::from_bits(1), 0.0, -1074.0),
        ("log2", 8.0, 0.0, 3.0),
        ("log10", 1000.0, 0.0, 3.0),
        ("log10", 1e22, 0.0, 22.0),
        ("pow", nan, 0.0, 1.0),
        ("pow", 1.0, nan, 1.0),
        ("pow", 0.0, -3.0, inf),
        ("pow", -0.0, -3.0, -inf),
        ("pow", -0.0, 3.0, -0.0),
        ("pow", -0.0, 2.0, 0.0),
        ("pow", -2.0, 3.0, -8.0),
        ("pow", -2.0, 0.5, nan),
        ("pow", -1.0, inf, 1.0),
        ("pow", 0.5, inf, 0.0),
        ("pow", 0.5, -inf, inf),
        ("pow", inf, -1.0, 0.0),
        ("pow", -inf, 3.0, -inf),
        ("pow", 2.0, 1023.0, f64::from_bits(0x7fe0_0000_0000_0000)),
        ("pow", 2.0, -1074.0, f64::from_bits(1)),
        ("pow", 10.0, 3.0, 1000.0),
        ("pow", 4.0, 0.5, 2.0),
        ("pow", 2.0, 2000.0, inf),
        ("pow", 2.0, -2000.0, 0.0),
        ("sin", -0.0, 0.0, -0.0),
        ("sin", inf, 0.0, nan),
        ("cos", 0.0, 0.0, 1.0),
        ("cos", inf, 0.0, nan),
        ("atan", -inf, 0.0, -std::f64::consts::FRAC_PI_2),
        ("asin", 1.5, 0.0, nan),
        ("acos", 1.0, 0.0, 0.0),
        ("acos", -1.0, 0.0, std::f64::consts::PI),
        ("sinh", -inf, 0.0, -inf),
        ("sinh", -0.0, 0.0, -0.0),
        ("cosh", -inf, 0.0, inf),
        ("tanh", inf, 0.0, 1.0),
        ("tanh", -0.0, 0.0, -0.0),
        ("erf", inf, 0.0, 1.0),
        ("erf", -0.0, 0.0, -0.0),
        ("erfc", inf, 0.0, 0.0),
        ("erfc", -inf, 0.0, 2.0),
        ("norm_cdf", 0.0, 0.0, 0.5),
        ("norm_cdf", -inf, 0.0, 0.0),
        ("norm_cdf", inf, 0.0, 1.0),
        ("expit", -inf, 0.0, 0.0),
        ("expit", inf, 0.0, 1.0),
        ("expit", 0.0, 0.0, 0.5),
        ("logit", 0.0, 0.0, -inf),
        ("logit", 1.0, 0.0, inf),
        ("logit", 0.5, 0.0, 0.0),
        ("logit", 1.5, 0.0, nan),
        ("norm_quantile", 0.0, 0.0, -inf),
        ("norm_quantile", 1.0, 0.0, inf),
        ("norm_quantile", 0.5, 0.0, 0.0),
        ("norm_quantile", -0.1, 0.0, nan),
        ("norm_quantile", 1.1, 0.0, nan),
        ("gamma", 5.0, 0.0, 24.0),
        ("gamma", 19.0, 0.0, 6_402_373_705_728_000.0),
        ("gamma", -1.0, 0.0, nan),
        ("gamma", 172.0, 0.0, inf),
        ("gamma", inf, 0.0, inf),
        ("ln_gamma", 1.0, 0.0, 0.0),
        ("ln_gamma", 2.0, 0.0, 0.0),
        ("ln_gamma", -3.0, 0.0, inf),
        ("ln_gamma", inf, 0.0, inf),
        ("digamma", -2.0, 0.0, nan),
        ("digamma", inf, 0.0, inf),
        ("softplus", -inf, 0.0, 0.0),
        ("softplus", inf, 0.0, inf),
    ];
    for (name, x, y, want) in cases {
        let got = evaluate(name, x, y);
        let same = got.to_bits() == want.to_bits() || (got.is_nan() && want.is_nan());
        assert!(same, "{name}({x}, {y}) = {got}, not {want}");
    }
    for (name, _) in BOUNDS {
        assert!(evaluate(name, nan, 2.5).is_nan(), "{name}(NaN)");
    }
}

#[test]
fn gamma_functions_agree_across_zero() {
    // Γ(-1/2) = -2 sqrt(π), Γ(-5/2) = -8 sqrt(π)/15; ψ(-1/2) = ψ(1/2) + 2.
    let root_pi = std::f64::consts::PI.sqrt();
    let close = |got: f64, want: f64| {
        // A dozen functions of a few ulp each.
        assert!((got - want).abs() <= 64.0 * f64::EPSILON * want.abs(), "{got} is not {want}");
    };
    close(m::gamma(-0.5), -2.0 * root_pi);
    close(m::gamma(-2.5), -8.0 * root_pi / 15.0);
    close(m::ln_gamma(-0.5), m::ln(2.0 * root_pi));
    // Near a root of ψ: the bound is absolute, as for the sum.
    let digamma_gap = m::digamma(-0.5) - (m::digamma(0.5) + 2.0);
    assert!(digamma_gap.abs() <= 16.0 * f64::EPSILON);
}
