//! Codec 18: a covariance predicted from that of an earlier day of the same names.
//!
//! ```text
//! p = a * base[i][j];  for each vector in turn: p = p + (s * v[i]) * v[j];  where i = j: p = p + d
//! ```
//! in `f64`, each product and each sum rounded, then rounded to `f32`. Payload: id of the base (32 bytes); `a` and `d`
//! (`f64`, 8 bytes each); the number of vectors (1 byte); for each its `s` (`f64`); length of the list of their entries (4
//! bytes); the entries, `f32` as words, vector by vector; the residual.
//!
//! Source of the form: a window of `T` returns that slides by one has, with `x` the return that entered and `y` the one that
//! left, both minus the old mean, `T C_t = T C_(t-1) + x x' - y y' - (x - y)(x - y)' / T`; shrinkage adds a scale and a
//! multiple of the identity, an exponentially weighted covariance is a scale and `x x'`.

use super::cells::{Shape, rounded};
use super::words;
use crate::Error;
use crate::record::Matrix32;

const PART: &str = "sigma";

/// Most vectors of an update.
pub(super) const VECTORS: usize = 8;

/// What changed since the base.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Update {
    /// `a`.
    pub(super) scale: f64,
    /// `d`.
    pub(super) diagonal: f64,
    /// Each `s` with its `v`.
    pub(super) vectors: Vec<(f64, Vec<f32>)>,
}

impl Update {
    /// As stored.
    pub(super) fn write(&self) -> Result<Vec<u8>, Error> {
        let mut stored = self.scale.to_le_bytes().to_vec();
        stored.extend_from_slice(&self.diagonal.to_le_bytes());
        stored.push(self.vectors.len() as u8);
        for (scalar, _) in &self.vectors {
            stored.extend_from_slice(&scalar.to_le_bytes());
        }
        let entries: Vec<u32> = self.vectors.iter().flat_map(|(_, v)| v).map(|x| x.to_bits()).collect();
        let entries = words::write(PART, &entries)?;
        stored.extend_from_slice(&(entries.len() as u32).to_le_bytes());
        stored.extend(entries);
        Ok(stored)
    }

    /// Reads what [`write`](Self::write) stored; and what follows it.
    pub(super) fn read(stored: &[u8], side: usize) -> Result<(Self, &[u8]), Error> {
        let cut = || Error::damaged(PART, "an update of a base", format!("{} bytes", stored.len()));
        let (numbers, rest) = stored.split_first_chunk::<17>().ok_or_else(cut)?;
        let count = usize::from(numbers[16]);
        if count > VECTORS {
            return Err(Error::damaged(PART, format!("at most {VECTORS} vectors"), count));
        }
        let (scalars, rest) = rest.split_at_checked(8 * count).ok_or_else(cut)?;
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let (list, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(cut)?;
        let mut entries = Vec::with_capacity(count * side);
        words::read(PART, list, count * side, |words| {
            entries.extend(words.iter().map(|word| f32::from_bits(*word)));
        })?;
        let mut entries = entries.into_iter();
        let vectors = scalars.chunks_exact(8);
        let vectors = vectors.map(|scalar| (float(scalar), entries.by_ref().take(side).collect())).collect();
        Ok((Self { scale: float(numbers), diagonal: float(&numbers[8..]), vectors }, rest))
    }

    /// What follows from `base`, in its place; entries above the diagonal mean nothing when `shape` does not need them.
    pub(super) fn predict(&self, shape: Shape, base: Matrix32) -> Vec<f32> {
        let side = base.rows;
        let wide = |v: &Vec<f32>| v.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>();
        let vectors: Vec<(f64, Vec<f64>)> = self.vectors.iter().map(|(s, v)| (*s, wide(v))).collect();
        let mut predicted = base.values;
        let mut row = vec![0.0; side];
        for i in 0..side {
            let cells = i * side..i * side + shape.of_row(i, side);
            let row = &mut row[..cells.len()];
            for (p, entry) in row.iter_mut().zip(&predicted[cells.clone()]) {
                *p = self.scale * f64::from(*entry);
            }
            for (s, v) in &vectors {
                let of_row = s * v[i];
                for (p, x) in row.iter_mut().zip(v) {
                    *p += of_row * x;
                }
            }
            row[i] += self.diagonal;
            for (place, p) in predicted[cells].iter_mut().zip(&*row) {
                *place = rounded(*p);
            }
        }
        predicted
    }
}

fn float(bytes: &[u8]) -> f64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[..8]);
    f64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_comes_back_and_cuts_are_noticed() {
        for count in [0, 1, 3] {
            let v = |k: usize| (0..9).map(|i| (i * k) as f32 - 0.25).collect();
            let vectors = (0..count).map(|k| (0.5 - k as f64, v(k))).collect();
            let update = Update { scale: 0.999, diagonal: -1e-5, vectors };
            let stored = update.write().unwrap();
            let longer = [&stored[..], b"rest"].concat();
            assert_eq!(Update::read(&longer, 9).unwrap(), (update, &b"rest"[..]));
            for length in 0..stored.len() {
                assert!(Update::read(&stored[..length], 9).is_err(), "{length}");
            }
        }
        let mut many = Update { scale: 1.0, diagonal: 0.0, vectors: Vec::new() }.write().unwrap();
        many[16] = 9;
        assert!(Update::read(&many, 3).unwrap_err().to_string().contains("at most 8"));
    }
}
