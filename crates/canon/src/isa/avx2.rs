//! The kernels for x86-64 with AVX2 and FMA: 16 registers of 4 doubles.
#![allow(
    unsafe_code,
    reason = "calls into functions compiled for features that were detected, and vector loads"
)]

use std::arch::x86_64::{
    __m256d, _mm256_fmadd_pd, _mm256_fnmadd_pd, _mm256_loadu_pd, _mm256_mul_pd, _mm256_set1_pd,
    _mm256_setzero_pd, _mm256_storeu_pd,
};

use super::compiled::compiled_for;
use crate::kernel::{self, BadPivot, Kernels};
use crate::system::kernels::{self, Corner, GROUP, SystemKernels, TILE};

/// Doubles in a register.
const WIDTH: usize = 4;
/// Registers in a row of the tile.
const VECTORS: usize = 2;
const LANES: usize = WIDTH * VECTORS;
const ROWS: usize = 4;

compiled_for!(
    "avx2,fma",
    (std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")),
    LANES,
    ROWS
);

/// The register tile of clause A4; see [`kernel::Tile`].
///
/// 8 of 16 registers hold sums, which covers the latency of the fused operation (4 cycles, 2 a cycle); per step 8 fused
/// operations on 6 loads. Tried: rows of 3 registers; the compiler then keeps one sum in memory (504 x 476: 4.8 ms, now 2.7).
#[target_feature(enable = "avx2,fma")]
fn tile<const SUBTRACT: bool>(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
    let (out, rest) = out.as_chunks_mut::<WIDTH>();
    assert!(out.len() == ROWS * VECTORS && rest.is_empty(), "tile: shape of the result");
    assert!(a.len() == b.len() && first + ROWS <= LANES, "tile: shape of the panels");
    let mut sums = [[_mm256_setzero_pd(); VECTORS]; ROWS];
    for (row, values) in sums.iter_mut().zip(out.chunks_exact(VECTORS)) {
        for (sum, value) in row.iter_mut().zip(values) {
            *sum = load(value);
        }
    }
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        let (b, _) = b.as_chunks::<WIDTH>();
        let b = [load(&b[0]), load(&b[1])];
        for (row, &a) in sums.iter_mut().zip(&a[first..first + ROWS]) {
            let a = _mm256_set1_pd(a);
            for (sum, b) in row.iter_mut().zip(b) {
                *sum = if SUBTRACT { _mm256_fnmadd_pd(a, b, *sum) } else { _mm256_fmadd_pd(a, b, *sum) };
            }
        }
    }
    for (row, values) in sums.iter().zip(out.chunks_exact_mut(VECTORS)) {
        for (sum, value) in row.iter().zip(values) {
            store(value, *sum);
        }
    }
}

/// The tile of a system; see [`SystemKernels::tile`]. Six parts of 8 x 4: 8 of 16 registers hold sums.
#[target_feature(enable = "avx2,fma")]
fn tall_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize) {
    for right in (0..GROUP).step_by(WIDTH) {
        for top in (0..TILE).step_by(LANES) {
            part_of_tile(tall, wide, &mut c[right * height + top..], height, top, right);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn part_of_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize, top: usize, right: usize) {
    let mut sums = [[_mm256_setzero_pd(); VECTORS]; WIDTH];
    for (j, sums) in sums.iter_mut().enumerate() {
        let column = c[j * height..j * height + LANES].as_chunks::<WIDTH>().0;
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum = load(value);
        }
    }
    for (a, b) in tall.as_chunks::<TILE>().0.iter().zip(wide.as_chunks::<GROUP>().0) {
        let (a, _) = a[top..top + LANES].as_chunks::<WIDTH>();
        let a = [load(&a[0]), load(&a[1])];
        for (sums, &b) in sums.iter_mut().zip(&b[right..right + WIDTH]) {
            let b = _mm256_set1_pd(b);
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum = _mm256_fnmadd_pd(a, b, *sum);
            }
        }
    }
    for (j, sums) in sums.iter().enumerate() {
        let column = c[j * height..j * height + LANES].as_chunks_mut::<WIDTH>().0;
        for (value, sum) in column.iter_mut().zip(sums) {
            store(value, *sum);
        }
    }
}

/// See [`kernels::below`]; 8 rows at a time.
#[target_feature(enable = "avx2,fma")]
fn rows_below(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
    for row in (row..height).step_by(LANES) {
        let mut x = [[_mm256_setzero_pd(); VECTORS]; GROUP];
        for j in 0..GROUP {
            let column = own[j * height + row..j * height + row + LANES].as_chunks_mut::<WIDTH>().0;
            let mut sums = [load(&column[0]), load(&column[1])];
            for (x, &l) in x.iter().zip(&corner.l[j]).take(j) {
                let l = _mm256_set1_pd(l);
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum = _mm256_fnmadd_pd(*x, l, *sum);
                }
            }
            let reciprocal = _mm256_set1_pd(corner.reciprocal[j]);
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum = _mm256_mul_pd(*sum, reciprocal);
                store(value, *sum);
            }
            x[j] = sums;
        }
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(from: &[f64; WIDTH]) -> __m256d {
    // SAFETY: the reference covers the bytes that are read; the load needs no alignment.
    unsafe { _mm256_loadu_pd(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(to: &mut [f64; WIDTH], value: __m256d) {
    // SAFETY: the reference covers the bytes that are written; the store needs no alignment.
    unsafe { _mm256_storeu_pd(to.as_mut_ptr(), value) }
}
