//! One column of a block: integers of few bytes.
//!
//! A column is stored as differences from the value before, or as it is less its smallest value; divided by the greatest
//! common divisor; each residual in 0, 1, 2, 4 or 8 bytes, whichever makes the column smallest when larger ones are
//! listed apart.

const HEADER: usize = 24;
const DELTA: u8 = 1;

/// Appends a column.
pub(crate) fn encode(values: &[i64], out: &mut Vec<u8>) {
    let plain = residuals(values, false);
    let delta = residuals(values, true);
    let (chosen, transform) = if cost(&delta.0).0 < cost(&plain.0).0 { (delta, DELTA) } else { (plain, 0) };
    let (residuals, base, divisor) = chosen;
    let (_, width) = cost(&residuals);
    let limit = limit(width);
    let large: Vec<(u32, u64)> = (0_u32..)
        .zip(&residuals)
        .filter(|(_, value)| **value > limit)
        .map(|(at, value)| (at, *value))
        .collect();
    out.extend_from_slice(&[transform, width, 0, 0]);
    out.extend_from_slice(&(large.len() as u32).to_le_bytes());
    out.extend_from_slice(&base.to_le_bytes());
    out.extend_from_slice(&divisor.to_le_bytes());
    for value in &residuals {
        let stored = if *value > limit { 0 } else { *value };
        out.extend_from_slice(&stored.to_le_bytes()[..usize::from(width)]);
    }
    for (at, value) in large {
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(&value.to_le_bytes());
    }
}

/// Residuals, their base and their divisor.
fn residuals(values: &[i64], delta: bool) -> (Vec<u64>, i64, u64) {
    let base = if delta { values.first() } else { values.iter().min() }.copied().unwrap_or(0);
    let mut before = base;
    let mut all: Vec<i64> = Vec::with_capacity(values.len());
    for value in values {
        all.push(value.wrapping_sub(before));
        before = if delta { *value } else { base };
    }
    let size = |difference: i64| if delta { difference.unsigned_abs() } else { difference as u64 };
    let divisor = all.iter().fold(0, |divisor, difference| gcd(divisor, size(*difference)));
    // Nothing to divide by, or a divisor that a signed quotient cannot have.
    let divisor = if divisor == 0 || divisor > i64::MAX as u64 { 1 } else { divisor };
    let residual = |difference: i64| {
        if delta { zigzag(difference / divisor as i64) } else { difference as u64 / divisor }
    };
    (all.into_iter().map(residual).collect(), base, divisor)
}

const fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

const fn limit(width: u8) -> u64 {
    match width {
        0 => 0,
        8 => u64::MAX,
        width => (1 << (8 * width as u32)) - 1,
    }
}

/// Bytes of the cheapest form, and its width.
fn cost(residuals: &[u64]) -> (usize, u8) {
    let of = |width: u8| {
        let large = residuals.iter().filter(|value| **value > limit(width)).count();
        (residuals.len() * usize::from(width) + large * 12, width)
    };
    [0, 1, 2, 4, 8].map(of).into_iter().min().unwrap_or((0, 8))
}

/// Reads a column of `rows` values into `into`; gives how many bytes it took.
pub(crate) fn decode(bytes: &[u8], rows: usize, into: &mut Vec<i64>) -> Result<usize, String> {
    let header: &[u8; HEADER] = bytes.first_chunk().ok_or("a column ends in its header")?;
    let (transform, width) = (header[0], header[1]);
    if transform > DELTA || ![0, 1, 2, 4, 8].contains(&width) || header[2..4] != [0, 0] {
        return Err(format!("transform {transform} with width {width} is unknown"));
    }
    let word = |at: usize| header[at..].first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let large = header[4..].first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
    let (base, divisor) = (word(8) as i64, word(16));
    if large > rows {
        return Err(format!("{large} large values in {rows} rows"));
    }
    let body = rows * usize::from(width);
    let end = HEADER + body + large * 12;
    let (Some(small), Some(apart)) = (bytes.get(HEADER..HEADER + body), bytes.get(HEADER + body..end)) else {
        return Err(format!("a column of {rows} rows needs {end} bytes, {} are left", bytes.len()));
    };
    into.clear();
    match width {
        0 => into.resize(rows, 0),
        1 => into.extend(small.iter().map(|byte| i64::from(*byte))),
        2 => into.extend(small.as_chunks().0.iter().map(|bytes| i64::from(u16::from_le_bytes(*bytes)))),
        4 => into.extend(small.as_chunks().0.iter().map(|bytes| i64::from(u32::from_le_bytes(*bytes)))),
        _ => into.extend(small.as_chunks().0.iter().map(|bytes| i64::from_le_bytes(*bytes))),
    }
    for entry in apart.as_chunks::<12>().0 {
        let at = entry.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes)) as usize;
        let value = entry[4..].first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes));
        *into.get_mut(at).ok_or_else(|| format!("a large value at row {at} of {rows}"))? = value;
    }
    let divisor = divisor as i64;
    if transform == DELTA {
        let mut value = base;
        for slot in into.iter_mut() {
            value = value.wrapping_add(unzigzag(*slot as u64).wrapping_mul(divisor));
            *slot = value;
        }
    } else if width == 0 && large == 0 {
        into.fill(base);
    } else {
        for slot in into.iter_mut() {
            *slot = base.wrapping_add(slot.wrapping_mul(divisor));
        }
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn round_trip(values: &[i64]) -> usize {
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        encode(values, &mut bytes);
        assert_eq!(decode(&bytes, values.len(), &mut back), Ok(bytes.len()));
        assert_eq!(back, values);
        bytes.len() - HEADER
    }

    #[test]
    fn sizes() {
        assert_eq!(round_trip(&[7; 100]), 0);
        let every_ms: Vec<i64> = (0..100).map(|at| at * 1_000_000).collect();
        assert_eq!(round_trip(&every_ms), 100, "a byte each, divided by a million");
        assert_eq!(round_trip(&[5, 6, 1 << 40, 7]), 4 + 12);
        round_trip(&[i64::MIN, i64::MAX, 0, -1, i64::MIN]);
        round_trip(&[]);
    }

    proptest! {
        #[test]
        fn any_values_come_back(
            values in prop::collection::vec(prop_oneof![any::<i64>(), -300_i64..300], 0..200),
            scale in prop::sample::select(vec![1_i64, 250, 1_000_000]),
        ) {
            round_trip(&values.iter().map(|value| value.wrapping_mul(scale)).collect::<Vec<_>>());
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200), rows in 0_usize..50) {
            let mut into = Vec::new();
            if let Ok(used) = decode(&bytes, rows, &mut into) {
                prop_assert!(used <= bytes.len() && into.len() == rows);
            }
        }
    }
}
