//! The book of one symbol: strangers and own orders in one queue per price level.

mod ids;
mod ladder;

pub(crate) use ids::{IdMap, NONE};
pub(crate) use ladder::{Ladder, Level, NO_KEY};

use crate::{Problem, Side};

/// Tag of a node that belongs to no own order.
pub(crate) const STRANGER: u32 = u32::MAX;

/// A segment of a queue: lots of strangers, or one own order.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(crate) struct Node {
    pub(crate) qty: i64,
    /// Key of its level.
    pub(crate) key: i64,
    /// The tape's id of a stranger's order; 0 without one.
    pub(crate) id: u64,
    /// [`STRANGER`], or the number of the own order.
    pub(crate) tag: u32,
    pub(crate) next: u32,
    pub(crate) prev: u32,
    /// Place of its level in the ladder of its side; set when it is linked.
    pub(crate) at: u32,
    pub(crate) side: Side,
}

/// Two ladders over one pool of nodes.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    sides: [Ladder; 2],
    nodes: Vec<Node>,
    free: u32,
    ids: IdMap,
}

impl Book {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// A book that takes this many orders before it asks for memory.
    pub(crate) fn with_capacity(orders: usize) -> Self {
        let spare =
            Node { qty: 0, key: 0, id: 0, tag: STRANGER, next: NONE, prev: NONE, at: 0, side: Side::Buy };
        let mut nodes = vec![spare; orders];
        for (node, next) in nodes.iter_mut().zip(1..orders as u32) {
            node.next = next;
        }
        let free = if orders > 0 { 0 } else { NONE };
        Self { sides: [Ladder::new(), Ladder::new()], nodes, free, ids: IdMap::with_capacity(orders) }
    }

    pub(crate) const fn side(&self, side: Side) -> &Ladder {
        &self.sides[side.index()]
    }

    pub(crate) const fn side_mut(&mut self, side: Side) -> &mut Ladder {
        &mut self.sides[side.index()]
    }

    pub(crate) fn node(&self, at: u32) -> &Node {
        &self.nodes[at as usize]
    }

    pub(crate) fn node_mut(&mut self, at: u32) -> &mut Node {
        &mut self.nodes[at as usize]
    }

    /// The node of a stranger's order, or [`NONE`].
    #[inline]
    pub(crate) fn stranger(&self, id: u64) -> u32 {
        self.ids.get(id)
    }

    /// Best price with displayed lots.
    pub(crate) fn best_shown(&self, side: Side) -> Option<i64> {
        let key = self.side(side).best_shown();
        (key != NO_KEY).then(|| side.price(key))
    }

    /// Appends a node to the queue of level `at`; counts are the caller's.
    #[inline]
    pub(crate) fn link_back(&mut self, side: Side, at: usize, node: Node) -> u32 {
        let level = self.sides[side.index()].level_mut(at);
        let node = Node { next: NONE, prev: level.tail, at: at as u32, ..node };
        let place = if self.free == NONE {
            self.nodes.push(node);
            (self.nodes.len() - 1) as u32
        } else {
            let place = self.free;
            self.free = self.nodes[place as usize].next;
            self.nodes[place as usize] = node;
            place
        };
        if level.tail == NONE {
            level.head = place;
        } else {
            self.nodes[level.tail as usize].next = place;
        }
        level.tail = place;
        place
    }

    #[cfg(feature = "mutants")]
    /// Puts a node before the queue of level `at`: a seeded fault, no rule does so.
    pub(crate) fn link_front(&mut self, side: Side, at: usize, node: Node) -> u32 {
        let place = self.link_back(side, at, node);
        let level = self.sides[side.index()].level_mut(at);
        let (head, before) = (level.head, self.nodes[place as usize].prev);
        if head != place {
            level.tail = before;
            self.nodes[before as usize].next = NONE;
            self.nodes[place as usize].prev = NONE;
            self.nodes[place as usize].next = head;
            self.nodes[head as usize].prev = place;
            self.sides[side.index()].level_mut(at).head = place;
        }
        place
    }

    /// Takes a node out of the queue of level `at` and gives it back to the pool; counts are the caller's.
    pub(crate) fn unlink(&mut self, at: usize, place: u32) {
        let node = self.nodes[place as usize];
        let level = self.sides[node.side.index()].level_mut(at);
        if node.prev == NONE {
            level.head = node.next;
        } else {
            self.nodes[node.prev as usize].next = node.next;
        }
        if node.next == NONE {
            level.tail = node.prev;
        } else {
            self.nodes[node.next as usize].prev = node.prev;
        }
        self.nodes[place as usize].next = self.free;
        self.free = place;
    }

