//! Which of the usual parameter sets a list of names is.
//!
//! The sets are those of rxode2 and of NONMEM's ADVAN1 to ADVAN4, ADVAN11 and ADVAN12 with TRANS1
//! to TRANS6; names are read in any case of letters.

use epsom_diag::list_names;

/// Names that `linCmt()` looks for, in any case of letters.
pub(crate) const LINEAR: &[&str] = &[
    "alpha", "aob", "beta", "cl", "gamma", "k", "k10", "k12", "k13", "k21", "k23", "k24", "k31",
    "k32", "k42", "ka", "ke", "kel", "q", "q1", "q2", "q3", "q4", "v", "v1", "v2", "v3", "v4",
    "vc", "vp", "vp1", "vp2", "vss", "vt", "vt1", "vt2",
];

/// Names of the central volume, most usual first.
const CENTRAL: &[&str] = &["vc", "v", "v1"];
/// Names of the first and second peripheral volume.
const PERIPHERAL: [&[&str]; 2] = [&["vp", "vp1", "vt", "vt1"], &["vp2", "vt2"]];
/// Volumes by number: the lowest is central where none of [`CENTRAL`] is there.
const NUMBERED: &[&str] = &["v2", "v3", "v4"];
/// Flows to the peripheral compartments, in the order of their volumes.
const FLOWS: &[&str] = &["q", "q1", "q2", "q3", "q4"];
/// Names of the elimination rate constant.
const ELIMINATION: &[&str] = &["kel", "k10", "ke", "k"];
/// Rate constants there and back; central is 1, or 2 behind a depot.
const RATES: [[(&str, &str); 2]; 2] =
    [[("k12", "k21"), ("k13", "k31")], [("k23", "k32"), ("k24", "k42")]];

/// How drug leaves for good.
#[derive(Debug, PartialEq)]
pub(super) enum Loss {
    Clearance(String),
    Rate(String),
    /// `alpha`, `beta` and, of three compartments, `gamma`.
    Slopes(Vec<String>),
}

/// What a peripheral compartment is made of.
#[derive(Debug, PartialEq)]
pub(super) enum Side {
    Flow {
        flow: String,
        volume: String,
    },
    /// The volume is what the total leaves beside the central one.
    FlowToTotal {
        flow: String,
        total: String,
    },
    Rates {
        there: String,
        back: String,
    },
    /// The way back; the rest follows from the slopes.
    Back(String),
    /// `aob`, the ratio of the intercepts of `alpha` and `beta`.
    Ratio(String),
}

/// The parameters of a `linCmt()`.
#[derive(Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) volume: String,
    pub(super) loss: Loss,
    pub(super) sides: Vec<Side>,
    pub(super) absorption: Option<String>,
}

/// The set that `names` are. Where they are `chosen`, none may be left over; else those of a model
/// that fit into no set beside the others stay out.
///
/// # Errors
/// Why they are none, in words.
pub(super) fn parts(names: &[&str], chosen: bool) -> Result<Parts, String> {
    let find = |wanted: &[&str]| {
        let named = |wanted: &&str| names.iter().find(|one| one.eq_ignore_ascii_case(wanted));
        wanted.iter().find_map(named).map(|one| (*one).to_string())
    };
    let all =
        |wanted: &[&str]| -> Vec<String> { wanted.iter().filter_map(|one| find(&[one])).collect() };
    let mut numbered = all(NUMBERED);
    let volume = match find(CENTRAL) {
        Some(volume) => volume,
        None if !numbered.is_empty() => numbered.remove(0),
        None => return Err("no central volume, `vc` or `v`".into()),
    };
    let (clearance, rate) = (find(&["cl"]), find(ELIMINATION));
    let slopes = all(&["alpha", "beta", "gamma"]);
    let (ratio, back) = (find(&["aob"]), all(&["k21", "k31"]));
    let mut sides = Vec::new();
    let loss = match (clearance, rate) {
        (Some(clearance), _) => Loss::Clearance(clearance),
        (None, Some(rate)) => Loss::Rate(rate),
        (None, None) => {
            match (slopes.len(), back.len(), ratio) {
                (2, 0, Some(ratio)) => sides.push(Side::Ratio(ratio)),
                (2, 1, None) | (3, 2, None) => sides.extend(back.into_iter().map(Side::Back)),
                _ => return Err("no clearance `cl` and no rate constant `kel`".into()),
            }
            Loss::Slopes(slopes)
        }
    };
    if sides.is_empty() {
        let peripheral = PERIPHERAL.iter().filter_map(|names| find(names)).chain(numbered);
        sides = peripherals(&all(FLOWS), &peripheral.collect::<Vec<_>>(), find(&["vss"]))?;
    }
    if sides.is_empty() {
        sides = constants(&find)?;
    }
    let absorption = find(&["ka"]);
    let parts = Parts { volume, loss, sides, absorption };
    if chosen {
        let used = parts.names();
        if let Some(left) = names.iter().find(|one| !used.contains(one)) {
            let beside = list_names(used.iter().copied(), 12);
            return Err(format!("`{left}` has no part beside {beside}"));
        }
    }
    Ok(parts)
}

