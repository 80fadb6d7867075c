//! Model texts and records to what the engine runs.

use epsom_engine::{Action, Record, Timeline};
use epsom_model::ir::Model;

/// The model of `text`, which holds no mistake.
pub fn model(text: &str) -> Model {
    let (tree, said) = epsom_model::syntax::parse(text, epsom_diag::FileId(0));
    assert_eq!(said, []);
    let world = epsom_model::check::World {
        evidence: epsom_evidence::builtin(),
        substances: epsom_evidence::builtin_substances(),
    };
    let checked = epsom_model::check::check(&tree, &world);
    checked.model.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// Events, then observations at `times`.
pub fn timeline(events: &[(f64, Action)], times: &[f64]) -> Timeline {
    let observed = times.iter().map(|&time_h| (time_h, Action::Observe));
    let records = events.iter().copied().chain(observed);
    let records = records.map(|(time_h, action)| Record { time_h, action }).collect();
    Timeline::new(records, Vec::new()).unwrap()
}

/// Ten compartments, mildly stiff: rates from 154 per hour to 1 per 1,000 days; doses.
#[allow(dead_code, reason = "not every test file reads it")]
pub const STORES: &str = "ini({ va <- 0.25; gfr <- 4.2; kc <- 0.2 })
    model({
      g1(0) <- 3.27; g2(0) <- 0.3; p(0) <- 12.75; ifs(0) <- 20; ist(0) <- 300
      bf(0) <- 60; bs(0) <- 500; csf(0) <- 0.15; n(0) <- 0.5
      cp <- p / 15
      jabs <- va * g2 / (3 + g2) + 0.06 * g2
      ex <- gfr * cp * (1 - 0.985 / (1 + (cp / 1.8)^4))
      jif <- 60 * (ifs - 1.5686 * p)
      jis <- 0.05 * (ist - 23.53 * p)
      jbf <- 0.01 * (bf - 4.706 * p)
      jbs <- 4.1667e-5 * (bs - 8.333 * bf)
      jc <- 0.06 * cp / (0.85 + cp)
      co <- kc * csf
      gain <- 1 + 0.3 * tr / (1 + tr)
      d/dt(g1) <- 0.5417 - 2 * g1
      d/dt(g2) <- 2 * g1 - jabs - 0.25 * g2
      d/dt(p) <- jabs + jif + jis + jbf - ex - jc + co
      d/dt(ifs) <- -jif
      d/dt(ist) <- -jis
      d/dt(bf) <- -jbf + jbs
      d/dt(bs) <- -jbs
      d/dt(csf) <- jc - co
      d/dt(n) <- 0.02 * (gain * csf / 0.135 * 0.45 - n)
      d/dt(tr) <- 0.3 * g2 - 0.5 * tr
    })";
