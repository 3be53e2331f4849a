//! Records of a whole store in their narrow form.

use crate::{Deriver, Error, open};
use rayon::prelude::*;
use samebits_canon::Isa;
use samebits_snapshot::Shared;
use samebits_store::{Opener, SEAL_BLOCK, SealedRecord, Store, StoredRun};
use std::sync::Arc;

/// What sealing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sealing {
    /// Records made narrow.
    pub runs: u64,
    /// Of them, those whose outcome was left out but for what is kept of it.
    pub kept: u64,
    /// Bytes of their records before.
    pub before: u64,
    /// Bytes of their records now.
    pub after: u64,
}

/// Makes every wide record of the store narrow, on `threads` threads. Each Run is read and verified; where its outcome follows
/// from what is kept of it, in every canonical byte, only that is stored, unless `whole`; each narrow record is read again and
/// compared before it takes the place of the wide one. A killed process leaves a store in which some records are narrow.
///
/// `progress` is told the number of Runs looked at so far.
///
/// # Errors
/// A Run that is not as it was recorded: what was done before it stays; and what the database says.
pub fn seal(
    opener: &Opener,
    store: &mut Store,
    whole: bool,
    threads: usize,
    progress: &mut dyn FnMut(u64),
) -> Result<Sealing, Error> {
    let isa = Isa::detect();
    let shared = Arc::new(Shared::default());
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Threads(error.to_string()))?;
    let accounts = store.accounts()?;
    let most = accounts.iter().map(|(_, runs)| *runs).max().unwrap_or(0);
    let (mut sealing, mut seen) = (Sealing::default(), 0);
    let start = || (open(opener).map(|store| store.sharing(Arc::clone(&shared))), Deriver::new(isa));
    // Block by block, so that the markets and risk models of a block's days are held once for all accounts.
    for block in 0..(most + SEAL_BLOCK - 1) / SEAL_BLOCK {
        let of_block: Vec<&(String, i64)> =
            accounts.iter().filter(|(_, runs)| *runs > block * SEAL_BLOCK).collect();
        for some in of_block.chunks(8 * threads) {
            let narrowed: Result<Vec<Vec<SealedRecord>>, Error> = pool.install(|| {
                let one = |(store, deriver): &mut (Result<Store, _>, Deriver), account: &&(String, i64)| {
                    let Ok(store) = store else { return Ok(open(opener).map(|_| Vec::new())?) };
                    let keep = |stored: &StoredRun| {
                        if whole { None } else { deriver.compact(&stored.run, &stored.ids) }
                    };
                    Ok(store.narrow((&account.0, account.1), block, &keep)?)
                };
                some.par_iter().map_init(start, one).collect()
            });
            let narrowed: Vec<SealedRecord> = narrowed?.into_iter().flatten().collect();
            store.put_narrow(&narrowed)?;
            sealing.add(&narrowed);
            seen += some.iter().fold(0, |sum, (_, runs)| sum + (runs - block * SEAL_BLOCK).min(SEAL_BLOCK));
            progress(seen.unsigned_abs());
        }
    }
    Ok(sealing)
}

impl Sealing {
    fn add(&mut self, records: &[SealedRecord]) {
        for record in records {
            self.runs += 1;
            self.kept += u64::from(record.kept);
            self.before += record.before as u64;
            self.after += record.bytes.len() as u64;
        }
    }
}