/// Each flow with its volume, in order.
fn peripherals(
    flows: &[String],
    volumes: &[String],
    total: Option<String>,
) -> Result<Vec<Side>, String> {
    if let ([flow], [], Some(total)) = (flows, volumes, total) {
        return Ok(vec![Side::FlowToTotal { flow: flow.clone(), total }]);
    }
    if flows.len() > volumes.len() {
        return Err(format!("flow `{}` leads to no volume, such as `vp`", flows[volumes.len()]));
    }
    if volumes.len() > flows.len() {
        return Err(format!("no flow, such as `q`, leads to volume `{}`", volumes[flows.len()]));
    }
    if flows.len() > 2 {
        return Err(format!("`{}` would be a third peripheral compartment", volumes[2]));
    }
    let sides = flows.iter().zip(volumes);
    Ok(sides
        .map(|(flow, volume)| Side::Flow { flow: flow.clone(), volume: volume.clone() })
        .collect())
}

/// Rate constants in pairs.
fn constants(find: &dyn Fn(&[&str]) -> Option<String>) -> Result<Vec<Side>, String> {
    let mut sides = Vec::new();
    for pairs in RATES {
        let mut open = true;
        for (to, from) in pairs {
            match (find(&[to]), find(&[from])) {
                (Some(there), Some(back)) if open && sides.len() < 2 => {
                    sides.push(Side::Rates { there, back });
                }
                (None, None) => open = false,
                (Some(one), None) => return Err(format!("`{one}` has no way back, `{from}`")),
                (None, Some(one)) => return Err(format!("`{one}` has no way there, `{to}`")),
                (Some(one), Some(_)) => return Err(format!("`{one}` is one too many")),
            }
        }
    }
    Ok(sides)
}

/// What a parameter is, for its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Volume,
    /// Volume per time.
    Flow,
    /// One per time.
    Rate,
    /// A plain number.
    Plain,
}

impl Parts {
    /// Every name that has a part, with what it is.
    pub(super) fn kinds(&self) -> Vec<(&str, Kind)> {
        let mut found = vec![(&self.volume, Kind::Volume)];
        match &self.loss {
            Loss::Clearance(one) => found.push((one, Kind::Flow)),
            Loss::Rate(one) => found.push((one, Kind::Rate)),
            Loss::Slopes(several) => found.extend(several.iter().map(|one| (one, Kind::Rate))),
        }
        for side in &self.sides {
            match side {
                Side::Flow { flow, volume: other } | Side::FlowToTotal { flow, total: other } => {
                    found.extend([(flow, Kind::Flow), (other, Kind::Volume)]);
                }
                Side::Rates { there, back } => {
                    found.extend([(there, Kind::Rate), (back, Kind::Rate)]);
                }
                Side::Back(one) => found.push((one, Kind::Rate)),
                Side::Ratio(one) => found.push((one, Kind::Plain)),
            }
        }
        found.extend(self.absorption.iter().map(|one| (one, Kind::Rate)));
        found.into_iter().map(|(name, kind)| (name.as_str(), kind)).collect()
    }

    fn names(&self) -> Vec<&str> {
        self.kinds().into_iter().map(|(name, _)| name).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &str, chosen: bool) -> String {
        let names: Vec<&str> = names.split_whitespace().collect();
        match parts(&names, chosen) {
            Ok(parts) => format!("{} of {}", parts.names().join(" "), parts.sides.len() + 1),
            Err(why) => why,
        }
    }

    #[test]
    fn each_usual_set_is_known_in_any_order() {
        for (names, expected) in [
            ("v CL", "v CL of 1"),
            ("ka k v", "v k ka of 1"),
            ("cl vc q vp", "vc cl q vp of 2"),
            ("KA CL V2 Q V3", "V2 CL Q V3 KA of 2"),
            ("Cl V Q2 V2 Q3 V3", "V Cl Q2 V2 Q3 V3 of 3"),
            ("cl v q vp q2 vp2", "v cl q vp q2 vp2 of 3"),
            ("cl v2 q3 v3 q4 v4 ka", "v2 cl q3 v3 q4 v4 ka of 3"),
            ("cl v q vss", "v cl q vss of 2"),
            ("k v k12 k21 k13 k31", "v k k12 k21 k13 k31 of 3"),
            ("k v2 k23 k32", "v2 k k23 k32 of 2"),
            ("alpha beta aob v", "v alpha beta aob of 2"),
            ("alpha beta k21 v", "v alpha beta k21 of 2"),
            ("alpha beta gamma k21 k31 v", "v alpha beta gamma k21 k31 of 3"),
        ] {
            assert_eq!(read(names, true), expected);
            let turned: Vec<&str> = names.split(' ').rev().collect();
            assert_eq!(read(&turned.join(" "), true), expected);
        }
    }

    #[test]
    fn what_is_no_set_is_told() {
        for (names, expected) in [
            ("cl", "no central volume, `vc` or `v`"),
            ("v ka", "no clearance `cl` and no rate constant `kel`"),
            ("cl v q", "flow `q` leads to no volume, such as `vp`"),
            ("cl v q vp v3", "no flow, such as `q`, leads to volume `v3`"),
            ("k v k12", "`k12` has no way back, `k21`"),
            ("k v k31", "`k31` has no way there, `k13`"),
            ("cl v alpha", "`alpha` has no part beside `v`, `cl`"),
            ("cl kel v", "`kel` has no part beside `v`, `cl`"),
        ] {
            assert_eq!(read(names, true), expected, "{names}");
        }
        // Names of a model that were not chosen.
        assert_eq!(read("cl kel v gamma", false), "v cl of 1");
        assert_eq!(read("cl v q vp k12", false), "v cl q vp of 2");
    }
}
