//! Random numbers by address: a draw depends on its name, not on what was drawn before.

use crate::special::norm_quantile;

/// Where a random number stands; each field matters, and adding one value changes no other draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Address {
    /// The seed the user gave.
    pub seed: u64,
    /// Draw of what is uncertain.
    pub replicate: u32,
    /// [`hash_name`] of the arm.
    pub arm: u64,
    /// Person within the arm.
    pub subject: u32,
    /// Occasion within the person.
    pub occasion: u32,
    /// [`hash_name`] of the parameter or purpose.
    pub purpose: u64,
}

/// Uniform number in (0, 1), never 0 or 1: an odd multiple of 2^-53.
///
/// `index` numbers the draws of one address; one is independent of the other.
/// # Source
/// Philox4x32-10 twice. The first block has the seed as key and arm and purpose as counter; its
/// first two words are the key of the second, whose counter is replicate, subject, occasion and
/// index. The first two words of that give the number.
pub fn uniform(address: &Address, index: u32) -> f64 {
    let a = address;
    let place = [low(a.arm), high(a.arm), low(a.purpose), high(a.purpose)];
    let key = philox(place, [low(a.seed), high(a.seed)]);
    let block = philox([a.replicate, a.subject, a.occasion, index], [key[0], key[1]]);
    let word = u64::from(block[1]) << 32 | u64::from(block[0]);
    /// 2^-52.
    const STEP: f64 = f64::EPSILON;
    ((word >> 12) as f64 + 0.5) * STEP
}

/// Standard normal number by the inverse distribution function: one uniform number each.
pub fn normal(address: &Address, index: u32) -> f64 {
    norm_quantile(uniform(address, index))
}

/// Hash of a name, fixed forever (FNV-1a, 64 bits).
///
/// # Source
/// Fowler, Noll, Vo; draft-eastlake-fnv.
pub fn hash_name(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// One block of Philox4x32-10: four mixed words from a counter and a key.
///
/// # Source
/// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let mut c = counter;
    let mut k = key;
    for _ in 0..10 {
        let p = u64::from(c[0]) * 0xd251_1f53;
        let q = u64::from(c[2]) * 0xcd9e_8d57;
        c = [high(q) ^ c[1] ^ k[0], low(q), high(p) ^ c[3] ^ k[1], low(p)];
        k = [k[0].wrapping_add(0x9e37_79b9), k[1].wrapping_add(0xbb67_ae85)];
    }
    c
}

fn low(word: u64) -> u32 {
    (word & 0xffff_ffff) as u32
}

fn high(word: u64) -> u32 {
    (word >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_gives_its_published_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        let ones = u32::MAX;
        assert_eq!(philox([ones; 4], [ones; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn names_hash_to_the_published_values() {
        assert_eq!(hash_name(""), 0xcbf29ce484222325);
        assert_eq!(hash_name("a"), 0xaf63dc4c8601ec8c);
        assert_eq!(hash_name("foobar"), 0x85944171f73967e8);
    }

    #[test]
    fn every_field_of_an_address_matters() {
        let base = Address::default();
        let others = [
            Address { seed: 1, ..base },
            Address { seed: 1 << 40, ..base },
            Address { replicate: 1, ..base },
            Address { arm: 1, ..base },
            Address { arm: 1 << 40, ..base },
            Address { subject: 1, ..base },
            Address { occasion: 1, ..base },
            Address { purpose: 1, ..base },
            Address { purpose: 1 << 40, ..base },
        ];
        let mut draws: Vec<u64> = others.iter().map(|a| uniform(a, 0).to_bits()).collect();
        draws.extend([uniform(&base, 0).to_bits(), uniform(&base, 1).to_bits()]);
        draws.sort_unstable();
        draws.dedup();
        assert_eq!(draws.len(), others.len() + 2);
    }

    #[test]
    fn draws_have_the_moments_of_their_distribution() {
        // 100,000 subjects; five standard errors of each moment.
        let n = 100_000;
        let (mut sum, mut sum_z, mut sum_zz, mut lag) = (0.0, 0.0, 0.0, 0.0);
        let mut last = 0.0;
        for subject in 0..n {
            let a = Address { seed: 7, subject, purpose: hash_name("cl"), ..Address::default() };
            let u = uniform(&a, 0);
            assert!(u > 0.0 && u < 1.0);
            let z = normal(&a, 1);
            sum += u;
            sum_z += z;
            sum_zz += z * z;
            lag += z * last;
            last = z;
        }
        let n = f64::from(n);
        let five_errors = 5.0 / n.sqrt();
        assert!((sum / n - 0.5).abs() < five_errors / 12f64.sqrt());
        assert!((sum_z / n).abs() < five_errors);
        assert!((sum_zz / n - 1.0).abs() < five_errors * 2f64.sqrt());
        assert!((lag / n).abs() < five_errors);
    }
}
