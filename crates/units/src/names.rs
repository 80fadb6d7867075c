//! The unit names, one line each.

use crate::dimension::BASES;

/// What a unit can become with a substance behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing: the substance belongs to another factor.
    Plain,
    /// A mass, which converts by molar mass.
    Mass,
    /// An amount, or an amount per volume (molar).
    Amount,
    /// Equivalents, which convert by valence.
    Equivalents,
}

/// One unit name.
#[derive(Debug, Clone, Copy)]
pub struct UnitName {
    /// As written.
    pub name: &'static str,
    /// Base units in one, as numerator and denominator.
    pub(crate) ratio: (f64, f64),
    /// Exponents in the order of [`crate::Base`].
    pub(crate) exponents: [i8; BASES],
    pub(crate) role: Role,
}

// Exponents: amount, mass, length, voltage, current, temperature, luminous, time.
const NUMBER: [i8; BASES] = [0; BASES];
const AMOUNT: [i8; BASES] = [1, 0, 0, 0, 0, 0, 0, 0];
const MASS: [i8; BASES] = [0, 1, 0, 0, 0, 0, 0, 0];
const LENGTH: [i8; BASES] = [0, 0, 1, 0, 0, 0, 0, 0];
const VOLUME: [i8; BASES] = [0, 0, 3, 0, 0, 0, 0, 0];
const MOLAR: [i8; BASES] = [1, 0, -3, 0, 0, 0, 0, 0];
const VOLTAGE: [i8; BASES] = [0, 0, 0, 1, 0, 0, 0, 0];
const CURRENT: [i8; BASES] = [0, 0, 0, 0, 1, 0, 0, 0];
const CONDUCTANCE: [i8; BASES] = [0, 0, 0, -1, 1, 0, 0, 0];
const TEMPERATURE: [i8; BASES] = [0, 0, 0, 0, 0, 1, 0, 0];
const LUMINOUS: [i8; BASES] = [0, 0, 0, 0, 0, 0, 1, 0];
const ILLUMINANCE: [i8; BASES] = [0, 0, -2, 0, 0, 0, 1, 0];
const PRESSURE: [i8; BASES] = [0, 1, -1, 0, 0, 0, 0, -2];
const TIME: [i8; BASES] = [0, 0, 0, 0, 0, 0, 0, 1];
const RATE: [i8; BASES] = [0, 0, 0, 0, 0, 0, 0, -1];

/// Base units (kg/dm/h^2) in one Pa = 1 kg/m/s^2.
const PASCAL: f64 = 3600.0 * 3600.0 / 10.0;

const fn plain(name: &'static str, above: f64, below: f64, exponents: [i8; BASES]) -> UnitName {
    UnitName { name, ratio: (above, below), exponents, role: Role::Plain }
}

const fn mass(name: &'static str, above: f64, below: f64) -> UnitName {
    UnitName { name, ratio: (above, below), exponents: MASS, role: Role::Mass }
}

const fn amount(name: &'static str, above: f64, below: f64) -> UnitName {
    UnitName { name, ratio: (above, below), exponents: AMOUNT, role: Role::Amount }
}

const fn molar(name: &'static str, above: f64, below: f64) -> UnitName {
    UnitName { name, ratio: (above, below), exponents: MOLAR, role: Role::Amount }
}

const fn equivalents(name: &'static str, above: f64, below: f64) -> UnitName {
    UnitName { name, ratio: (above, below), exponents: AMOUNT, role: Role::Equivalents }
}

