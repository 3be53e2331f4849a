//! Columns of sealed records that were read last: later Runs of an account build upon them.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most bytes that are kept.
const MOST: usize = 64 << 20;

/// Columns by account and sequence; those that came in first leave first.
#[derive(Debug, Default)]
pub(crate) struct Recent(RefCell<Kept>);

#[derive(Debug, Default)]
struct Kept {
    columns: BTreeMap<String, BTreeMap<i64, Arc<Vec<u8>>>>,
    order: VecDeque<(String, i64)>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn get(&self, account: &str, sequence: i64) -> Option<Arc<Vec<u8>>> {
        self.0.borrow().columns.get(account)?.get(&sequence).cloned()
    }

    pub(crate) fn keep(&self, account: &str, sequence: i64, columns: &Arc<Vec<u8>>) {
        let mut kept = self.0.borrow_mut();
        let of_account = kept.columns.entry(account.to_owned()).or_default();
        if of_account.insert(sequence, Arc::clone(columns)).is_some() {
            return;
        }
        kept.order.push_back((account.to_owned(), sequence));
        kept.bytes += columns.len();
        while kept.bytes > MOST {
            let Some((account, sequence)) = kept.order.pop_front() else { break };
            let Some(of_account) = kept.columns.get_mut(&account) else { continue };
            let gone = of_account.remove(&sequence).map_or(0, |columns| columns.len());
            if of_account.is_empty() {
                kept.columns.remove(&account);
            }
            kept.bytes -= gone;
        }
    }

    /// Drops all of them; whether there were any.
    pub(crate) fn forget(&self) -> bool {
        let mut kept = self.0.borrow_mut();
        let any = !kept.order.is_empty();
        *kept = Kept::default();
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_in_leave_first_and_the_bytes_are_bounded() {
        let recent = Recent::default();
        let third = Arc::new(vec![0; MOST / 3]);
        for sequence in 0..4 {
            recent.keep("a", sequence, &third);
            recent.keep("a", sequence, &third);
        }
        assert!(recent.get("a", 0).is_none() && recent.get("b", 1).is_none());
        assert!((1..4).all(|sequence| recent.get("a", sequence).is_some()));
        recent.keep("b", 1, &Arc::new(vec![0; MOST + 1]));
        assert_eq!(recent.0.borrow().bytes, 0);
        recent.keep("b", 1, &third);
        assert!(recent.forget() && !recent.forget());
        assert!(recent.get("b", 1).is_none());
    }
}
