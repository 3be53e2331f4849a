//! One side of a book: price levels in pages of 64, best first.

use super::ids::NONE;
use crate::Problem;

/// No price on this side.
pub(crate) const NO_KEY: i64 = i64::MAX;
/// Most pages of one side.
pub(crate) const PAGE_LIMIT: usize = 1 << 15;
const CACHE: usize = 128;

/// One price level.
///
/// Without own orders a level of an L2 book is its displayed size and nothing else; its queue of nodes is made when the
/// first own order joins.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Level {
    /// Lots of strangers, as published.
    pub(crate) shown: i64,
    /// Lots of `shown` that own takers have had already.
    pub(crate) taken: i64,
    /// Published shrink that no trade has explained yet and that still stands in the queue.
    pub(crate) pending: i64,
    /// First node of the queue.
    pub(crate) head: u32,
    /// Last node of the queue.
    pub(crate) tail: u32,
    /// Own orders in the queue.
    pub(crate) own: u32,
}

const EMPTY: Level = Level { shown: 0, taken: 0, pending: 0, head: NONE, tail: NONE, own: 0 };

#[derive(Debug, Clone, Copy)]
struct Page {
    number: i64,
    shown: u64,
    own: u64,
    next: u32,
}

/// The levels of one side by [`key`](crate::Side::key): the best price has the smallest key.
///
/// A level is found through a small direct-mapped cache of pages, the next better or worse one through two bit masks a
/// page. Pages are never given back: memory follows the range of prices seen, up to [`PAGE_LIMIT`].
#[derive(Debug, Clone)]
pub(crate) struct Ladder {
    pages: Vec<Page>,
    levels: Vec<Level>,
    /// Pages by number.
    order: Vec<(i64, u32)>,
    cache: Vec<(i64, u32)>,
    best_shown: i64,
    best_own: i64,
}

impl Ladder {
    pub(crate) fn new() -> Self {
        Self {
            pages: Vec::new(),
            levels: Vec::new(),
            order: Vec::new(),
            cache: vec![(i64::MIN, NONE); CACHE],
            best_shown: NO_KEY,
            best_own: NO_KEY,
        }
    }

    /// Key of the best level with displayed lots.
    pub(crate) const fn best_shown(&self) -> i64 {
        self.best_shown
    }

    /// Key of the best level with an own order.
    pub(crate) const fn best_own(&self) -> i64 {
        self.best_own
    }

    /// Key of the best level with anything.
    pub(crate) const fn best(&self) -> i64 {
        if self.best_own < self.best_shown { self.best_own } else { self.best_shown }
    }

    #[inline]
    fn page(&mut self, number: i64) -> u32 {
        let line = (number as usize) & (CACHE - 1);
        if self.cache[line].0 == number && self.cache[line].1 != NONE {
            return self.cache[line].1;
        }
        match self.order.binary_search_by_key(&number, |entry| entry.0) {
            Ok(at) => {
                let page = self.order[at].1;
                self.cache[line] = (number, page);
                page
            }
            Err(_) => NONE,
        }
    }

    /// Place of the level `key`, if its page exists.
    #[inline]
    pub(crate) fn find(&mut self, key: i64) -> Option<usize> {
        let page = self.page(key >> 6);
        (page != NONE).then(|| slot(page, key))
    }

    /// Place of the level `key`.
    #[inline]
    pub(crate) fn reach(&mut self, key: i64) -> Result<usize, Problem> {
        if let Some(at) = self.find(key) {
            return Ok(at);
        }
        if self.pages.len() >= PAGE_LIMIT {
            return Err(Problem::TooWide { limit: PAGE_LIMIT });
        }
        let number = key >> 6;
        let page = self.pages.len() as u32;
        let at = self.order.partition_point(|entry| entry.0 < number);
        let next = self.order.get(at).map_or(NONE, |entry| entry.1);
        if let Some(before) = at.checked_sub(1) {
            let before = self.order[before].1;
            self.pages[before as usize].next = page;
        }
        self.order.insert(at, (number, page));
        self.pages.push(Page { number, shown: 0, own: 0, next });
        self.levels.resize(self.levels.len() + 64, EMPTY);
        Ok(slot(page, key))
    }

    pub(crate) fn level(&self, at: usize) -> &Level {
        &self.levels[at]
    }

    pub(crate) fn level_mut(&mut self, at: usize) -> &mut Level {
        &mut self.levels[at]
    }

