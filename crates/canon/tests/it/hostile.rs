//! Numbers that make another order of operations visible, and a comparison that sees every bit.

/// Cancellation, subnormals, huge numbers and zeros of both signs, from a seed (`SplitMix64`).
pub(crate) fn numbers(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let mut last = 1.0_f64;
    let mut one = |kind: u64| {
        let bits = next();
        let unit = (bits >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5;
        last = match kind % 16 {
            0 => f64::from_bits(bits & 0x800F_FFFF_FFFF_FFFF),
            1 => unit * 1e150,
            2 => -last,
            3 => f64::from_bits(0x3FF0_0000_0000_0000 | (bits & 1)),
            4 => unit * 1e-150,
            5 => -0.0,
            6 => unit * 1e16,
            _ => unit,
        };
        last
    };
    (0..count as u64).map(|i| one(i.wrapping_mul(0x9E37_79B9) ^ seed)).collect()
}

/// Plain numbers in +-0.5, from a seed.
pub(crate) fn plain(seed: u64, count: usize) -> Vec<f64> {
    let mut state = seed | 1;
    let mut one = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5
    };
    (0..count).map(|_| one()).collect()
}

/// All bits equal; one NaN equals another, because its payload is not defined (clause A7).
pub(crate) fn assert_same(name: &str, found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (at, (x, y)) in found.iter().zip(expected).enumerate() {
        let same = x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
        assert!(same, "{name}: entry {at} is {x:e} instead of {y:e}");
    }
}
