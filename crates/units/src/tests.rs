//! What units must read, convert and refuse.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use crate::*;

fn table() -> Substances {
    let row = |name: &str, molar_mass_g_per_mol, valence| Substance {
        name: name.into(),
        molar_mass_g_per_mol,
        valence,
    };
    Substances::new(
        vec![
            row("Mg", 24.305, 2),
            row("MgT", 312.51, 0),
            row("K", 39.0983, 1),
            row("threonate", 135.09, 1),
            row("MgSO4.7H2O", 246.47, 0),
        ],
        vec![
            Link { from: "MgT".into(), to: "Mg".into(), mol_per_mol: 1.0 },
            Link { from: "MgT".into(), to: "threonate".into(), mol_per_mol: 2.0 },
        ],
    )
    .unwrap()
}

fn unit(text: &str) -> Unit {
    parse_unit(text, &table(), None).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// One line per text: dimension and factor, or the message with the part it blames.
fn check(texts: &[&str], expect: Expect) {
    let mut lines = String::new();
    for text in texts {
        lines.push_str(&match parse_unit(text, &table(), None) {
            Ok(unit) => format!("{text} -> {} x {}\n", unit.dimension, unit.factor),
            Err(error) => {
                let part = error.at().map_or(String::new(), |at| format!(" <{}>", &text[at]));
                let help = error.help().map_or(String::new(), |help| format!("; {help}"));
                format!("{text} -> error: {error}{part}{help}\n")
            }
        });
    }
    expect.assert_eq(&lines);
}

#[test]
fn units_of_this_field() {
    check(
        &[
            "h",
            "d",
            "wk",
            "month",
            "a",
            "min",
            "ms",
            "1/h",
            "h^-1",
            "min^-1",
            "h-1",
            "L/h",
            "mL/min",
            "mL/min/1.73m2",
            "mL/min/1.73 m2",
            "mL/min/70kg",
            "L/h/(70 kg)^0.75",
            "g/day per 70 kg",
            "mmol/24h",
            "mg/100 mL",
            "mg*24h",
            "mmol.h/L",
            "ng*h/mL",
            "mmol·h/L",
            "1/(uM ms)",
            "uM/(ms mV)",
            "(pmol/L)^-1",
            "pM^-1",
            "mM**2",
            "cm2",
            "S/cm2",
            "mV s",
            "uS",
            "lx",
            "mmHg",
            "K",
            "%",
            "percent",
            "1",
            "points/a",
            "beats/min",
            "pg/cell",
            "Hedges g",
            "NRS 0-10",
            "(m2)^(1/2)",
            "µg/dl",
            "μmol/L",
        ],
        expect![[r#"
            h -> h x 1
            d -> h x 24
            wk -> h x 168
            month -> h x 730.5
            a -> h x 8766
            min -> h x 0.016666666666666666
            ms -> h x 0.00000027777777777777776
            1/h -> 1/h x 1
            h^-1 -> 1/h x 1
            min^-1 -> 1/h x 60
            h-1 -> 1/h x 1
            L/h -> L/h x 1
            mL/min -> L/h x 0.06
            mL/min/1.73m2 -> dm/h x 0.0003468208092485549
            mL/min/1.73 m2 -> dm/h x 0.0003468208092485549
            mL/min/70kg -> L/kg/h x 0.0008571428571428571
            L/h/(70 kg)^0.75 -> L/kg^(3/4)/h x 0.04132153726455826
            g/day per 70 kg -> 1/h x 0.0000005952380952380952
            mmol/24h -> mmol/h x 0.041666666666666664
            mg/100 mL -> kg/L x 0.00001
            mg*24h -> kg*h x 0.000024
            mmol.h/L -> mmol*h/L x 1
            ng*h/mL -> kg*h/L x 0.000000001
            mmol·h/L -> mmol*h/L x 1
            1/(uM ms) -> L/mmol/h x 3600000000
            uM/(ms mV) -> mmol/L/mV/h x 3600
            (pmol/L)^-1 -> L/mmol x 1000000000
            pM^-1 -> L/mmol x 1000000000
            mM**2 -> mmol^2/L^2 x 1
            cm2 -> dm^2 x 0.01
            S/cm2 -> mA/dm^2/mV x 100
            mV s -> mV*h x 0.0002777777777777778
            uS -> mA/mV x 0.000001
            lx -> lm/dm^2 x 0.01
            mmHg -> kg/dm/h^2 x 172785814.08984002
            K -> K x 1
            % -> 1 x 0.01
            percent -> 1 x 0.01
            1 -> 1 x 1
            points/a -> 1/h x 0.00011407711613050422
            beats/min -> 1/h x 60
            pg/cell -> kg x 0.000000000000001
            Hedges g -> 1 x 1
            NRS 0-10 -> 1 x 1
            (m2)^(1/2) -> dm x 10
            µg/dl -> kg/L x 0.00000001
            μmol/L -> mmol/L x 0.001
        "#]],
    );
}

#[test]
fn substances_attach_to_one_mass_or_amount() {
    check(
        &[
            "mmol Mg",
            "mg Mg",
            "mEq Mg",
            "mmol/L Mg",
            "mEq/L Mg",
            "mg/dL Mg",
            "mg MgT",
            "mg/d MgT",
            "mg MgT/kg/day",
            "g MgSO4.7H2O",
            "mmol MgT/mmol Mg",
            "mM Mg",
            "1/(uM Mg ms)",
            "mmol/L K",
            "mV/K",
            "kg",
            "mg/kg Mg",
            "mg/kg/day MgT",
            "L/h Mg",
            "Mg",
            "mEq/L",
            "mEq MgT",
            "mmol/L Mg Mg",
            "(mg/kg) Mg/d",
            "kg/(mmol Mg)",
            "(mg Mg)/kg",
            "mV K",
        ],
        expect![[r#"
            mmol Mg -> mmol Mg x 1
            mg Mg -> mmol Mg x 0.04114379757251594
            mEq Mg -> mmol Mg x 0.5
            mmol/L Mg -> mmol/L Mg x 1
            mEq/L Mg -> mmol/L Mg x 0.5
            mg/dL Mg -> mmol/L Mg x 0.41143797572515944
            mg MgT -> mmol MgT x 0.0031998976032766953
            mg/d MgT -> mmol/h MgT x 0.00013332906680319564
            mg MgT/kg/day -> mmol MgT/kg/h x 0.00013332906680319564
            g MgSO4.7H2O -> mmol MgSO4.7H2O x 4.057288919543961
            mmol MgT/mmol Mg -> mmol MgT/mmol Mg x 1
            mM Mg -> mmol/L Mg x 1
            1/(uM Mg ms) -> L/mmol/h Mg x 3600000000
            mmol/L K -> mmol/L K x 1
            mV/K -> mV/K x 1
            kg -> kg x 1
            mg/kg Mg -> error: `Mg` could belong to `mg` or to `kg` <Mg>; put both in parentheses, as in `(mg Mg)/...`
            mg/kg/day MgT -> error: `MgT` could belong to `mg` or to `kg` <MgT>; put both in parentheses, as in `(mg MgT)/...`
            L/h Mg -> error: there is no mass or amount here that could be of `Mg` <Mg>; put it behind a mass or an amount, as in `mmol/L Mg`
            Mg -> error: there is no mass or amount here that could be of `Mg` <Mg>; put it behind a mass or an amount, as in `mmol/L Mg`
            mEq/L -> error: equivalents need a substance, whose valence they count <mEq>; name the substance, as in `mEq/L Mg`
            mEq MgT -> error: `MgT` has no charge, so it has no equivalents <mEq>
            mmol/L Mg Mg -> error: there is no mass or amount here that could be of `Mg` <Mg>; put it behind a mass or an amount, as in `mmol/L Mg`
            (mg/kg) Mg/d -> error: there is no mass or amount here that could be of `Mg` <Mg>; put it behind a mass or an amount, as in `mmol/L Mg`
            kg/(mmol Mg) -> kg/(mmol Mg) x 1
            (mg Mg)/kg -> mmol Mg/kg x 0.04114379757251594
            mV K -> error: there is no mass or amount here that could be of `K` <K>; put it behind a mass or an amount, as in `mmol/L K`
        "#]],
    );
}

#[test]
fn text_that_is_no_unit() {
    check(
        &[
            "",
            "mmol/L total serum",
            "foo",
            "mg/",
            "/h",
            "(mg/L",
            "mg/L)",
            "1/uM ms",
            "m^x",
            "m^(1/0)",
            "m^999999999",
            "0 L",
            "°C",
            "L^",
            "mg//L",
            "5 5",
            "mg 24h",
            "m^-",
            "L h^2.",
            "model units",
            "mmol/L=",
            "((((((((((((((((((h))))))))))))))))))",
            "pg^100",
            "pmol^-99999",
            "héé",
        ],
        expect![[r#"
             -> error: there is no unit; write `1` for a number without a unit
            mmol/L total serum -> error: `total` is not a unit <total>
            foo -> error: `foo` is not a unit <foo>
            mg/ -> error: the unit ends where a factor should follow <>
            /h -> error: `/` has no meaning here in a unit </>
            (mg/L -> error: this parenthesis has no partner <(>
            mg/L) -> error: `)` has no meaning here in a unit <)>
            1/uM ms -> error: a factor after a space behind `/` can be read in two ways <ms>; write `a/(b c)` if both divide, or put the factor before the `/`
            m^x -> error: this is not an exponent <^>
            m^(1/0) -> error: this is not an exponent <^(1/0)>
            m^999999999 -> error: this is not an exponent <^999999999>
            0 L -> error: this part of the unit is out of range <0>
            °C -> error: temperature scales with their own zero are not supported <°C>; give temperatures and differences in `K`
            L^ -> error: this is not an exponent <^>
            mg//L -> error: `/` has no meaning here in a unit </>
            5 5 -> error: `5` has no meaning here in a unit <5>
            mg 24h -> error: `2` has no meaning here in a unit <2>
            m^- -> error: this is not an exponent <^->
            L h^2. -> error: the unit ends where a factor should follow <>
            model units -> error: `model` is not a unit <model>
            mmol/L= -> error: `=` has no meaning here in a unit <=>
            ((((((((((((((((((h)))))))))))))))))) -> error: this part of the unit is out of range <(>
            pg^100 -> error: this part of the unit is out of range <pg^100>
            pmol^-99999 -> error: this part of the unit is out of range <pmol^-99999>
            héé -> error: `héé` is not a unit <héé>
        "#]],
    );
}

#[test]
fn conversions_are_exact_where_the_ratio_is() {
    let convert = |value, from, to| convert(value, &unit(from), &unit(to)).unwrap();
    assert_eq!(convert(90.0, "min", "h"), 1.5);
    assert_eq!(convert(0.3, "d", "h"), 0.3 * 24.0);
    assert_eq!(convert(1.0, "d", "min"), 1440.0);
    assert_eq!(convert(1.0, "month", "d"), 30.4375);
    assert_eq!(convert(1.0, "a", "month"), 12.0);
    assert_eq!(convert(1.0, "L", "m3"), 0.001);
    assert_eq!(convert(1.0, "mg/dL", "g/m3"), 10.0);
    assert_eq!(convert(24.305, "mg Mg", "mmol Mg"), 1.0);
    assert_eq!(convert(1.0, "mmol/L Mg", "mEq/L Mg"), 2.0);
    assert_eq!(convert(1.0, "mM Mg", "mmol/L Mg"), 1.0);
    assert_eq!(convert(60.0, "mL/min", "L/h"), 3.6);
    assert_eq!(convert(100.0, "mV/ms", "V/s"), 100.0);
    // 1 A/V is 1 S by definition, and 1 lx is 1 lm/m2.
    assert_eq!(convert(1.0, "A/V", "S"), 1.0);
    assert_eq!(convert(1.0, "lx", "lm/m2"), 1.0);
    // 1 Pa is 1 kg/m/s2 by definition.
    assert_eq!(convert(1.0, "Pa", "kg/m/s2"), 1.0);
}

#[test]
fn other_dimensions_and_other_substances_do_not_convert() {
    let message = |from, to| convert(1.0, &unit(from), &unit(to)).unwrap_err().to_string();
    assert_eq!(message("mg MgT", "mmol Mg"), "this is mmol MgT, needed is mmol Mg");
    assert_eq!(message("mg", "mg Mg"), "this is kg, needed is mmol Mg");
    assert_eq!(message("mmol", "mmol Mg"), "this is mmol, needed is mmol Mg");
    assert_eq!(message("L/h", "L"), "this is L/h, needed is L");
}

#[test]
fn a_bare_amount_takes_the_default_and_a_bare_mass_does_not() {
    let default = table().id("Mg");
    let read = |text| parse_unit(text, &table(), default.clone()).unwrap().dimension.to_string();
    assert_eq!(read("mmol/L"), "mmol/L Mg");
    assert_eq!(read("mEq/L"), "mmol/L Mg");
    assert_eq!(read("mM"), "mmol/L Mg");
    assert_eq!(read("mg/dL"), "kg/L");
    assert_eq!(read("mmol/kg"), "mmol Mg/kg");
    assert_eq!(read("mmol MgT/mmol"), "mmol MgT/mmol Mg");
}

#[test]
fn stoichiometry_is_crossed_by_name_only() {
    let table = table();
    let id = |name| table.id(name).unwrap();
    let dose = Quantity::new(312.51, &unit("mg MgT"));
    let metal = convert_through(&dose, &id("MgT"), &id("Mg"), &table).unwrap();
    assert_eq!(metal.in_unit(&unit("mg Mg")).unwrap(), 24.305);
    let acid = convert_through(&dose, &id("MgT"), &id("threonate"), &table).unwrap();
    assert_eq!(acid.in_unit(&unit("mmol threonate")).unwrap(), 2.0);
    let back = convert_through(&acid, &id("threonate"), &id("MgT"), &table).unwrap();
    assert_eq!(back, dose);
    let per = Quantity::new(3.0, &unit("L/mmol threonate"));
    let per = convert_through(&per, &id("threonate"), &id("MgT"), &table).unwrap();
    assert_eq!(per.in_unit(&unit("L/mmol MgT")).unwrap(), 6.0);
    let none = convert_through(&metal, &id("Mg"), &id("threonate"), &table).unwrap_err();
    assert_eq!(none.to_string(), "no stoichiometry leads from `Mg` to `threonate`");
    let absent = convert_through(&metal, &id("MgT"), &id("Mg"), &table).unwrap_err();
    assert!(matches!(absent, UnitError::NothingOfSubstance { .. }));
}

#[test]
fn a_substance_table_is_checked() {
    let row = |name: &str, molar_mass_g_per_mol| Substance {
        name: name.into(),
        molar_mass_g_per_mol,
        valence: 0,
    };
    let message = |rows, links| Substances::new(rows, links).unwrap_err().to_string();
    assert_eq!(
        message(vec![row("a b", 1.0)], vec![]),
        "substance `a b`: a name starts with a letter and holds no space or operator"
    );
    assert_eq!(message(vec![row("x", f64::NAN)], vec![]), "substance `x`: a molar mass is above 0");
    assert_eq!(
        message(vec![row("x", 1.0), row("x", 2.0)], vec![]),
        "substance `x`: the name stands twice"
    );
    let link = Link { from: "x".into(), to: "y".into(), mol_per_mol: 1.0 };
    assert_eq!(message(vec![row("x", 1.0)], vec![link]), "`y` is not a known substance");
}

#[test]
fn powers_of_dimensioned_quantities_are_constant() {
    let weight = unit("kg").dimension;
    let constant = dimension_after_power(&weight, &Exponent::Constant(0.75)).unwrap();
    assert_eq!(constant.to_string(), "kg^(3/4)");
    let changing = Exponent::Changing(Dimension::NONE);
    let error = dimension_after_power(&weight, &changing).unwrap_err();
    assert_eq!(error.to_string(), "a quantity in kg can be raised to a constant exponent only");
    assert_eq!(dimension_after_power(&Dimension::NONE, &changing).unwrap(), Dimension::NONE);
    let dimensioned = Exponent::Changing(weight.clone());
    let error = dimension_after_power(&Dimension::NONE, &dimensioned).unwrap_err();
    assert_eq!(error.to_string(), "an exponent has no unit, but this one is in kg");
    let odd = Exponent::Constant(std::f64::consts::PI);
    assert!(dimension_after_power(&weight, &odd).is_err());
}

#[test]
fn quantities_add_within_one_dimension() {
    let (hour, day, litre) = (unit("h"), unit("d"), unit("L"));
    let sum = Quantity::new(1.0, &day).add(&Quantity::new(12.0, &hour)).unwrap();
    assert_eq!(sum.in_unit(&day).unwrap(), 1.5);
    assert!(sum.sub(&Quantity::new(1.0, &litre)).is_err());
    assert!(sum.in_unit(&litre).is_err());
    let rate = Quantity::new(3.0, &litre).div(&sum).unwrap();
    assert_eq!(rate.in_unit(&unit("L/d")).unwrap(), 2.0);
    assert_eq!(sum.div(&Quantity::new(0.0, &hour)), Err(UnitError::NotFinite));
    let root = Rational::new(1, 2).unwrap();
    assert_eq!(Quantity::new(-1.0, &hour).pow(root), Err(UnitError::NotFinite));
    assert_eq!(Quantity::new(4.0, &unit("h2")).pow(root).unwrap(), Quantity::new(2.0, &hour));
}

#[test]
fn every_name_reads_as_itself_and_stands_once() {
    let names: Vec<&str> = unit_names().collect();
    for (index, name) in names.iter().enumerate() {
        assert!(!names[..index].contains(name), "{name} stands twice");
        let id = table().id("Mg");
        let unit = parse_unit(name, &table(), id).unwrap();
        assert!(unit.factor > 0.0, "{name}");
    }
}

#[test]
fn the_page_for_users_is_true_and_complete() {
    let page = include_str!("../../../docs/language/units.md");
    let mut examples = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = line.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        let (text, dimension, factor) = (cells[1], cells[2], cells[3]);
        let unit = unit(text);
        assert_eq!(unit.dimension.to_string(), dimension, "{text}");
        let factor: f64 = factor.parse().unwrap();
        // Six digits are printed.
        assert!((unit.factor / factor - 1.0).abs() < 0.5e-5, "{text}: {}", unit.factor);
        examples += 1;
    }
    assert_eq!(examples, 26);
    let missing: Vec<&str> =
        unit_names().filter(|name| !page.contains(&format!("`{name}`"))).collect();
    assert!(missing.is_empty(), "not on the page: {missing:?}");
}

/// A unit text of up to four factors, with and without substances.
fn any_unit() -> impl Strategy<Value = String> {
    let factor = prop_oneof![
        Just("h"),
        Just("d"),
        Just("mL"),
        Just("kg"),
        Just("mmol Mg"),
        Just("mg MgT"),
        Just("mV"),
        Just("lx"),
        Just("cm2"),
        Just("percent"),
        Just("(70 kg)^0.75"),
        Just("mmol"),
    ];
    prop::collection::vec((factor, any::<bool>()), 1..5).prop_map(|factors| {
        factors.iter().fold("1".to_string(), |text, (factor, divides)| {
            format!("{text}{}{factor}*1", if *divides { "/" } else { "*" })
        })
    })
}

proptest! {
    #[test]
    fn a_dimension_prints_and_reads_back(text in any_unit()) {
        let dimension = unit(&text).dimension;
        let printed = dimension.to_string();
        let again = unit(&printed);
        prop_assert_eq!(again.dimension, dimension, "{} -> {}", text, printed);
        prop_assert_eq!(again.factor, 1.0);
    }

    #[test]
    fn conversion_there_and_back_is_the_same_number(text in any_unit(), value in -1e6..1e6f64) {
        let from = unit(&text);
        let base = Unit::of_base(from.dimension.clone());
        let back = convert(convert(value, &from, &base).unwrap(), &base, &from).unwrap();
        // Two products and two ratios, each rounded once to half a unit in the last place.
        prop_assert!((back - value).abs() <= 4.0 * 0.5 * f64::EPSILON * value.abs());
        prop_assert_eq!(from.to_base(value), Quantity::new(value, &from).value);
    }

    #[test]
    fn dimensions_form_a_group(a in any_unit(), b in any_unit(), c in any_unit()) {
        let (a, b, c) = (unit(&a).dimension, unit(&b).dimension, unit(&c).dimension);
        let left = a.mul(&b).unwrap().mul(&c).unwrap();
        prop_assert_eq!(&left, &a.mul(&b.mul(&c).unwrap()).unwrap());
        prop_assert_eq!(a.mul(&b).unwrap(), b.mul(&a).unwrap());
        prop_assert_eq!(a.div(&b).unwrap().mul(&b).unwrap(), a.clone());
        prop_assert_eq!(a.pow(Rational::whole(3)).unwrap(), a.mul(&a).unwrap().mul(&a).unwrap());
        let half = Rational::new(1, 2).unwrap();
        prop_assert_eq!(a.pow(half).unwrap().pow(Rational::whole(2)).unwrap(), a);
    }

    #[test]
    fn no_text_panics(text in "[ a-zA-Z0-9µ°%/*^().·-]{0,24}") {
        let at = parse_unit(&text, &table(), table().id("Mg")).err().and_then(|e| e.at());
        prop_assert!(at.is_none_or(|at| text.get(at).is_some()));
    }
}