    /// Brings masks and best prices up to date with the level at `at`, whose key is `key`.
    #[inline]
    pub(crate) fn refresh(&mut self, at: usize, key: i64) {
        let bit = 1_u64 << (key & 63);
        let level = &self.levels[at];
        let (shown, own) = (level.shown > 0, level.own > 0);
        let page = &mut self.pages[at >> 6];
        if (page.shown & bit != 0) != shown {
            page.shown ^= bit;
            if shown {
                self.best_shown = if key < self.best_shown { key } else { self.best_shown };
            } else if key == self.best_shown {
                self.best_shown = self.next_in(at >> 6, key, |page| page.shown);
            }
        }
        let page = &mut self.pages[at >> 6];
        if (page.own & bit != 0) != own {
            page.own ^= bit;
            if own {
                self.best_own = if key < self.best_own { key } else { self.best_own };
            } else if key == self.best_own {
                self.best_own = self.next_in(at >> 6, key, |page| page.own);
            }
        }
    }

    /// First key after `key` of whose page the mask has a bit.
    fn next_in(&self, page: usize, key: i64, mask: impl Fn(&Page) -> u64) -> i64 {
        let here = &self.pages[page];
        let above = mask(here) & !(u64::MAX >> (63 - (key & 63)));
        if above != 0 {
            return here.number << 6 | i64::from(above.trailing_zeros());
        }
        let mut next = here.next;
        while next != NONE {
            let page = &self.pages[next as usize];
            let bits = mask(page);
            if bits != 0 {
                return page.number << 6 | i64::from(bits.trailing_zeros());
            }
            next = page.next;
        }
        NO_KEY
    }

    /// Displayed lots of the level `key`.
    pub(crate) fn shown_at(&self, key: i64) -> i64 {
        let page = self.order.binary_search_by_key(&(key >> 6), |entry| entry.0);
        page.map_or(0, |at| self.levels[slot(self.order[at].1, key)].shown)
    }

    /// Visits every level with anything, best first.
    pub(crate) fn each(&self, mut visit: impl FnMut(i64, &Level)) {
        for (number, page) in &self.order {
            let mut bits = self.pages[*page as usize].shown | self.pages[*page as usize].own;
            while bits != 0 {
                let key = number << 6 | i64::from(bits.trailing_zeros());
                visit(key, &self.levels[slot(*page, key)]);
                bits &= bits - 1;
            }
        }
    }

    /// Key of the next level with anything after `key`, whose page exists.
    pub(crate) fn after(&mut self, key: i64) -> i64 {
        let page = self.page(key >> 6);
        if page == NONE { NO_KEY } else { self.next_in(page as usize, key, |page| page.shown | page.own) }
    }

    /// Key of the next level with displayed lots after `key`, whose page exists.
    pub(crate) fn shown_after(&mut self, key: i64) -> i64 {
        let page = self.page(key >> 6);
        if page == NONE { NO_KEY } else { self.next_in(page as usize, key, |page| page.shown) }
    }
}

const fn slot(page: u32, key: i64) -> usize {
    (page as usize) << 6 | (key & 63) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn best_and_next_agree_with_a_tree(
            steps in prop::collection::vec((-300_i64..300, 0_i64..3, prop::bool::ANY), 1..200),
            spread in prop::sample::select(vec![1_i64, 97, 1 << 30]),
        ) {
            let (mut ladder, mut tree) = (Ladder::new(), BTreeMap::new());
            for (key, qty, own) in steps {
                let key = key * spread;
                let at = ladder.reach(key).unwrap();
                let level = ladder.level_mut(at);
                if own { level.own = qty as u32 } else { level.shown = qty }
                let state = (level.shown, level.own);
                ladder.refresh(at, key);
                tree.insert(key, state);
                let first = |wanted: fn(&(i64, u32)) -> bool| {
                    tree.iter().find(|(_, state)| wanted(state)).map_or(NO_KEY, |(key, _)| *key)
                };
                prop_assert_eq!(ladder.best_shown(), first(|state| state.0 > 0));
                prop_assert_eq!(ladder.best_own(), first(|state| state.1 > 0));
                let next = tree.range(key + 1..).find(|(_, state)| state.0 > 0 || state.1 > 0);
                prop_assert_eq!(ladder.after(key), next.map_or(NO_KEY, |(key, _)| *key));
            }
        }
    }

    #[test]
    fn a_book_without_end_is_an_error() {
        let mut ladder = Ladder::new();
        let found = (0..=PAGE_LIMIT as i64).map(|page| ladder.reach(page << 6)).find_map(Result::err);
        assert_eq!(found, Some(Problem::TooWide { limit: PAGE_LIMIT }));
    }
}