/// Every unit name; case matters (`M` is molar, `m` meter, `S` siemens, `s` second).
#[rustfmt::skip]
pub const UNIT_NAMES: &[UnitName] = &[
    // Time, in h. A month is a twelfth of a year of 365.25 d.
    plain("h", 1.0, 1.0, TIME),
    plain("hr", 1.0, 1.0, TIME),
    plain("hour", 1.0, 1.0, TIME),
    plain("hours", 1.0, 1.0, TIME),
    plain("d", 24.0, 1.0, TIME),
    plain("day", 24.0, 1.0, TIME),
    plain("days", 24.0, 1.0, TIME),
    plain("wk", 168.0, 1.0, TIME),
    plain("week", 168.0, 1.0, TIME),
    plain("weeks", 168.0, 1.0, TIME),
    plain("month", 730.5, 1.0, TIME),
    plain("months", 730.5, 1.0, TIME),
    plain("a", 8766.0, 1.0, TIME),
    plain("yr", 8766.0, 1.0, TIME),
    plain("year", 8766.0, 1.0, TIME),
    plain("years", 8766.0, 1.0, TIME),
    plain("min", 1.0, 60.0, TIME),
    plain("minute", 1.0, 60.0, TIME),
    plain("minutes", 1.0, 60.0, TIME),
    plain("s", 1.0, 3600.0, TIME),
    plain("ms", 1.0, 3.6e6, TIME),
    plain("us", 1.0, 3.6e9, TIME),
    plain("Hz", 3600.0, 1.0, RATE),
    // Volume, in L.
    plain("L", 1.0, 1.0, VOLUME),
    plain("l", 1.0, 1.0, VOLUME),
    plain("dL", 1.0, 10.0, VOLUME),
    plain("dl", 1.0, 10.0, VOLUME),
    plain("mL", 1.0, 1e3, VOLUME),
    plain("ml", 1.0, 1e3, VOLUME),
    plain("uL", 1.0, 1e6, VOLUME),
    plain("ul", 1.0, 1e6, VOLUME),
    plain("µL", 1.0, 1e6, VOLUME),
    plain("nL", 1.0, 1e9, VOLUME),
    plain("pL", 1.0, 1e12, VOLUME),
    plain("fL", 1.0, 1e15, VOLUME),
    // Length, in dm.
    plain("m", 10.0, 1.0, LENGTH),
    plain("dm", 1.0, 1.0, LENGTH),
    plain("cm", 1.0, 10.0, LENGTH),
    plain("mm", 1.0, 1e2, LENGTH),
    plain("um", 1.0, 1e5, LENGTH),
    plain("µm", 1.0, 1e5, LENGTH),
    plain("nm", 1.0, 1e8, LENGTH),
    // Mass, in kg.
    mass("kg", 1.0, 1.0),
    mass("g", 1.0, 1e3),
    mass("mg", 1.0, 1e6),
    mass("ug", 1.0, 1e9),
    mass("µg", 1.0, 1e9),
    mass("mcg", 1.0, 1e9),
    mass("ng", 1.0, 1e12),
    mass("pg", 1.0, 1e15),
    // Amount, in mmol.
    amount("mol", 1e3, 1.0),
    amount("mmol", 1.0, 1.0),
    amount("umol", 1.0, 1e3),
    amount("µmol", 1.0, 1e3),
    amount("nmol", 1.0, 1e6),
    amount("pmol", 1.0, 1e9),
    amount("fmol", 1.0, 1e12),
    equivalents("Eq", 1e3, 1.0),
    equivalents("mEq", 1.0, 1.0),
    equivalents("meq", 1.0, 1.0),
    equivalents("uEq", 1.0, 1e3),
    // Molar concentration, in mmol/L.
    molar("M", 1e3, 1.0),
    molar("mM", 1.0, 1.0),
    molar("uM", 1.0, 1e3),
    molar("µM", 1.0, 1e3),
    molar("nM", 1.0, 1e6),
    molar("pM", 1.0, 1e9),
    // Electricity, in mV and mA; not linked to mechanical units.
    plain("V", 1e3, 1.0, VOLTAGE),
    plain("mV", 1.0, 1.0, VOLTAGE),
    plain("uV", 1.0, 1e3, VOLTAGE),
    plain("µV", 1.0, 1e3, VOLTAGE),
    plain("A", 1e3, 1.0, CURRENT),
    plain("mA", 1.0, 1.0, CURRENT),
    plain("uA", 1.0, 1e3, CURRENT),
    plain("nA", 1.0, 1e6, CURRENT),
    plain("pA", 1.0, 1e9, CURRENT),
    plain("S", 1.0, 1.0, CONDUCTANCE),
    plain("mS", 1.0, 1e3, CONDUCTANCE),
    plain("uS", 1.0, 1e6, CONDUCTANCE),
    plain("µS", 1.0, 1e6, CONDUCTANCE),
    plain("nS", 1.0, 1e9, CONDUCTANCE),
    plain("pS", 1.0, 1e12, CONDUCTANCE),
    // Pressure; the conventional mmHg is 13.5951 g/cm3 * 9.80665 m/s2 * 1 mm.
    plain("Pa", PASCAL, 1.0, PRESSURE),
    plain("kPa", 1e3 * PASCAL, 1.0, PRESSURE),
    plain("mmHg", 133.322387415 * PASCAL, 1.0, PRESSURE),
    // Temperature difference or absolute temperature; light.
    plain("K", 1.0, 1.0, TEMPERATURE),
    plain("lm", 1.0, 1.0, LUMINOUS),
    plain("lx", 1.0, 1e2, ILLUMINANCE),
    // Numbers.
    plain("%", 1.0, 1e2, NUMBER),
    plain("percent", 1.0, 1e2, NUMBER),
];

/// Names of counted things, scales and ratios: dimension 1, factor 1.
///
/// A name of two words stands alone; the others combine (`points/a`, `mmol/meal`).
pub const COUNTING: &[&str] = &[
    "0-10",
    "beat",
    "beats",
    "capsule",
    "capsules",
    "cell",
    "cells",
    "Cohen d",
    "correlation",
    "count",
    "event",
    "events",
    "fraction",
    "hazard ratio",
    "Hedges g",
    "KSS",
    "meal",
    "meals",
    "NRS 0-10",
    "odds",
    "odds ratio",
    "person",
    "persons",
    "point",
    "points",
    "ratio",
    "relative",
    "risk ratio",
    "SD",
    "SMD",
    "T score",
    "unitless",
    "VAS",
    "z",
];

/// Temperature scales with their own zero, refused by name.
pub(crate) const OFFSET_SCALES: &[&str] = &["°C", "°F", "degC", "degF", "℃", "℉"];

/// Every name a unit may hold, for "did you mean".
pub fn unit_names() -> impl Iterator<Item = &'static str> {
    UNIT_NAMES.iter().map(|row| row.name).chain(COUNTING.iter().copied())
}

/// The row of `name`; the Greek letter mu and the micro sign are one.
pub(crate) fn find_unit(name: &str) -> Option<&'static UnitName> {
    let micro = name.replace('\u{3bc}', "\u{b5}");
    UNIT_NAMES.iter().find(|row| row.name == micro)
}
