//! The entries of a square matrix in the order in which they are stored, and what is stored of them beside a prediction.

use super::words;
use crate::Error;

const PART: &str = "sigma";

/// Which entries are stored. The first byte of a codec's payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Shape {
    /// The lower triangle by rows, diagonal included; the entries above it are the same by bits.
    Triangle = 0,
    /// All entries by rows.
    Full = 1,
}

impl Shape {
    /// The shape of a matrix of `side` rows and columns.
    pub(super) fn of(values: &[f32], side: usize) -> Self {
        let mirrored = |i: usize| {
            let (row, column) = (&values[i * side..i * side + i], values[i..].iter().step_by(side));
            row.iter().zip(column).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        if (0..side).all(mirrored) { Self::Triangle } else { Self::Full }
    }

    /// Entries stored of a matrix of `side` rows and columns.
    pub(super) const fn count(self, side: usize) -> usize {
        match self {
            Self::Triangle => side * (side + 1) / 2,
            Self::Full => side * side,
        }
    }

    /// Stored entries of row `i`, from column 0 on.
    pub(super) const fn of_row(self, i: usize, side: usize) -> usize {
        match self {
            Self::Triangle => i + 1,
            Self::Full => side,
        }
    }

    fn read(stored: &[u8]) -> Result<(Self, &[u8]), Error> {
        match stored.split_first() {
            Some((0, rest)) => Ok((Self::Triangle, rest)),
            Some((1, rest)) => Ok((Self::Full, rest)),
            _ => Err(Error::damaged(PART, "the shape of a matrix", "another first byte")),
        }
    }
}

/// Copies the entries below the diagonal to above it, tile by tile.
pub(super) fn mirror(values: &mut [f32], side: usize) {
    const TILE: usize = 16;
    for top in (0..side).step_by(TILE) {
        let whole = top + TILE <= side;
        for left in (0..=top).step_by(TILE) {
            if !whole || left == top {
                for i in top..(top + TILE).min(side) {
                    for j in left..(left + TILE).min(i) {
                        values[j * side + i] = values[i * side + j];
                    }
                }
                continue;
            }
            let mut turned = [[0.0; TILE]; TILE];
            for i in 0..TILE {
                let row = &values[(top + i) * side + left..][..TILE];
                for (column, value) in turned.iter_mut().zip(row) {
                    column[i] = *value;
                }
            }
            for (j, column) in turned.iter().enumerate() {
                values[(left + j) * side + top..][..TILE].copy_from_slice(column);
            }
        }
    }
}

/// Codec 16: the words of the entries themselves.
pub(crate) fn write_alone(values: &[f32], side: usize) -> Result<Vec<u8>, Error> {
    let shape = Shape::of(values, side);
    let stored = (0..side).flat_map(|i| &values[i * side..i * side + shape.of_row(i, side)]);
    let bits: Vec<u32> = stored.map(|value| value.to_bits()).collect();
    Ok([&[shape as u8], &words::write(PART, &bits)?[..]].concat())
}

/// The matrix that [`write_alone`] stored.
pub(crate) fn read_alone(stored: &[u8], side: usize) -> Result<Vec<f32>, Error> {
    let (shape, rest) = Shape::read(stored)?;
    let mut values = vec![0.0; side * side];
    let mut cursor = Cursor { shape, side, i: 0, j: 0 };
    words::read(PART, rest, shape.count(side), |words| {
        cursor.walk(&mut values, words, |place, word| *place = f32::from_bits(word));
    })?;
    if shape == Shape::Triangle {
        mirror(&mut values, side);
    }
    Ok(values)
}

/// What is stored of `values` beside a prediction of them: for each stored entry the difference of the two as ordered
/// integers, zigzag.
pub(super) fn write_residual(values: &[f32], side: usize, predicted: &[f32]) -> Result<Vec<u8>, Error> {
    let shape = Shape::of(values, side);
    let mut residual = Vec::with_capacity(shape.count(side));
    for i in 0..side {
        let row = i * side..i * side + shape.of_row(i, side);
        let pairs = values[row.clone()].iter().zip(&predicted[row]);
        residual.extend(pairs.map(|(value, guess)| difference(*value, *guess)));
    }
    Ok([&[shape as u8], &words::write(PART, &residual)?[..]].concat())
}

/// The matrix behind a residual; `predict` is told which entries are needed and returns all `side * side`. A prediction that
/// is `symmetric` by itself needs no mirror where it is exact.
pub(super) fn read_residual(
    stored: &[u8],
    side: usize,
    symmetric: bool,
    predict: impl FnOnce(Shape) -> Result<Vec<f32>, Error>,
) -> Result<Vec<f32>, Error> {
    let (shape, rest) = Shape::read(stored)?;
    let mut values = predict(shape)?;
    let exact = rest == [0];
    if !exact {
        let mut cursor = Cursor { shape, side, i: 0, j: 0 };
        words::read(PART, rest, shape.count(side), |words| {
            cursor.walk(&mut values, words, |place, word| *place = corrected(*place, word));
        })?;
    }
    if shape == Shape::Triangle && !(exact && symmetric) {
        mirror(&mut values, side);
    }
    Ok(values)
}

/// Where the next stored entry is.
struct Cursor {
    shape: Shape,
    side: usize,
    i: usize,
    j: usize,
}

impl Cursor {
    fn walk(&mut self, values: &mut [f32], mut words: &[u32], put: impl Fn(&mut f32, u32)) {
        while !words.is_empty() {
            let left = self.shape.of_row(self.i, self.side) - self.j;
            let (now, rest) = words.split_at(left.min(words.len()));
            let at = self.i * self.side + self.j;
            for (place, word) in values[at..at + now.len()].iter_mut().zip(now) {
                put(place, *word);
            }
            words = rest;
            self.j += now.len();
            if now.len() == left {
                (self.i, self.j) = (self.i + 1, 0);
            }
        }
    }
}

/// The bits of a float as an integer that ascends with it.
const fn ordered(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

fn difference(value: f32, guess: f32) -> u32 {
    let by = ordered(value).wrapping_sub(ordered(guess)) as i32;
    (by << 1 ^ by >> 31) as u32
}

fn corrected(guess: f32, word: u32) -> f32 {
    let by = word >> 1 ^ (word & 1).wrapping_neg();
    let ordered = ordered(guess).wrapping_add(by);
    f32::from_bits(if ordered >> 31 == 1 { ordered & !(1 << 31) } else { !ordered })
}

/// A prediction as it counts: rounded to `f32`, and 0 where that is not finite.
pub(super) fn rounded(value: f64) -> f32 {
    let value = value as f32;
    if value.is_finite() { value } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_residual_is_one_to_one_for_any_two_floats() {
        let some = [0.0, -0.0, 1.0, -1.0, 1e-45, -1e-45, f32::MAX, f32::MIN, f32::MIN_POSITIVE, 0.03];
        for value in some {
            for guess in some {
                let back = corrected(guess, difference(value, guess));
                assert_eq!(back.to_bits(), value.to_bits(), "{value} {guess}");
            }
            assert_eq!(difference(value, value), 0);
        }
        let next = f32::from_bits(0.03_f32.to_bits() + 1);
        assert_eq!((difference(next, 0.03), difference(0.03, next)), (2, 1));
        assert_eq!(difference(-0.0, 0.0), 1, "neighbours");
    }

    #[test]
    fn matrices_of_both_shapes_come_back_with_and_without_a_prediction() {
        for side in [0, 1, 2, 31, 32, 33, 70] {
            let entry = |i: usize, j: usize| 0.01 / (1.0 + (i * j) as f32) - 0.001 * (i + j) as f32;
            let mut values: Vec<f32> = (0..side * side).map(|at| entry(at / side, at % side)).collect();
            let guess: Vec<f32> = values.iter().map(|value| value * 1.000_001).collect();
            for shape in [Shape::Triangle, Shape::Full] {
                if shape == Shape::Full {
                    let Some(one) = values.get_mut(1).filter(|_| side > 1) else { continue };
                    *one = f32::from_bits(one.to_bits() ^ 1);
                }
                assert_eq!(Shape::of(&values, side), shape);
                let alone = write_alone(&values, side).unwrap();
                assert_eq!(read_alone(&alone, side).unwrap(), values);
                for guess in [&guess, &values] {
                    let residual = write_residual(&values, side, guess).unwrap();
                    assert_eq!(residual[0], shape as u8);
                    let back = read_residual(&residual, side, false, |_| Ok(guess.clone())).unwrap();
                    assert_eq!(back, values, "{side} {shape:?}");
                }
            }
        }
        assert!(read_alone(&[2, 0], 1).is_err() && read_alone(&[], 0).is_err());
    }
}
