//! Kernels for x86-64. Each names the clause it implements; `tests/it` compares all of them with the plain loops bit by bit.
#![allow(
    unsafe_code,
    reason = "vector loads and stores, and calls of functions compiled for a wider instruction set"
)]

use crate::cholesky::columns;
use crate::gram::{BLOCK, Tile};
use std::arch::x86_64::{
    _mm256_fmadd_pd, _mm256_loadu_pd, _mm256_set1_pd, _mm256_setzero_pd, _mm256_storeu_pd, _mm512_fmadd_pd,
    _mm512_loadu_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_storeu_pd,
};

/// Clause A4: a tile of `G = X' X` from two packed column blocks.
///
/// # Panics
/// When the processor has no AVX2 or FMA; callers ask [`Isa::or_narrower`](crate::Isa::or_narrower) first.
pub(crate) fn tile_avx2(a: &[[f64; BLOCK]], b: &[[f64; BLOCK]], out: &mut Tile) {
    assert!(std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma"));
    // SAFETY: the processor has the features that the function is compiled for.
    unsafe { tile_avx2_inside(a, b, out) }
}

/// Four rows by eight columns at a time: eight accumulators hide the latency of the fused multiply-add.
#[target_feature(enable = "avx2,fma")]
fn tile_avx2_inside(a: &[[f64; BLOCK]], b: &[[f64; BLOCK]], out: &mut Tile) {
    for row in (0..BLOCK).step_by(4) {
        for column in (0..BLOCK).step_by(8) {
            let mut sum = [[_mm256_setzero_pd(); 2]; 4];
            for (x, y) in a.iter().zip(b) {
                let y: &[f64; 8] = y[column..].first_chunk().unwrap_or(&[0.0; 8]);
                // SAFETY: four numbers from the first of eight.
                let low = unsafe { _mm256_loadu_pd(y.as_ptr()) };
                // SAFETY: four numbers from the fifth of eight.
                let high = unsafe { _mm256_loadu_pd(y[4..].as_ptr()) };
                for (k, sum) in sum.iter_mut().enumerate() {
                    let x = _mm256_set1_pd(x[row + k]);
                    sum[0] = _mm256_fmadd_pd(x, low, sum[0]);
                    sum[1] = _mm256_fmadd_pd(x, high, sum[1]);
                }
            }
            for (k, sum) in sum.iter().enumerate() {
                for (half, sum) in sum.iter().enumerate() {
                    let to = &mut out[row + k][column + 4 * half..column + 4 * half + 4];
                    // SAFETY: the slice holds the four numbers that are stored.
                    unsafe { _mm256_storeu_pd(to.as_mut_ptr(), *sum) }
                }
            }
        }
    }
}

/// Clause A4: a tile of `G = X' X` from two packed column blocks.
///
/// # Panics
/// When the processor has no AVX-512F; callers ask [`Isa::or_narrower`](crate::Isa::or_narrower) first.
pub(crate) fn tile_avx512(a: &[[f64; BLOCK]], b: &[[f64; BLOCK]], out: &mut Tile) {
    assert!(std::arch::is_x86_feature_detected!("avx512f"));
    // SAFETY: the processor has the feature that the function is compiled for.
    unsafe { tile_avx512_inside(a, b, out) }
}

/// Eight rows by sixteen columns at a time.
#[target_feature(enable = "avx512f")]
fn tile_avx512_inside(a: &[[f64; BLOCK]], b: &[[f64; BLOCK]], out: &mut Tile) {
    for row in (0..BLOCK).step_by(8) {
        let mut sum = [[_mm512_setzero_pd(); 2]; 8];
        for (x, y) in a.iter().zip(b) {
            // SAFETY: eight numbers from the first of sixteen.
            let low = unsafe { _mm512_loadu_pd(y.as_ptr()) };
            // SAFETY: eight numbers from the ninth of sixteen.
            let high = unsafe { _mm512_loadu_pd(y[8..].as_ptr()) };
            for (k, sum) in sum.iter_mut().enumerate() {
                let x = _mm512_set1_pd(x[row + k]);
                sum[0] = _mm512_fmadd_pd(x, low, sum[0]);
                sum[1] = _mm512_fmadd_pd(x, high, sum[1]);
            }
        }
        for (k, sum) in sum.iter().enumerate() {
            for (half, sum) in sum.iter().enumerate() {
                let to = &mut out[row + k][8 * half..8 * half + 8];
                // SAFETY: the slice holds the eight numbers that are stored.
                unsafe { _mm512_storeu_pd(to.as_mut_ptr(), *sum) }
            }
        }
    }
}

/// Clause A5, compiled for AVX2 and FMA: the plain column loop, vectorised across rows by the compiler.
///
/// # Panics
/// When the processor has no AVX2 or FMA.
#[expect(clippy::panic_in_result_fn, reason = "guards the unsafe call")]
pub(crate) fn columns_avx2(l: &mut [f64], reciprocal: &mut [f64]) -> Result<(), crate::Error> {
    #[target_feature(enable = "avx2,fma")]
    fn inside(l: &mut [f64], reciprocal: &mut [f64]) -> Result<(), crate::Error> {
        columns(l, reciprocal)
    }
    assert!(std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma"));
    // SAFETY: the processor has the features that the function is compiled for.
    unsafe { inside(l, reciprocal) }
}
