//! Parts that many Runs refer to, read and verified once.
//!
//! A store keeps the market and the risk model of a day once for all accounts; a reader of many Runs that holds a
//! [`Shared`] decodes and verifies each of them once and hands it out from then on. What it has was verified by content
//! id when it came in: a later change of the stored bytes shows only to a reader that reads them.

use crate::record::{Market, RiskModel};
use crate::sigma::Kept as Base;
use crate::{Digest, Error, Section};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of memory that one byte of a risk model's sections comes to: the model, and the `f64` that a decision makes of it.
const RISK_FACTOR: u64 = 3;
/// The same of a market: texts and structures around them.
const MARKET_FACTOR: u64 = 4;

/// Markets and risk models by content id, and what others build upon, up to a number of bytes; those not asked for the longest leave first.
#[derive(Debug)]
pub struct Shared {
    most_bytes: u64,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    markets: Vec<Entry<Market>>,
    risks: Vec<Entry<RiskModel>>,
    bases: Vec<Entry<Base>>,
    bytes: u64,
    /// Counts what was asked for.
    now: u64,
}

#[derive(Debug)]
struct Entry<T> {
    id: Digest,
    /// Raw lengths of its sections.
    lengths: Vec<u64>,
    value: Arc<T>,
    bytes: u64,
    asked: u64,
}

impl Default for Shared {
    /// 256 MiB.
    fn default() -> Self {
        Self::new(256 << 20)
    }
}

impl Shared {
    /// Keeps at most about `most_bytes`; a single part that is larger is handed out and not kept.
    pub const fn new(most_bytes: u64) -> Self {
        let kept = Kept { markets: Vec::new(), risks: Vec::new(), bases: Vec::new(), bytes: 0, now: 0 };
        Self { most_bytes, kept: Mutex::new(kept) }
    }

    /// Parts kept and the bytes that they are counted with.
    pub fn size(&self) -> (usize, u64) {
        let kept = self.lock();
        (kept.markets.len() + kept.risks.len() + kept.bases.len(), kept.bytes)
    }

    /// The lists are whole whenever the lock is free.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn market(
        &self,
        id: Digest,
        stated: &[Section],
        read: impl FnOnce() -> Result<Arc<Market>, Error>,
    ) -> Result<Arc<Market>, Error> {
        self.get(id, stated, MARKET_FACTOR, |kept| &mut kept.markets, read)
    }

    pub(crate) fn risk(
        &self,
        id: Digest,
        stated: &[Section],
        read: impl FnOnce() -> Result<Arc<RiskModel>, Error>,
    ) -> Result<Arc<RiskModel>, Error> {
        self.get(id, stated, RISK_FACTOR, |kept| &mut kept.risks, read)
    }

    /// The part `id`, whose references say what is `stated`; read without the lock, so two threads may read it at once.
    fn get<T>(
        &self,
        id: Digest,
        stated: &[Section],
        factor: u64,
        list: impl Fn(&mut Kept) -> &mut Vec<Entry<T>>,
        read: impl FnOnce() -> Result<Arc<T>, Error>,
    ) -> Result<Arc<T>, Error> {
        let lengths: Vec<u64> = stated.iter().map(|section| section.raw_length).collect();
        // A reference that states another length is one that only reading finds fault with.
        let known = |entry: &&mut Entry<T>| entry.id == id && entry.lengths == lengths;
        {
            let mut kept = self.lock();
            kept.now += 1;
            let now = kept.now;
            if let Some(entry) = list(&mut kept).iter_mut().find(known) {
                entry.asked = now;
                return Ok(Arc::clone(&entry.value));
            }
        }
        let value = read()?;
        let bytes =
            lengths.iter().fold(0_u64, |sum, length| sum.saturating_add(factor.saturating_mul(*length)));
        let mut kept = self.lock();
        if let Some(entry) = list(&mut kept).iter_mut().find(known) {
            return Ok(Arc::clone(&entry.value));
        }
        if kept.make_room(bytes, self.most_bytes) {
            let asked = kept.now;
            list(&mut kept).push(Entry { id, lengths, value: Arc::clone(&value), bytes, asked });
        }
        Ok(value)
    }

    /// A verified part that others build upon.
    pub(crate) fn base(&self, id: &Digest) -> Option<Base> {
        let mut kept = self.lock();
        kept.now += 1;
        let now = kept.now;
        let entry = kept.bases.iter_mut().find(|entry| entry.id == *id)?;
        entry.asked = now;
        Some(Base::clone(&entry.value))
    }

    /// Keeps a verified part that others may build upon.
    pub(crate) fn keep_base(&self, id: Digest, part: Base) {
        let bytes = match &part {
            Base::Matrix(matrix) => 4 * matrix.values.len() as u64,
            Base::Panel(panel) => 8 * panel.closes.len() as u64,
        };
        let mut kept = self.lock();
        if kept.bases.iter().all(|entry| entry.id != id) && kept.make_room(bytes, self.most_bytes) {
            let asked = kept.now;
            kept.bases.push(Entry { id, lengths: Vec::new(), value: Arc::new(part), bytes, asked });
        }
    }
}

