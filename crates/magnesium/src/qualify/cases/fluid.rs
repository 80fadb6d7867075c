//! Cerebrospinal fluid at a plasma level that is held, Eq. 11.

use super::{Case, nothing};

pub(super) const CASES: &[Case] = &[Case {
    name: "csf_clamp",
    keys: &["ratio", "hours"],
    setup: nothing,
    read: |seen, args| {
        let (ratio, half) = (args.number("ratio"), seen.param("km_csf"));
        let settled = ratio * (1.0 + half) / (half + ratio) - 1.0;
        let reached = 1.0 - epsom_maths::exp(-seen.param("k_csf") * args.number("hours"));
        100.0 * settled * reached
    },
}];
