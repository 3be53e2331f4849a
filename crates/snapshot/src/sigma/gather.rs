//! Codec 20: the covariance of a part of a universe, predicted as rows and columns of a larger one's.
//!
//! Payload: id of the master covariance (32 bytes); length of the list of indices (4 bytes); the indices as words, each the
//! difference to the one before minus 1 (the first as it is), modulo 2^32; the residual. Entry `(i, j)` is predicted by
//! entry `(index[i], index[j])` of the master.

use super::cells::Shape;
use super::words;
use crate::Error;
use crate::record::Matrix32;

const PART: &str = "sigma";

/// Indices as they are stored, with their length before them.
pub(super) fn write_indices(indices: &[u32]) -> Result<Vec<u8>, Error> {
    let mut expected = 0;
    let step = |index: &u32| {
        let word = index.wrapping_sub(expected);
        expected = index.wrapping_add(1);
        word
    };
    let steps: Vec<u32> = indices.iter().map(step).collect();
    let stored = words::write(PART, &steps)?;
    Ok([&(stored.len() as u32).to_le_bytes()[..], &stored].concat())
}

/// `side` indices, each below `master`; and what follows them.
pub(super) fn read_indices(stored: &[u8], side: usize, master: usize) -> Result<(Vec<u32>, &[u8]), Error> {
    let parts = stored.split_first_chunk::<4>();
    let parts = parts.and_then(|(length, rest)| rest.split_at_checked(u32::from_le_bytes(*length) as usize));
    let Some((list, rest)) = parts else {
        return Err(Error::damaged(PART, "a list of indices", format!("{} bytes", stored.len())));
    };
    let mut indices = Vec::with_capacity(side);
    let mut expected = 0_u32;
    words::read(PART, list, side, |steps| {
        for step in steps {
            let index = expected.wrapping_add(*step);
            indices.push(index);
            expected = index.wrapping_add(1);
        }
    })?;
    match indices.iter().find(|index| **index as usize >= master) {
        Some(index) => Err(Error::damaged(PART, format!("an index below {master}"), index)),
        None => Ok((indices, rest)),
    }
}

/// The entries of `master` at `indices`, which are all below its side.
pub(super) fn predict(shape: Shape, master: &Matrix32, indices: &[u32]) -> Vec<f32> {
    let side = indices.len();
    let mut predicted = vec![0.0; side * side];
    for (i, index) in indices.iter().enumerate() {
        let row = &master.values[*index as usize * master.cols..][..master.cols];
        let count = shape.of_row(i, side);
        for (place, index) in predicted[i * side..i * side + count].iter_mut().zip(indices) {
            *place = row[*index as usize];
        }
    }
    predicted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_of_any_order_come_back() {
        for list in
            [vec![], vec![0, 1, 2, 3], vec![5, 9, 10], vec![9, 3, 3, 0], (0..900).map(|k| k * 3).collect()]
        {
            let stored = [&write_indices(&list).unwrap()[..], b"rest"].concat();
            let (back, rest) = read_indices(&stored, list.len(), 3000).unwrap();
            assert_eq!((back, rest), (list.clone(), &b"rest"[..]));
            if let Some(largest) = list.iter().max() {
                assert!(read_indices(&stored, list.len(), *largest as usize).is_err());
            }
            assert!(read_indices(&stored[..3], list.len(), 3000).is_err());
        }
    }
}