    /// Puts a stranger's order at the back of its level.
    pub(crate) fn add_stranger(&mut self, side: Side, key: i64, qty: i64, id: u64) -> Result<(), Problem> {
        let at = self.side_mut(side).reach(key)?;
        self.add_stranger_at(side, at, key, qty, id)
    }

    /// As [`add_stranger`](Self::add_stranger), at the place of the level `key`.
    #[inline]
    pub(crate) fn add_stranger_at(
        &mut self,
        side: Side,
        at: usize,
        key: i64,
        qty: i64,
        id: u64,
    ) -> Result<(), Problem> {
        let level = self.side_mut(side).level_mut(at);
        let was = level.shown;
        level.shown = was.checked_add(qty).ok_or(Problem::Overflow { what: "lots of a level" })?;
        if was == 0 {
            self.side_mut(side).refresh(at, key);
        }
        let node = Node { qty, key, id, tag: STRANGER, next: NONE, prev: NONE, at: NONE, side };
        let place = self.link_back(side, at, node);
        self.ids.set(id, place);
        Ok(())
    }

    /// Takes `qty` lots from a stranger's order; it leaves the book with its last lot.
    pub(crate) fn reduce_stranger(&mut self, place: u32, qty: i64) {
        let node = self.nodes[place as usize];
        let ladder = &mut self.sides[node.side.index()];
        let at = node.at as usize;
        let level = ladder.level_mut(at);
        level.shown -= qty;
        level.taken -= if level.taken < qty { level.taken } else { qty };
        if level.shown == 0 {
            ladder.refresh(at, node.key);
        }
        if node.qty == qty {
            self.ids.remove(node.id);
            self.unlink(at, place);
        } else {
            self.nodes[place as usize].qty -= qty;
        }
    }

    /// Trades up to `most` lots with the first order of a level without own orders; gives its id and the lots.
    #[inline]
    pub(crate) fn take_first(&mut self, side: Side, at: usize, key: i64, most: i64) -> Option<(u64, i64)> {
        let ladder = &mut self.sides[side.index()];
        let level = ladder.level_mut(at);
        let head = level.head;
        if head == NONE {
            return None;
        }
        let node = &mut self.nodes[head as usize];
        let (id, held) = (node.id, node.qty);
        if held > most {
            node.qty = held - most;
            level.shown -= most;
            return Some((id, most));
        }
        level.shown -= held;
        level.head = node.next;
        node.next = self.free;
        self.free = head;
        if level.head == NONE {
            level.tail = NONE;
            ladder.refresh(at, key);
        } else {
            let next = level.head as usize;
            self.nodes[next].prev = NONE;
        }
        self.ids.remove(id);
        Some((id, held))
    }

    /// Takes every stranger away; own orders stay where they are.
    pub(crate) fn clear_strangers(&mut self) {
        for side in [Side::Buy, Side::Sell] {
            let mut key = self.side(side).best();
            while key != NO_KEY {
                let at = self.side_mut(side).find(key).unwrap_or_default();
                let mut place = self.side(side).level(at).head;
                while place != NONE {
                    let node = *self.node(place);
                    if node.tag == STRANGER {
                        self.unlink(at, place);
                    }
                    place = node.next;
                }
                let level = self.side_mut(side).level_mut(at);
                (level.shown, level.taken, level.pending) = (0, 0, 0);
                self.side_mut(side).refresh(at, key);
                key = self.side_mut(side).after(key);
            }
        }
        self.ids.clear();
    }

    /// Lots of strangers in the queue of a level.
    pub(crate) fn strangers_in(&self, level: &Level) -> i64 {
        self.strangers_until(level, NONE)
    }

    /// Lots of strangers in the queue of a level ahead of the node `end`.
    pub(crate) fn strangers_until(&self, level: &Level, end: u32) -> i64 {
        let (mut place, mut sum) = (level.head, 0);
        while place != NONE && place != end {
            let node = self.node(place);
            sum += if node.tag == STRANGER { node.qty } else { 0 };
            place = node.next;
        }
        sum
    }
}

impl Book {
    /// Displayed lots at a price.
    pub(crate) fn shown_at(&self, side: Side, price: i64) -> i64 {
        self.side(side).shown_at(side.key(price))
    }

    /// Every level and every segment of its queue, best first, bids before asks: the bytes of a book's digest.
    pub(crate) fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut word = |value: i64| bytes.extend_from_slice(&value.to_le_bytes());
        for side in [Side::Buy, Side::Sell] {
            self.side(side).each(|key, level| {
                for value in [side.price(key), level.shown, level.taken, level.pending] {
                    word(value);
                }
                let mut place = level.head;
                while place != NONE {
                    let node = self.node(place);
                    word(node.qty);
                    word(node.id as i64);
                    place = node.next;
                }
                word(i64::MIN);
            });
        }
        bytes
    }
}
