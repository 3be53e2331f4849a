//! Integers in seven bits a byte, least significant first; the last byte has its high bit clear.

pub(crate) fn put(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The number at the start of `bytes`, which moves on; `None` when it is cut off, longer than needed, or beyond 64 bits.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        *bytes = rest;
        return Some(u64::from(first));
    }
    let mut value = u64::from(first & 0x7f);
    for (k, &byte) in rest.iter().take(9).enumerate() {
        let shift = 7 * (k as u32 + 1);
        let part = u64::from(byte & 0x7f);
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if byte < 0x80 {
            *bytes = &rest[k + 1..];
            return (byte != 0).then_some(value);
        }
    }
    None
}

/// Small numbers of either sign become small numbers.
pub(crate) const fn fold(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

pub(crate) const fn unfold(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_only_in_their_shortest_form() {
        let powers = (0..64)
            .flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1, 0xa5a5_a5a5_a5a5_a5a5 >> bit]);
        for value in powers.chain([u64::MAX - 1, u64::MAX]) {
            let mut bytes = Vec::new();
            put(value, &mut bytes);
            for after in [0, 1, 7, 8, 20] {
                let all = [&bytes[..], &vec![0xff; after]].concat();
                let mut rest = all.as_slice();
                assert_eq!(take(&mut rest), Some(value));
                assert_eq!(rest.len(), after);
            }
            for cut in 0..bytes.len() {
                assert_eq!(take(&mut &bytes[..cut]), None);
            }
        }
        for bad in
            [&[0x80, 0x00][..], &[0xff; 10], &[0xff; 11], &[0x80, 0x80, 0], &[0xff, 0xff, 0, 1, 1, 1, 1, 1]]
        {
            assert_eq!(take(&mut &*bad), None, "{bad:?}");
            let all = [bad, &[0; 9]].concat();
            assert_eq!(take(&mut &*all), None, "{bad:?}");
        }
        for value in [0, -1, 1, i64::MIN, i64::MAX] {
            assert_eq!(unfold(fold(value)), value);
        }
    }
}
