//! The closes that a covariance was made of, stored as a blob of their own.
//!
//! The raw bytes of a panel are its closes by sessions, `i64` little-endian in 1e-8 of the currency. Stored, every session
//! after the first is a list of differences to the session before, in units of a column's tick, as Rice codes
//! (`bits.rs`); an escaped code is the close itself.
//!
//! | first byte | what follows |
//! |---|---|
//! | 0, a keyframe | for each column its unit (LEB128) and its Rice parameter (1 byte); the stream |
//! | 1, an append | id of the base (32 bytes); sessions dropped from its front (4 bytes); the stream |
//!
//! The stream of a keyframe begins with the first session, each close as an escaped code. Units and parameters of an append
//! follow from the base, see [`Columns::of_last`].

use super::bits::{BitReader, BitWriter, Code, K_MAX, unzigzag, zigzag};
use crate::section::panel_id;
use crate::{Digest, Error};
use samebits_units::Price;

const PART: &str = "panel";
const KEYFRAME: u8 = 0;
const APPEND: u8 = 1;

/// Differences of a column that an append learns its unit and parameter from.
const LEARNED_FROM: usize = 32;

/// Closes of a window: what a covariance can be computed from again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricePanel {
    /// Number of sessions: rows.
    pub sessions: usize,
    /// Number of securities, in the order of the covariance: columns.
    pub names: usize,
    /// `sessions * names` closes, by sessions, the oldest first.
    pub closes: Vec<Price>,
}

impl PricePanel {
    /// The content id.
    pub fn id(&self) -> Digest {
        panel_id(self)
    }

    /// The raw bytes.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.closes.iter().flat_map(|close| close.e8().to_le_bytes()).collect()
    }

    /// Whether the entries are as many as the sides say.
    pub(crate) const fn is_whole(&self) -> bool {
        match self.sessions.checked_mul(self.names) {
            Some(count) => count == self.closes.len() && self.sessions > 0 && self.names > 0,
            None => false,
        }
    }

    /// How many sessions of `base` have left when this window continues it; `None` when it does not.
    pub(crate) fn continues(&self, base: &Self) -> Option<usize> {
        if self.names != base.names {
            return None;
        }
        // At most as many sessions are new as a keyframe would be kept for.
        (0..base.sessions).find(|dropped| {
            let left = &base.closes[dropped * base.names..];
            left.len() <= self.closes.len() && self.closes.starts_with(left)
        })
    }
}

/// How the differences of each column are written.
struct Columns {
    /// Each fits into 63 bits.
    units: Vec<u64>,
    ks: Vec<u32>,
}

impl Columns {
    /// From the last differences of each column, at most `most` of them: the unit is their greatest common divisor, or 1
    /// when that is 0 or does not fit into 63 bits; the parameter is the smallest `k` up to 32 with `count * 2^k >= sum of differences in units`.
    fn of_last(closes: &[Price], names: usize, most: usize) -> Self {
        let sessions = closes.len() / names;
        let count = most.min(sessions.saturating_sub(1));
        let tail = &closes[(sessions - count - 1) * names..];
        let mut units = vec![0_u64; names];
        let mut sums = vec![0_u128; names];
        for (before, after) in tail.chunks_exact(names).zip(tail.chunks_exact(names).skip(1)) {
            for (column, (before, after)) in before.iter().zip(after).enumerate() {
                let by = before.e8().abs_diff(after.e8());
                sums[column] += u128::from(by);
                units[column] = common_divisor(units[column], by);
            }
        }
        let k = |(unit, sum): (&mut u64, u128)| {
            if *unit == 0 || *unit > i64::MAX as u64 {
                *unit = 1;
            }
            let sum = sum / u128::from(*unit);
            (0..K_MAX).find(|k| (count as u128) << k >= sum).unwrap_or(K_MAX)
        };
        let ks = units.iter_mut().zip(sums).map(k).collect();
        Self { units, ks }
    }

    /// Writes `after`, the session that follows `before`.
    fn write(&self, before: &[Price], after: &[Price], to: &mut BitWriter) {
        for (column, (before, after)) in before.iter().zip(after).enumerate() {
            let (unit, k) = (self.units[column], self.ks[column]);
            let by = after.e8().checked_sub(before.e8());
            let by = i64::try_from(unit).ok().zip(by).filter(|(unit, by)| by % unit == 0);
            let z = by.map(|(unit, by)| zigzag(by / unit)).filter(|z| BitWriter::fits(*z, k));
            to.put(z.map_or(Code::Escaped(after.e8() as u64), Code::Small), k);
        }
    }

