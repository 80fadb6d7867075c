//! Words of the text form: one row per function, read in both directions.

use super::{BinaryOp, UnaryOp};

/// Functions of one argument.
pub(super) const UNARY: &[(&str, UnaryOp)] = &[
    ("neg", UnaryOp::Neg),
    ("not", UnaryOp::Not),
    ("abs", UnaryOp::Abs),
    ("sign", UnaryOp::Sign),
    ("floor", UnaryOp::Floor),
    ("ceil", UnaryOp::Ceil),
    ("sqrt", UnaryOp::Sqrt),
    ("exp", UnaryOp::Exp),
    ("expm1", UnaryOp::ExpM1),
    ("ln", UnaryOp::Ln),
    ("ln1p", UnaryOp::Ln1p),
    ("log10", UnaryOp::Log10),
    ("log2", UnaryOp::Log2),
    ("sin", UnaryOp::Sin),
    ("cos", UnaryOp::Cos),
    ("tan", UnaryOp::Tan),
    ("asin", UnaryOp::Asin),
    ("acos", UnaryOp::Acos),
    ("atan", UnaryOp::Atan),
    ("sinh", UnaryOp::Sinh),
    ("cosh", UnaryOp::Cosh),
    ("tanh", UnaryOp::Tanh),
    ("erf", UnaryOp::Erf),
    ("normcdf", UnaryOp::NormCdf),
    ("normquantile", UnaryOp::NormQuantile),
    ("expit", UnaryOp::Expit),
    ("logit", UnaryOp::Logit),
    ("softplus", UnaryOp::Softplus),
    ("lngamma", UnaryOp::LnGamma),
    ("gamma", UnaryOp::Gamma),
    ("digamma", UnaryOp::Digamma),
];

/// Functions of two arguments.
pub(super) const BINARY: &[(&str, BinaryOp)] = &[
    ("add", BinaryOp::Add),
    ("sub", BinaryOp::Sub),
    ("mul", BinaryOp::Mul),
    ("div", BinaryOp::Div),
    ("pow", BinaryOp::Pow),
    ("min", BinaryOp::Min),
    ("max", BinaryOp::Max),
    ("lt", BinaryOp::Lt),
    ("le", BinaryOp::Le),
    ("gt", BinaryOp::Gt),
    ("ge", BinaryOp::Ge),
    ("eq", BinaryOp::Eq),
    ("ne", BinaryOp::Ne),
    ("and", BinaryOp::And),
    ("or", BinaryOp::Or),
];

/// The word of `op`.
pub(super) fn unary(op: UnaryOp) -> &'static str {
    UNARY.iter().find(|(_, one)| *one == op).map_or("?", |(word, _)| word)
}

/// The word of `op`.
pub(super) fn binary(op: BinaryOp) -> &'static str {
    BINARY.iter().find(|(_, one)| *one == op).map_or("?", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `op as usize` counts the variants in order, so a variant without a row shows as a gap.
    #[test]
    fn every_function_has_one_word() {
        for (at, (_, op)) in UNARY.iter().enumerate() {
            assert_eq!(*op as usize, at);
        }
        for (at, (_, op)) in BINARY.iter().enumerate() {
            assert_eq!(*op as usize, at);
        }
        assert_eq!(UNARY.len(), UnaryOp::Digamma as usize + 1);
        assert_eq!(BINARY.len(), BinaryOp::Or as usize + 1);
        let words: std::collections::BTreeSet<&str> =
            UNARY.iter().map(|row| row.0).chain(BINARY.iter().map(|row| row.0)).collect();
        assert_eq!(words.len(), UNARY.len() + BINARY.len());
    }
}
