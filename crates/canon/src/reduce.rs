//! Clause A3: vector reductions have one shape. Lane `t` of 32 takes elements `t`, `t + 32`, ... in order; then the lanes
//! fold 16, 8, 4, 2, 1.

use crate::kernel::{self, REDUCTION_LANES as LANES, fold};
use crate::{Isa, abs, max};

/// `sum of a[i] * b[i]`, one fused operation an element, in the shape of clause A3.
///
/// # Panics
/// When the lengths differ.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "dot: lengths differ");
    kernel::dot(a, b)
}

/// [`dot`] compiled for an instruction set: the same bits, sooner.
///
/// # Panics
/// When the lengths differ.
pub fn dot_on(isa: Isa, a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "dot: lengths differ");
    (isa.kernels().dot)(a, b)
}

/// `sum of a[i]`, in the shape of clause A3.
pub fn sum(a: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    for x in a.chunks(LANES) {
        for (lane, &x) in lanes.iter_mut().zip(x) {
            *lane += x;
        }
    }
    fold(lanes)
}

/// The largest `|a[i]|`; 0 for an empty slice, NaN when an element is NaN.
pub fn max_abs(a: &[f64]) -> f64 {
    a.iter().fold(0.0, |best, &x| if x.is_nan() { x } else { max(best, abs(x)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order is visible: these numbers give another sum in any other shape.
    #[test]
    fn the_shape_is_the_written_one() {
        let a: Vec<f64> =
            (0..100).map(|i| if i % 3 == 0 { 1e8 / 3.0 } else { 0.1 * f64::from(i) - 1e8 / 7.0 }).collect();
        let mut lanes = [0.0_f64; 32];
        for (i, x) in a.iter().enumerate() {
            lanes[i % 32] += x;
        }
        for half in [16, 8, 4, 2, 1] {
            for t in 0..half {
                lanes[t] += lanes[t + half];
            }
        }
        assert_eq!(sum(&a).to_bits(), lanes[0].to_bits());
        let left_to_right = a.iter().fold(0.0, |s, x| s + x);
        assert_ne!(sum(&a).to_bits(), f64::to_bits(left_to_right));
        assert_eq!(dot(&a, &vec![1.0; 100]).to_bits(), sum(&a).to_bits());
    }

    #[test]
    fn largest_magnitude() {
        assert_eq!(max_abs(&[1.0, -3.0, 2.0]), 3.0);
        assert_eq!(max_abs(&[]), 0.0);
        assert!(max_abs(&[1.0, f64::NAN, 2.0]).is_nan());
    }
}