impl Kept {
    /// Counts `bytes` more, after letting go of others; `false` when they are too many by themselves.
    fn make_room(&mut self, bytes: u64, most: u64) -> bool {
        if bytes > most {
            return false;
        }
        while self.bytes.saturating_add(bytes) > most && self.drop_oldest() {}
        self.bytes += bytes;
        true
    }

    /// `false` when nothing is left.
    fn drop_oldest(&mut self) -> bool {
        let oldest = [oldest(&self.markets), oldest(&self.risks), oldest(&self.bases)];
        let list = oldest.iter().enumerate().filter_map(|(list, found)| found.map(|found| (found.1, list)));
        let gone = match list.min().and_then(|(_, list)| Some((list, oldest[list]?.0))) {
            Some((0, at)) => self.markets.swap_remove(at).bytes,
            Some((1, at)) => self.risks.swap_remove(at).bytes,
            Some((_, at)) => self.bases.swap_remove(at).bytes,
            None => return false,
        };
        self.bytes -= gone;
        true
    }
}

fn oldest<T>(entries: &[Entry<T>]) -> Option<(usize, u64)> {
    let asked = entries.iter().map(|entry| entry.asked);
    asked.enumerate().min_by_key(|(_, asked)| *asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{FactorModel, Matrix32, Params};
    use crate::{Codec, Kind};

    fn risk() -> Arc<RiskModel> {
        let none = || Matrix32 { rows: 0, cols: 0, values: Vec::new() };
        Arc::new(RiskModel {
            recipe: Params::default(),
            factors: Vec::new(),
            sigma: none(),
            loadings: none(),
            factor_model: FactorModel { covariance: none(), specific: none() },
        })
    }

    fn stated(raw_length: u64) -> [Section; 1] {
        let (codec, id) = (Codec::Raw, Digest::default());
        [Section { kind: Kind::Sigma, codec, rows: 0, cols: 0, raw_length, stored_length: 0, crc: 0, id }]
    }

    #[test]
    fn the_longest_unasked_leave_first_and_the_bytes_are_bounded() {
        let shared = Shared::new(3 * 100 * RISK_FACTOR);
        let id = |k: u8| Digest::from_bytes([k; 32]);
        let mut reads = 0;
        let mut ask = |k: u8, length: u64| {
            let mut fresh = false;
            shared
                .risk(id(k), &stated(length), || {
                    (reads, fresh) = (reads + 1, true);
                    Ok(risk())
                })
                .unwrap();
            fresh
        };
        assert!(ask(1, 100) && ask(2, 100) && ask(3, 100));
        assert!(!ask(1, 100), "kept");
        assert!(ask(4, 100), "takes the place of 2");
        assert!(!ask(1, 100) && !ask(3, 100) && !ask(4, 100));
        assert!(ask(2, 100), "had left");
        assert!(ask(4, 99), "another length is another reference: it is read");
        assert!(ask(9, 301) && ask(9, 301), "too large to keep");
        assert!(shared.size().1 <= 3 * 100 * RISK_FACTOR);
    }
}