    /// Reads the session that follows the last of `closes` and appends it.
    fn read(&self, closes: &mut Vec<Price>, from: &mut BitReader<'_>) -> Result<(), Error> {
        let (names, known) = (self.units.len(), closes.len());
        closes.resize(known + names, Price::default());
        let (before, after) = closes[known - names..].split_at_mut(names);
        let mut fits = true;
        for ((place, before), (unit, k)) in
            after.iter_mut().zip(&*before).zip(self.units.iter().zip(&self.ks))
        {
            let close = match from.get(*k) {
                Code::Escaped(close) => Some(close as i64),
                Code::Small(z) => {
                    unzigzag(z).checked_mul(*unit as i64).and_then(|by| before.e8().checked_add(by))
                }
            };
            fits &= close.is_some();
            *place = Price::from_e8(close.unwrap_or_default());
        }
        if !fits {
            return Err(Error::damaged(PART, "prices", "a sum that is too large"));
        }
        from.check(PART)
    }
}

/// The stored bytes of `panel` by itself.
pub(super) fn write_keyframe(panel: &PricePanel) -> Vec<u8> {
    let columns = Columns::of_last(&panel.closes, panel.names, usize::MAX);
    let mut stored = vec![KEYFRAME];
    for (unit, k) in columns.units.iter().zip(&columns.ks) {
        let mut unit = *unit;
        while unit >= 128 {
            stored.push(unit as u8 | 128);
            unit >>= 7;
        }
        stored.extend([unit as u8, *k as u8]);
    }
    let mut writer = BitWriter::default();
    for close in &panel.closes[..panel.names] {
        writer.put(Code::Escaped(close.e8() as u64), 0);
    }
    write_sessions(&columns, &panel.closes, panel.names, &mut writer);
    stored.extend(writer.finish());
    stored
}

/// The stored bytes of `panel` as what follows `base`, after `dropped` of its sessions left.
pub(super) fn write_append(panel: &PricePanel, base: &PricePanel, dropped: usize) -> Vec<u8> {
    let columns = Columns::of_last(&base.closes, base.names, LEARNED_FROM);
    let mut stored = vec![APPEND];
    stored.extend_from_slice(base.id().as_bytes());
    stored.extend_from_slice(&(dropped as u32).to_le_bytes());
    let mut writer = BitWriter::default();
    let last_known = (base.sessions - dropped - 1) * base.names;
    write_sessions(&columns, &panel.closes[last_known..], panel.names, &mut writer);
    stored.extend(writer.finish());
    stored
}

/// Every session of `closes` but the first.
fn write_sessions(columns: &Columns, closes: &[Price], names: usize, to: &mut BitWriter) {
    for (before, after) in closes.chunks_exact(names).zip(closes.chunks_exact(names).skip(1)) {
        columns.write(before, after, to);
    }
}

/// A panel as stored: what the first bytes say.
pub(super) enum Stored<'a> {
    Keyframe(&'a [u8]),
    Append { base: Digest, dropped: usize, stream: &'a [u8] },
}

/// Reads the first bytes.
pub(super) fn open(stored: &[u8]) -> Result<Stored<'_>, Error> {
    match stored.split_first() {
        Some((&KEYFRAME, rest)) => Ok(Stored::Keyframe(rest)),
        Some((&APPEND, rest)) => {
            let parts = rest.split_first_chunk::<32>();
            let parts = parts.and_then(|(id, rest)| Some((id, rest.split_first_chunk::<4>()?)));
            let Some((id, (dropped, stream))) = parts else {
                return Err(Error::damaged(PART, "the id of a base", format!("{} bytes", stored.len())));
            };
            let dropped = u32::from_le_bytes(*dropped) as usize;
            Ok(Stored::Append { base: Digest::from_bytes(*id), dropped, stream })
        }
        _ => Err(Error::damaged(PART, "a keyframe or an append", "another first byte")),
    }
}

/// Closes that grow at the end and shrink at the front.
pub(super) struct Growing {
    names: usize,
    closes: Vec<Price>,
    /// Closes at the front that have left.
    gone: usize,
}

impl Growing {
    /// From a panel, with room for a session.
    pub(super) fn of(panel: &PricePanel) -> Self {
        let mut closes = Vec::with_capacity(panel.closes.len() + panel.names);
        closes.extend_from_slice(&panel.closes);
        Self { names: panel.names, closes, gone: 0 }
    }

