//! Molar masses from formulas.

/// Molar mass of magnesium, g/mol; its row of [`ATOMIC_WEIGHTS`].
pub const MAGNESIUM_G_PER_MOL: f64 = 24.305;

/// A concentration of 1 mg/dL in mmol/L; 10 dL in a liter.
pub const MMOL_PER_L_PER_MG_PER_DL: f64 = 10.0 / MAGNESIUM_G_PER_MOL;

/// Conventional atomic weights of the elements that salts hold.
///
/// # Source
/// IUPAC Commission on Isotopic Abundances and Atomic Weights, conventional values (key `ciaaw`).
pub const ATOMIC_WEIGHTS: &[(&str, f64)] = &[
    ("H", 1.008),
    ("C", 12.011),
    ("N", 14.007),
    ("O", 15.999),
    ("Mg", MAGNESIUM_G_PER_MOL),
    ("S", 32.06),
    ("Cl", 35.45),
];

/// Most atoms of one element in a formula.
const MOST_ATOMS: u32 = 10_000;

/// Molar mass of a formula such as `C12H10Mg3O14`, g/mol, and its number of magnesium atoms.
///
/// `None` if the text is no such formula or names an element without a weight here.
pub fn molar_mass_g_per_mol(formula: &str) -> Option<(f64, u32)> {
    let mut rest = formula;
    let (mut mass, mut magnesium) = (0.0, 0);
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_uppercase() {
            return None;
        }
        let letters = 1 + rest[1..].bytes().take_while(u8::is_ascii_lowercase).count();
        let digits = rest[letters..].bytes().take_while(u8::is_ascii_digit).count();
        let (symbol, after) = rest.split_at(letters);
        let count: u32 = if digits == 0 { 1 } else { after[..digits].parse().ok()? };
        if count == 0 || count > MOST_ATOMS {
            return None;
        }
        let (_, weight) = ATOMIC_WEIGHTS.iter().find(|(name, _)| *name == symbol)?;
        mass += weight * f64::from(count);
        if symbol == "Mg" {
            magnesium += count;
        }
        rest = &after[digits..];
    }
    (!formula.is_empty()).then_some((mass, magnesium))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_add_up() {
        assert_eq!(molar_mass_g_per_mol("MgO"), Some((24.305 + 15.999, 1)));
        let (citrate, atoms) = molar_mass_g_per_mol("C12H10Mg3O14").unwrap();
        // By hand: 144.132 + 10.08 + 72.915 + 223.986.
        assert!((citrate - 451.113).abs() < 8.0 * f64::EPSILON * 451.113);
        assert_eq!(atoms, 3);
        for bad in ["", "mgO", "Mg0", "NaCl", "Mg(OH)2", "Mg99999999999", "µ"] {
            assert_eq!(molar_mass_g_per_mol(bad), None, "{bad}");
        }
    }
}
