//! The kernels for aarch64, whose baseline has NEON: 32 registers of 2 doubles.
#![allow(
    unsafe_code,
    reason = "calls into functions compiled for features that were detected, and vector loads"
)]

use std::arch::aarch64::{
    float64x2_t, vdupq_n_f64, vfmaq_n_f64, vfmsq_n_f64, vld1q_f64, vmulq_n_f64, vst1q_f64,
};

use super::compiled::compiled_for;
use crate::kernel::{self, BadPivot, Kernels};
use crate::system::kernels::{self, Corner, GROUP, SystemKernels, TILE};

/// Doubles in a register.
const WIDTH: usize = 2;
/// Registers in a row of the tile.
const VECTORS: usize = 4;
const LANES: usize = WIDTH * VECTORS;
const ROWS: usize = 4;

compiled_for!("neon", std::arch::is_aarch64_feature_detected!("neon"), LANES, ROWS);

/// The register tile of clause A4; see [`kernel::Tile`]. 16 of 32 registers hold sums.
#[target_feature(enable = "neon")]
fn tile<const SUBTRACT: bool>(a: &[f64], first: usize, b: &[f64], out: &mut [f64]) {
    let (out, rest) = out.as_chunks_mut::<WIDTH>();
    assert!(out.len() == ROWS * VECTORS && rest.is_empty(), "tile: shape of the result");
    assert!(a.len() == b.len() && first + ROWS <= LANES, "tile: shape of the panels");
    let mut sums = [[vdupq_n_f64(0.0); VECTORS]; ROWS];
    for (row, values) in sums.iter_mut().zip(out.chunks_exact(VECTORS)) {
        for (sum, value) in row.iter_mut().zip(values) {
            *sum = load(value);
        }
    }
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        let (b, _) = b.as_chunks::<WIDTH>();
        let b = [load(&b[0]), load(&b[1]), load(&b[2]), load(&b[3])];
        for (row, &a) in sums.iter_mut().zip(&a[first..first + ROWS]) {
            for (sum, b) in row.iter_mut().zip(b) {
                *sum = if SUBTRACT { vfmsq_n_f64(*sum, b, a) } else { vfmaq_n_f64(*sum, b, a) };
            }
        }
    }
    for (row, values) in sums.iter().zip(out.chunks_exact_mut(VECTORS)) {
        for (sum, value) in row.iter().zip(values) {
            store(value, *sum);
        }
    }
}

/// The tile of a system; see [`SystemKernels::tile`]. Six parts of 8 x 4: 16 of 32 registers hold sums.
#[target_feature(enable = "neon")]
fn tall_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize) {
    for right in (0..GROUP).step_by(ROWS) {
        for top in (0..TILE).step_by(LANES) {
            part_of_tile(tall, wide, &mut c[right * height + top..], height, top, right);
        }
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn part_of_tile(tall: &[f64], wide: &[f64], c: &mut [f64], height: usize, top: usize, right: usize) {
    let mut sums = [[vdupq_n_f64(0.0); VECTORS]; ROWS];
    for (j, sums) in sums.iter_mut().enumerate() {
        let column = c[j * height..j * height + LANES].as_chunks::<WIDTH>().0;
        for (sum, value) in sums.iter_mut().zip(column) {
            *sum = load(value);
        }
    }
    for (a, b) in tall.as_chunks::<TILE>().0.iter().zip(wide.as_chunks::<GROUP>().0) {
        let (a, _) = a[top..top + LANES].as_chunks::<WIDTH>();
        let a = [load(&a[0]), load(&a[1]), load(&a[2]), load(&a[3])];
        for (sums, &b) in sums.iter_mut().zip(&b[right..right + ROWS]) {
            for (sum, a) in sums.iter_mut().zip(a) {
                *sum = vfmsq_n_f64(*sum, a, b);
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
#[target_feature(enable = "neon")]
fn rows_below(own: &mut [f64], height: usize, row: usize, corner: &Corner) {
    for row in (row..height).step_by(LANES) {
        let mut x = [[vdupq_n_f64(0.0); VECTORS]; GROUP];
        for j in 0..GROUP {
            let column = own[j * height + row..j * height + row + LANES].as_chunks_mut::<WIDTH>().0;
            let mut sums = [load(&column[0]), load(&column[1]), load(&column[2]), load(&column[3])];
            for (x, &l) in x.iter().zip(&corner.l[j]).take(j) {
                for (sum, x) in sums.iter_mut().zip(x) {
                    *sum = vfmsq_n_f64(*sum, *x, l);
                }
            }
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum = vmulq_n_f64(*sum, corner.reciprocal[j]);
                store(value, *sum);
            }
            x[j] = sums;
        }
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(from: &[f64; WIDTH]) -> float64x2_t {
    // SAFETY: the reference covers the bytes that are read; the load needs no alignment.
    unsafe { vld1q_f64(from.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(to: &mut [f64; WIDTH], value: float64x2_t) {
    // SAFETY: the reference covers the bytes that are written; the store needs no alignment.
    unsafe { vst1q_f64(to.as_mut_ptr(), value) }
}
