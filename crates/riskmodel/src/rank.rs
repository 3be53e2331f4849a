//! Cross-sectional ranks.

/// Ranks of `values`, scaled to -1 (smallest) ... 1 (largest); ties share the mean of their ranks, one value gives 0.
///
/// With `r` the 0-based rank, `(2 r - (n - 1)) / (n - 1)`, rounded once to `f32`. NaN ranks by its bits; callers pass none.
pub fn rank(values: &[f64]) -> Vec<f32> {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]).then(a.cmp(&b)));
    let mut ranks = vec![0.0; n];
    let mut from = 0;
    while from < n {
        let same = order[from..].iter().take_while(|&&i| values[i] == values[order[from]]).count().max(1);
        // The sum of the first and the last 0-based rank of the tie is twice its mean.
        let doubled = (from + from + same - 1) as f64;
        let scale = (n - 1) as f64;
        for &i in &order[from..from + same] {
            ranks[i] = if n > 1 { ((doubled - scale) / scale) as f32 } else { 0.0 };
        }
        from += same;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_with_ties() {
        assert_eq!(rank(&[3.0, 1.0, 2.0]), [1.0, -1.0, 0.0]);
        assert_eq!(rank(&[5.0, 5.0, 5.0, 5.0]), [0.0; 4]);
        assert_eq!(rank(&[0.0, 7.0, 7.0, 9.0, 8.0]), [-1.0, -0.25, -0.25, 1.0, 0.5]);
        assert_eq!(rank(&[-0.0, 0.0]), [0.0, 0.0]);
        assert_eq!(rank(&[4.0]), [0.0]);
        assert!(rank(&[]).is_empty());
    }
}
