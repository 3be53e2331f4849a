//! Cholesky factors of many matrices of one order, and the self-test that compares them with `canon`.

use crate::GpuError;
use crate::device::{Device, Kernel};
use crate::pack::bytes;
use samebits_canon::Cholesky;

/// Factors as they come back from the device.
#[derive(Debug, Clone, PartialEq)]
pub struct Factors {
    /// Order of the matrices.
    pub n: usize,
    /// For each matrix `L`, row-major `n x n`; what lies above the diagonal is unspecified.
    pub l: Vec<Vec<f64>>,
    /// For each matrix one reciprocal a pivot.
    pub reciprocals: Vec<Vec<f64>>,
    /// For each matrix the first column without a positive finite pivot.
    pub failed: Vec<Option<usize>>,
}

const STRIP: usize = 16;

/// Factors `matrices` (each row-major `n x n`, lower triangle read) as clause A5 writes it.
///
/// # Errors
/// A lost device.
///
/// # Panics
/// When a matrix is not `n x n`.
#[expect(
    clippy::panic_in_result_fn,
    reason = "a wrong shape is a fault of the calling code, not of its data"
)]
pub fn factor(device: &mut dyn Device, matrices: &[Vec<f64>], n: usize) -> Result<Factors, GpuError> {
    let count = matrices.len();
    let each = n * n;
    let columns = n.next_multiple_of(STRIP);
    let stride = (columns + columns * (columns + 8)) as u64;
    let blocks = device.blocks(Kernel::Cholesky).min(count as u32).max(1);
    let sent = bytes(count * each, 8);
    let (out_l, out_r) = (sent, sent + bytes(count * each, 8));
    let out_failed = out_r + bytes(count * n, 8);
    let end = out_failed + bytes(count, 4);
    let work = device.allocate(stride * 8 * u64::from(blocks))?;
    let memory = device.allocate(end as u64)?;
    let input = device.input(0, sent)?;
    for (out, matrix) in input.chunks_exact_mut((8 * each).max(1)).zip(matrices) {
        assert_eq!(matrix.len(), each, "cholesky: the matrix is not n x n");
        for (out, value) in out.as_chunks_mut::<8>().0.iter_mut().zip(matrix) {
            *out = value.to_le_bytes();
        }
    }
    device.send(0, 0..sent, memory)?;
    let address = |offset: usize| memory + offset as u64;
    let longs = [
        memory,
        address(out_l),
        address(out_r),
        address(out_failed),
        work,
        stride,
        n as u64 | ((count as u64) << 32),
    ];
    let mut parameter = [0; 56];
    for (out, value) in parameter.as_chunks_mut::<8>().0.iter_mut().zip(longs) {
        *out = value.to_le_bytes();
    }
    device.launch(0, Kernel::Cholesky, blocks, &parameter)?;
    device.fetch(0, end - out_l, address(out_l))?;
    let output = device.output(0)?;
    let numbers = |from: usize, count: usize| -> Vec<f64> {
        output[from..][..8 * count]
            .as_chunks::<8>()
            .0
            .iter()
            .map(|bytes| f64::from_le_bytes(*bytes))
            .collect()
    };
    let failed = output[out_failed - out_l..][..4 * count].as_chunks::<4>().0;
    let factors = Factors {
        n,
        l: (0..count).map(|k| numbers(8 * k * each, each)).collect(),
        reciprocals: (0..count).map(|k| numbers(out_r - out_l + 8 * k * n, n)).collect(),
        failed: failed.iter().map(|bytes| usize::try_from(i32::from_le_bytes(*bytes)).ok()).collect(),
    };
    device.release(memory)?;
    device.release(work)?;
    Ok(factors)
}

/// Orders that reach every path of the factorisation: one strip, one panel, panels with a rest, more rows than warps hold.
const ORDERS: [usize; 4] = [1, 24, 72, 200];

/// Compares factors of a few matrices with `canon`, bit by bit.
///
/// # Errors
/// [`GpuError::SelfTestFailed`] with the first difference; a lost device.
pub fn self_test(device: &mut dyn Device) -> Result<(), GpuError> {
    for n in ORDERS {
        let matrices: Vec<Vec<f64>> = (0..3).map(|seed| matrix(n, seed)).collect();
        let found = factor(device, &matrices, n)?;
        for (k, matrix) in matrices.iter().enumerate() {
            compare(&found, k, matrix)?;
        }
    }
    Ok(())
}

fn compare(found: &Factors, k: usize, matrix: &[f64]) -> Result<(), GpuError> {
    let n = found.n;
    let wrong = |what: String| GpuError::SelfTestFailed(format!("order {n}, matrix {k}: {what}"));
    let wanted = Cholesky::reference(matrix, n).map_err(|error| wrong(error.to_string()))?;
    if let Some(column) = found.failed[k] {
        return Err(wrong(format!("no pivot in column {column}")));
    }
    for i in 0..n {
        for j in 0..=i {
            let (own, theirs) = (found.l[k][i * n + j], wanted.l()[i * n + j]);
            if own.to_bits() != theirs.to_bits() {
                return Err(wrong(format!("entry ({i}, {j}) is {own:e}, canon says {theirs:e}")));
            }
        }
        if found.reciprocals[k][i].to_bits() != wanted.reciprocals()[i].to_bits() {
            return Err(wrong(format!("reciprocal {i}")));
        }
    }
    Ok(())
}

/// A matrix with entries over many orders of magnitude: `S (G G' + D) S`, `S` powers of two.
fn matrix(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d ^ n as u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / 9_007_199_254_740_992.0 - 0.5
    };
    let loadings: Vec<[f64; 4]> = (0..n).map(|_| std::array::from_fn(|_| draw())).collect();
    let scale: Vec<f64> = (0..n).map(|_| f64::from_bits(((1023.0 + 40.0 * draw()) as u64) << 52)).collect();
    let own: Vec<f64> = (0..n).map(|_| 0.05 + 0.02 * draw()).collect();
    let mut out = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..=i {
            let common = (0..4).fold(0.0, |sum, f| sum + loadings[i][f] * loadings[j][f]);
            let entry = scale[i] * scale[j] * (common + if i == j { own[i] } else { 0.0 });
            out[i * n + j] = entry;
            out[j * n + i] = entry;
        }
    }
    out
}