    /// From the bytes of a keyframe of stated sides, which were checked against the limits.
    pub(super) fn keyframe(mut stored: &[u8], sessions: usize, names: usize) -> Result<Self, Error> {
        // A close takes at least a bit, and a column at least two bytes.
        let bits = 8 * stored.len() as u64;
        if sessions == 0 || names == 0 || (sessions as u64) * (names as u64) > bits {
            return Err(few(sessions, names, stored.len()));
        }
        let mut columns = Columns { units: Vec::with_capacity(names), ks: Vec::with_capacity(names) };
        for _ in 0..names {
            let unit = leb128(&mut stored)?;
            let (k, rest) = stored.split_first().ok_or_else(|| few(sessions, names, 0))?;
            if u32::from(*k) > K_MAX {
                return Err(Error::damaged(PART, "a parameter up to 32", k));
            }
            stored = rest;
            columns.units.push(unit);
            columns.ks.push(u32::from(*k));
        }
        let mut reader = BitReader::new(stored);
        let mut closes = Vec::with_capacity(sessions * names);
        for _ in 0..names {
            let Code::Escaped(close) = reader.get(0) else {
                return Err(Error::damaged(PART, "the first session in escaped codes", "another code"));
            };
            closes.push(Price::from_e8(close as i64));
        }
        reader.check(PART)?;
        for _ in 1..sessions {
            columns.read(&mut closes, &mut reader)?;
        }
        reader.finish(PART)?;
        Ok(Self { names, closes, gone: 0 })
    }

    /// Drops and appends sessions, so that `sessions` are left.
    pub(super) fn append(&mut self, dropped: usize, stream: &[u8], sessions: usize) -> Result<(), Error> {
        let names = self.names;
        let known = (self.closes.len() - self.gone) / names;
        let kept = known.checked_sub(dropped).filter(|kept| (1..=sessions).contains(kept));
        let Some(kept) = kept else {
            return Err(Error::damaged(
                PART,
                format!("{sessions} sessions"),
                format!("{dropped} dropped of {known}"),
            ));
        };
        let new = sessions - kept;
        if (new as u64) * (names as u64) > 8 * stream.len() as u64 {
            return Err(few(new, names, stream.len()));
        }
        let columns = Columns::of_last(&self.closes[self.gone..], names, LEARNED_FROM);
        self.gone += dropped * names;
        self.make_room(new * names);
        let mut reader = BitReader::new(stream);
        for _ in 0..new {
            columns.read(&mut self.closes, &mut reader)?;
        }
        reader.finish(PART)
    }

    /// Room for `more` closes. What has left is let go of before it is half of what is there, so that not every append
    /// moves all of it, and memory stays below twice the panel.
    fn make_room(&mut self, more: usize) {
        let live = self.closes.len() - self.gone;
        let lacks = |closes: &Vec<Price>| closes.capacity() - closes.len() < more;
        if lacks(&self.closes) && self.gone > live / 2 {
            self.closes.drain(..self.gone);
            self.gone = 0;
        }
        if lacks(&self.closes) {
            self.closes.reserve_exact(more + live / 4);
        }
    }

    /// The panel as it is now.
    pub(super) fn finish(mut self) -> PricePanel {
        self.closes.drain(..self.gone);
        self.closes.shrink_to_fit();
        PricePanel { sessions: self.closes.len() / self.names, names: self.names, closes: self.closes }
    }

    /// Number of columns.
    pub(super) const fn names(&self) -> usize {
        self.names
    }
}

fn few(sessions: usize, names: usize, bytes: usize) -> Error {
    Error::damaged(PART, format!("{sessions} x {names} closes"), format!("{bytes} bytes"))
}

