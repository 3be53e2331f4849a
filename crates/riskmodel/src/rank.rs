//! Cross-sectional ranks.

/// The rank of each value among all, scaled to `[-1, 1]`; equal values share the middle of their ranks.
///
/// With `n` values, `less` of them below and `equal` equal (itself included): `(2 less + equal - n) / (n - 1)`, which is
/// `(2 rank - (n - 1)) / (n - 1)` for the rank `less + (equal - 1) / 2` counted from 0. The two integers are exact and
/// the one division is correctly rounded, also as `f32`. One value alone gets 0. Before that rounding the
/// ranks of a cross-section add up to 0.
///
/// Values must not be NaN; zeros of both signs are equal.
pub fn scaled_ranks(values: &[f64]) -> Vec<f32> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; n];
    if n < 2 {
        return ranks;
    }
    let mut less = 0;
    for ties in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let numerator = (2 * less + ties.len()) as f64 - n as f64;
        for &at in ties {
            ranks[at] = (numerator / (n - 1) as f64) as f32;
        }
        less += ties.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], expected: &[f32]) {
        assert_eq!(scaled_ranks(values), expected, "{values:?}");
    }

    #[test]
    fn ranks_and_ties() {
        check(&[], &[]);
        check(&[7.0], &[0.0]);
        check(&[2.0, 1.0], &[1.0, -1.0]);
        check(&[0.3, 0.1, 0.2, 0.5, 0.4], &[0.0, -1.0, -0.5, 1.0, 0.5]);
        check(&[1.0, 1.0, 1.0], &[0.0, 0.0, 0.0]);
        check(&[5.0, 1.0, 5.0, 9.0, 5.0], &[0.0, -1.0, 0.0, 1.0, 0.0]);
        check(&[0.0, -0.0, 1.0], &[-0.5, -0.5, 1.0]);
        check(&[f64::INFINITY, f64::NEG_INFINITY, 0.0], &[1.0, -1.0, 0.0]);
    }
}
