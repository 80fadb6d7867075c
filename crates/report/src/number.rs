//! Numbers as text.

/// Shortest text that reads back to the same number; whole numbers without `.0`.
pub fn shortest(value: f64) -> String {
    let text = format!("{value:?}");
    match text.strip_suffix(".0") {
        Some(whole) => whole.to_string(),
        None => text,
    }
}

/// `value` with so many significant digits, without exponent between 1e-4 and 1e7.
pub fn significant(value: f64, digits: usize) -> String {
    let digits = digits.max(1);
    if value == 0.0 {
        return "0".to_string();
    }
    if !value.is_finite() {
        return "not a number".to_string();
    }
    let scientific = format!("{value:.*e}", digits - 1);
    let exponent: i32 =
        scientific.split_once('e').and_then(|(_, tail)| tail.parse().ok()).unwrap_or(0);
    if !(-4..7).contains(&exponent) {
        return scientific;
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    format!("{value:.decimals$}")
}

/// `median (lo to hi)` with so many significant digits of the interval's larger end.
pub fn interval(median: f64, lo: f64, hi: f64, digits: usize) -> String {
    let largest = median.abs().max(lo.abs()).max(hi.abs());
    let places = significant(largest, digits).split_once('.').map_or(0, |(_, tail)| tail.len());
    format!("{median:.places$} ({lo:.places$} to {hi:.places$})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortest_reads_back() {
        for value in [0.1 + 0.2, 1.0, -0.0, 5e-324, 1.797e308, 1e21, 123456.789] {
            let text = shortest(value);
            assert_eq!(text.parse::<f64>().expect("a number").to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(shortest(12.0), "12");
    }

    #[test]
    fn significant_digits() {
        assert_eq!(significant(0.012345, 2), "0.012");
        assert_eq!(significant(1234.5, 2), "1234");
        assert_eq!(significant(0.9996, 3), "1.00");
        assert_eq!(significant(1.5e-9, 2), "1.5e-9");
        assert_eq!(significant(f64::NAN, 2), "not a number");
        assert_eq!(interval(0.014, 0.0021, 0.05, 2), "0.014 (0.002 to 0.050)");
    }
}