/// A number in groups of seven bits, the lowest first; every group but the last has the high bit set.
fn leb128(from: &mut &[u8]) -> Result<u64, Error> {
    let mut value = 0_u64;
    for shift in (0..63).step_by(7) {
        let Some((byte, rest)) = from.split_first() else { break };
        *from = rest;
        value |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Ok(value);
        }
    }
    Err(Error::damaged(PART, "a unit below 2^63", "more"))
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    // Most differences are multiples of what is already known.
    if a != 0 && b.is_multiple_of(a) {
        return a;
    }
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(sessions: usize, names: usize, close: impl Fn(usize, usize) -> i64) -> PricePanel {
        let closes = (0..sessions * names).map(|at| Price::from_e8(close(at / names, at % names)));
        PricePanel { sessions, names, closes: closes.collect() }
    }

    fn keyframe_back(panel: &PricePanel) -> PricePanel {
        let stored = write_keyframe(panel);
        let Stored::Keyframe(rest) = open(&stored).unwrap() else { panic!("a keyframe") };
        Growing::keyframe(rest, panel.sessions, panel.names).unwrap().finish()
    }

    fn append_back(panel: &PricePanel, base: &PricePanel) -> Option<PricePanel> {
        let stored = write_append(panel, base, panel.continues(base)?);
        let Stored::Append { base: id, dropped, stream } = open(&stored).unwrap() else {
            panic!("an append")
        };
        assert_eq!(id, base.id());
        let mut growing = Growing::of(base);
        growing.append(dropped, stream, panel.sessions).unwrap();
        Some(growing.finish())
    }

    /// Cents, other ticks, constants, jumps, extremes.
    fn close(t: usize, j: usize) -> i64 {
        let noise = ((t * 31 + j) as i64).wrapping_mul(2_654_435_761) >> 7 & 255;
        match j {
            0 => 1_000_000 * (5_000 + noise),
            1 => 12_500_000 * (77 + noise),
            2 => 4_242,
            3 => 1_000_000 * (5_000 + noise) + i64::from(t == 3),
            4 => {
                if t.is_multiple_of(5) {
                    i64::MAX
                } else {
                    i64::MIN + t as i64
                }
            }
            5 => -noise,
            _ => 1 + noise * noise * noise,
        }
    }

    #[test]
    fn keyframes_and_appends_give_back_the_closes() {
        for (sessions, names) in [(1, 1), (2, 7), (40, 7), (3, 1)] {
            let base = panel(sessions, names, close);
            assert_eq!(keyframe_back(&base), base);
            for (dropped, new) in [(0, 0), (0, 1), (1, 1), (1, 0), (0, 3), (2, 5), (20, 40)] {
                if dropped >= sessions || sessions - dropped + new == 0 {
                    continue;
                }
                let next = panel(sessions - dropped + new, names, |t, j| close(t + dropped, j));
                assert_eq!(append_back(&next, &base), Some(next), "{sessions} {names} {dropped} {new}");
            }
        }
    }

    /// Frozen bytes over more sessions than an append learns from: units, parameters, order of bits, escapes.
    #[test]
    fn the_bytes_of_long_panels_are_frozen() {
        let base = panel(40, 7, close);
        let next = panel(40, 7, |t, j| close(t + 3, j));
        let digest = |bytes: &[u8]| (bytes.len(), Digest::of("test", bytes).short());
        assert_eq!(digest(&write_keyframe(&base)), (771, "4f9e2f9e6a".to_owned()));
        assert_eq!(digest(&write_append(&next, &base, 3)), (87, "157731732d".to_owned()));
    }

    #[test]
    fn a_window_that_does_not_continue_another_says_so() {
        let base = panel(9, 3, close);
        let mut other = panel(9, 3, |t, j| close(t + 1, j));
        assert_eq!(other.continues(&base), Some(1));
        other.closes[5] = Price::from_e8(1);
        assert_eq!(other.continues(&base), None);
        assert_eq!(panel(9, 2, close).continues(&base), None);
    }

    #[test]
    fn sizes_that_lie_are_refused_before_memory_is_asked_for() {
        let stored = write_keyframe(&panel(5, 3, close));
        for (sessions, names) in [(1 << 30, 1 << 30), (0, 3), (5, 0), (6, 3), (4, 3), (5, 2), (5, 4)] {
            assert!(Growing::keyframe(&stored[1..], sessions, names).is_err(), "{sessions} {names}");
        }
        let mut growing = Growing::of(&panel(5, 3, close));
        for (dropped, sessions) in [(5, 9), (usize::MAX, 5), (0, 4), (0, 1 << 40)] {
            assert!(growing.append(dropped, &[0; 4], sessions).is_err(), "{dropped} {sessions}");
        }
    }

    #[test]
    fn divisors() {
        for (a, b, found) in [(0, 0, 0), (0, 6, 6), (6, 0, 6), (6, 4, 2), (12, 18, 6), (7, u64::MAX, 1)] {
            assert_eq!(common_divisor(a, b), found, "{a} {b}");
        }
    }
}
