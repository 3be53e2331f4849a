//! Tiles of matrices: each element of the result is one chain of fused operations, k ascending, from C.
//!
//! With g = lane / 4 and t = lane % 4: element i of A is row g + 8 (i odd, for 16 rows), column t + 4 (i / 2);
//! element i of B is row t + 4 i, column g; element i of C is row g + 8 (i / 2), column 2 t + (i odd).

use samebits_canon::fma;

use crate::instr::Lanes;

/// The elements of the result, from the fragments of all lanes. Eight columns always.
pub(crate) fn tile(m: u8, k: u8, a: &[Lanes], b: &[Lanes], c: &[Lanes]) -> [Lanes; 4] {
    let (m, k) = (usize::from(m), usize::from(k));
    let tall = m / 8;
    let mut left = [[0.0; 16]; 16];
    let mut right = [[0.0; 8]; 16];
    for lane in 0..32 {
        let (g, t) = (lane / 4, lane % 4);
        for (i, part) in a.iter().enumerate().take(tall * k / 4) {
            left[g + 8 * (i % tall)][t + 4 * (i / tall)] = f64::from_bits(part[lane]);
        }
        for (i, part) in b.iter().enumerate().take(k / 4) {
            right[t + 4 * i][g] = f64::from_bits(part[lane]);
        }
    }
    let mut out = [[0; 32]; 4];
    for lane in 0..32 {
        let (g, t) = (lane / 4, lane % 4);
        for i in 0..2 * tall {
            let (row, column) = (g + 8 * (i / 2), 2 * t + i % 2);
            let mut sum = f64::from_bits(c[i][lane]);
            for step in 0..k {
                sum = fma(left[row][step], right[step][column], sum);
            }
            out[i][lane] = if sum.is_nan() { 0xfff8_0000_0000_0000 } else { sum.to_bits() };
        }
    }
    out
}
