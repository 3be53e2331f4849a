//! The rows of a store in memory.

use samebits_snapshot::{Blob, Digest};
use samebits_store::{
    Additions, CorrectionHead, CorrectionRow, End, Error, Filter, Mark, Order, Plan, Row, RunHead, RunStore,
    Size,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Every row, in the order in which it was added.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) runs: Vec<Row>,
    pub(crate) corrections: Vec<CorrectionRow>,
    pub(crate) ends: Vec<End>,
    pub(crate) blobs: Vec<(Digest, Vec<u8>)>,
}

/// A table that a store has and others look at.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows(pub(crate) Arc<Mutex<Table>>);

impl Rows {
    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heads(&self, which: impl Fn(&RunHead) -> bool) -> Vec<RunHead> {
        self.table().runs.iter().map(|row| &row.head).filter(|head| which(head)).cloned().collect()
    }
}

impl RunStore for Rows {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn schema(&self) -> u32 {
        2
    }

    fn meta(&self, _key: &str) -> Result<Option<String>, Error> {
        Ok(None)
    }

    fn set_meta(&mut self, _key: &str, _value: &str) -> Result<(), Error> {
        Ok(())
    }

    fn append(&mut self, accounts: &[&str], plan: &mut Plan<'_, '_>) -> Result<(), Error> {
        let end = |account: &&str| {
            self.table()
                .ends
                .iter()
                .find(|end| end.account == **account)
                .cloned()
                .unwrap_or_else(|| End::none(account))
        };
        let ends: Vec<End> = accounts.iter().map(end).collect();
        let Additions { blobs, runs, corrections, ends } = plan(&ends)?;
        self.put_blobs(&blobs)?;
        for row in runs {
            let mut table = self.table();
            let position = 1 + table.runs.len() as i64;
            table.runs.push(Row { position, head: row.head, record: row.record.to_vec() });
        }
        for (head, record) in corrections {
            self.table().corrections.push(CorrectionRow { head, record: record.to_vec() });
        }
        for end in ends {
            self.table().ends.retain(|known| known.account != end.account);
            self.table().ends.push(end);
        }
        Ok(())
    }

    fn reclaim(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn put_blobs(&mut self, blobs: &[&Blob]) -> Result<(), Error> {
        for blob in blobs {
            if self.table().blobs.iter().all(|(id, _)| *id != blob.id) {
                self.table().blobs.push((blob.id, blob.bytes.clone()));
            }
        }
        Ok(())
    }

    fn replace(&mut self, records: &[(Digest, &[u8])], blobs: &[(Digest, &[u8])]) -> Result<(), Error> {
        for (id, bytes) in records {
            for row in self.table().runs.iter_mut().filter(|row| row.head.run_id == *id) {
                row.record = bytes.to_vec();
            }
        }
        for (id, bytes) in blobs {
            for (_, blob) in self.table().blobs.iter_mut().filter(|(known, _)| known == id) {
                *blob = bytes.to_vec();
            }
        }
        Ok(())
    }

    fn by_id(&self, run_id: &Digest) -> Result<Option<Row>, Error> {
        Ok(self.table().runs.iter().find(|row| row.head.run_id == *run_id).cloned())
    }

    fn by_sequence(&self, account: &str, sequence: i64) -> Result<Option<RunHead>, Error> {
        Ok(self.heads(|head| head.account == account && head.sequence == sequence).pop())
    }

    fn between(&self, first: &Digest, last: &Digest) -> Result<Vec<RunHead>, Error> {
        Ok(self.heads(|head| (*first..=*last).contains(&head.run_id)))
    }

    fn latest(&self) -> Result<Option<RunHead>, Error> {
        Ok(self.table().runs.iter().max_by_key(|row| row.position).map(|row| row.head.clone()))
    }

    fn list(&self, filter: &Filter) -> Result<Vec<RunHead>, Error> {
        let (from, to) = filter.days();
        let mut heads = self.heads(|head| {
            let named = filter.account.as_ref().is_none_or(|account| *account == head.account);
            named && (from..=to).contains(&head.as_of.days())
        });
        heads.sort_by(|a, b| (a.as_of, &a.account, a.sequence).cmp(&(b.as_of, &b.account, b.sequence)));
        Ok(heads)
    }

    fn page(&self, filter: &Filter, behind: Option<&Mark>, most: usize) -> Result<Vec<RunHead>, Error> {
        let mut heads = self.list(filter)?;
        heads.sort_by(|a, b| (b.as_of, &a.account, a.sequence).cmp(&(a.as_of, &b.account, b.sequence)));
        heads.retain(|head| {
            let place = |mark: &Mark| (mark.as_of, &head.account, head.sequence);
            behind.is_none_or(|mark| place(mark) > (head.as_of, &mark.account, mark.sequence))
        });
        heads.truncate(most);
        Ok(heads)
    }

    fn days(&self, ids: &[Digest]) -> Result<Vec<Option<i64>>, Error> {
        let day = |id: &Digest| self.by_id(id).map(|row| row.map(|row| row.head.as_of.days().into()));
        ids.iter().map(day).collect()
    }

    fn positions(&self, order: Order) -> Result<Vec<i64>, Error> {
        let table = self.table();
        let mut rows: Vec<&Row> = table.runs.iter().collect();
        if order == Order::Sequence {
            rows.sort_by(|a, b| (a.head.sequence, &a.head.account).cmp(&(b.head.sequence, &b.head.account)));
        }
        Ok(rows.into_iter().map(|row| row.position).collect())
    }

    fn at(&self, positions: &[i64]) -> Result<Vec<Row>, Error> {
        let at = |position: &i64| self.table().runs.iter().find(|row| row.position == *position).cloned();
        Ok(positions.iter().filter_map(at).collect())
    }

    fn ends(&self) -> Result<Vec<End>, Error> {
        let mut ends = self.table().ends.clone();
        ends.sort_by(|a, b| a.account.cmp(&b.account));
        Ok(ends)
    }

    fn corrections(&self, account: Option<&str>) -> Result<Vec<CorrectionHead>, Error> {
        let named = |head: &&CorrectionHead| account.is_none_or(|account| account == head.account);
        let table = self.table();
        let mut heads: Vec<_> =
            table.corrections.iter().map(|row| &row.head).filter(named).cloned().collect();
        heads.sort_by(|a, b| (&a.account, a.number).cmp(&(&b.account, b.number)));
        Ok(heads)
    }

    fn correction(&self, run_id: &Digest) -> Result<Option<CorrectionRow>, Error> {
        Ok(self.table().corrections.iter().find(|row| row.head.run_id == *run_id).cloned())
    }

    fn blob(&self, id: &Digest) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.table().blobs.iter().find(|(known, _)| known == id).map(|(_, bytes)| bytes.clone()))
    }

    fn blob_ids(&self) -> Result<Vec<Digest>, Error> {
        Ok(self.table().blobs.iter().map(|(id, _)| *id).collect())
    }

    fn size(&self) -> Result<Size, Error> {
        let records = self.table().runs.iter().map(|row| row.record.len() as u64).sum();
        Ok(Size {
            records,
            blobs: self.table().blobs.iter().map(|(_, bytes)| bytes.len() as u64).sum(),
            file: 0,
        })
    }

    fn faults(&self) -> Result<Vec<String>, Error> {
        Ok(Vec::new())
    }

    fn snapshot(&self, work: &mut dyn FnMut() -> Result<(), Error>) -> Result<(), Error> {
        work()
    }
}
