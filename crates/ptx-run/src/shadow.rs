//! Who used a word last: the memory of the race detector.
//!
//! Each word of 4 bytes has a cell of 32; where parts of words are accessed, so has each byte. Time is counted in barriers: `now` grows with every barrier that completes,
//! and `known[w]` is the time up to which this warp has seen what warp `w` did (a row of vector clocks). Within a warp
//! time is counted in epochs: a number that no other warp and no other interval between two synchronisations has.

use crate::error::{Fault, Space};

pub(crate) type Cell = [u32; 8];

const W_TIME: usize = 0;
const W_EPOCH: usize = 1;
const W_LINE: usize = 2;
const R_TIME: usize = 3;
const R_EPOCH: usize = 4;
const R_LINE: usize = 5;
/// Warps that read since the last write, at `R_TIME`.
const R_WARPS: usize = 6;
/// Bits 0..5 warp, 5 atomic, 6..11 lane of the write; 11..16 first, 16..21 second reading lane, 21 many;
/// 22 written, 26 read.
const TAGS: usize = 7;
const ATOMIC: u32 = 1 << 5;
const MANY: u32 = 1 << 21;
const WRITTEN: u32 = 1 << 22;
const READ: u32 = 1 << 26;

/// The thread that accesses, and what it has seen.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) warp: u32,
    pub(crate) lane: u32,
    pub(crate) line: u32,
    pub(crate) now: u32,
    pub(crate) epoch: u32,
    pub(crate) known: &'a [u32; 32],
    /// Atomic, volatile, relaxed, ...: no race with its like.
    pub(crate) strong: bool,
    pub(crate) races: bool,
    pub(crate) uninitialised: bool,
}

impl Who<'_> {
    fn race(&self, space: Space, address: u64, first_warp: u32, first_line: u32) -> Fault {
        Fault::Race { space, address, first_line, first_warp, second_warp: self.warp }
    }

    fn lane_race(&self, space: Space, address: u64, first_lane: u32, first_line: u32) -> Fault {
        let (warp, second_lane) = (self.warp, self.lane);
        Fault::LaneRace { space, address, first_line, warp, first_lane, second_lane }
    }

    #[inline]
    fn against_writer(&self, cell: &Cell, space: Space, address: u64) -> Result<(), Fault> {
        let tags = cell[TAGS];
        if tags & WRITTEN == 0 || (self.strong && tags & ATOMIC != 0) {
            return Ok(());
        }
        let warp = tags & 31;
        if warp != self.warp {
            if cell[W_TIME] >= self.known[warp as usize] {
                return Err(self.race(space, address, warp, cell[W_LINE]));
            }
        } else if cell[W_EPOCH] == self.epoch {
            let lane = (tags >> 6) & 31;
            if lane != self.lane {
                return Err(self.lane_race(space, address, lane, cell[W_LINE]));
            }
        }
        Ok(())
    }

    /// Checks an access of what `cell` stands for, and remembers it.
    #[inline]
    pub(crate) fn takes(
        &self,
        cell: &mut Cell,
        write: bool,
        space: Space,
        address: u64,
    ) -> Result<(), Fault> {
        if write { self.writes(cell, space, address) } else { self.reads(cell, space, address) }
    }

    /// Checks an access against what `cell` remembers.
    #[inline]
    pub(crate) fn meets(&self, cell: &Cell, write: bool, space: Space, address: u64) -> Result<(), Fault> {
        self.against_writer(cell, space, address)?;
        if write { self.against_readers(cell, space, address) } else { Ok(()) }
    }

    #[inline]
    fn reads(&self, cell: &mut Cell, space: Space, address: u64) -> Result<(), Fault> {
        self.against_writer(cell, space, address)?;
        if self.strong {
            return Ok(());
        }
        let mut tags = cell[TAGS];
        if cell[R_TIME] == self.now {
            cell[R_WARPS] |= 1 << self.warp;
        } else {
            cell[R_TIME] = self.now;
            cell[R_WARPS] = 1 << self.warp;
            tags &= !READ;
        }
        if cell[R_EPOCH] == self.epoch {
            if (tags >> 11) & 31 != self.lane {
                tags = (tags & !(31 << 16)) | self.lane << 16 | MANY;
            }
        } else {
            cell[R_EPOCH] = self.epoch;
            tags = (tags & !(MANY | 31 << 11)) | self.lane << 11;
        }
        cell[TAGS] = tags | READ;
        cell[R_LINE] = self.line;
        Ok(())
    }

    #[inline]
    fn against_readers(&self, cell: &Cell, space: Space, address: u64) -> Result<(), Fault> {
        let tags = cell[TAGS];
        if tags & READ == 0 {
            return Ok(());
        }
        let mut others = cell[R_WARPS] & !(1 << self.warp);
        while others != 0 {
            let warp = others.trailing_zeros();
            if cell[R_TIME] >= self.known[warp as usize] {
                return Err(self.race(space, address, warp, cell[R_LINE]));
            }
            others &= others - 1;
        }
        if cell[R_EPOCH] == self.epoch {
            let first = (tags >> 11) & 31;
            if first != self.lane {
                return Err(self.lane_race(space, address, first, cell[R_LINE]));
            }
            if tags & MANY != 0 {
                return Err(self.lane_race(space, address, (tags >> 16) & 31, cell[R_LINE]));
            }
        }
        Ok(())
    }

    #[inline]
    fn writes(&self, cell: &mut Cell, space: Space, address: u64) -> Result<(), Fault> {
        self.against_writer(cell, space, address)?;
        self.against_readers(cell, space, address)?;
        cell[W_TIME] = self.now;
        cell[W_EPOCH] = self.epoch;
        cell[W_LINE] = self.line;
        cell[TAGS] = self.warp | u32::from(self.strong) << 5 | self.lane << 6 | WRITTEN;
        cell[R_WARPS] = 0;
        cell[R_EPOCH] = 0;
        Ok(())
    }
}

/// Time of a block: which warp has seen what of which other warp.
pub(crate) struct Clock {
    now: u32,
    epoch: u32,
    known: Vec<[u32; 32]>,
    epochs: Vec<u32>,
}

impl Clock {
    /// Starts after `now` and `epoch`, the last values that an earlier block used.
    pub(crate) fn new(now: u32, epoch: u32, warps: usize) -> Self {
        let now = now + 1;
        let mut clock = Self { now, epoch, known: vec![[now; 32]; warps], epochs: vec![0; warps] };
        for warp in 0..warps {
            clock.warp_sync(warp);
        }
        clock
    }

    pub(crate) fn now(&self) -> u32 {
        self.now
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    pub(crate) fn of(&self, warp: usize) -> (&[u32; 32], u32) {
        (&self.known[warp], self.epochs[warp])
    }

    /// The lanes of a warp have met.
    pub(crate) fn warp_sync(&mut self, warp: usize) {
        self.epoch = self.epoch.wrapping_add(1).max(1);
        self.epochs[warp] = self.epoch;
    }

    /// The warps of `met` (one bit each) have met: all of them know what one of them knew.
    pub(crate) fn barrier(&mut self, met: u32) {
        self.now += 1;
        let warps = self.known.len();
        for of in 0..warps {
            let newest = if met >> of & 1 == 1 {
                self.now
            } else {
                (0..warps).filter(|w| met >> w & 1 == 1).map(|w| self.known[w][of]).max().unwrap_or(0)
            };
            for warp in (0..warps).filter(|w| met >> w & 1 == 1) {
                self.known[warp][of] = newest;
            }
        }
        for warp in (0..warps).filter(|w| met >> w & 1 == 1) {
            self.warp_sync(warp);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(clock: &Clock, warp: u32, lane: u32) -> Who<'_> {
        let (known, epoch) = clock.of(warp as usize);
        let now = clock.now();
        Who { warp, lane, line: 1, now, epoch, known, strong: false, races: true, uninitialised: true }
    }

    fn races(clock: &Clock, cell: &mut Cell, warp: u32) -> bool {
        who(clock, warp, 0).reads(cell, Space::Shared, 0).is_err()
    }

    #[test]
    fn knowledge_travels_through_barriers_of_some() {
        let mut clock = Clock::new(0, 0, 4);
        let mut cell = [0; 8];
        who(&clock, 0, 0).writes(&mut cell, Space::Shared, 0).unwrap();
        assert!(races(&clock, &mut cell, 1) && races(&clock, &mut cell, 2));
        clock.barrier(0b0011);
        assert!(!races(&clock, &mut cell.clone(), 1));
        assert!(races(&clock, &mut cell, 2));
        clock.barrier(0b0110);
        assert!(!races(&clock, &mut cell.clone(), 2));
        assert!(races(&clock, &mut cell, 3));
        who(&clock, 3, 0).writes(&mut cell, Space::Shared, 0).unwrap_err();
    }

    #[test]
    fn a_read_then_a_write_needs_a_barrier_too() {
        let mut clock = Clock::new(0, 0, 3);
        let mut cell = [0; 8];
        for warp in 0..3 {
            assert!(!races(&clock, &mut cell, warp));
        }
        who(&clock, 2, 0).writes(&mut cell, Space::Shared, 0).unwrap_err();
        clock.barrier(0b111);
        who(&clock, 2, 0).writes(&mut cell, Space::Shared, 0).unwrap();
    }

    #[test]
    fn lanes_of_one_warp() {
        let clock = Clock::new(0, 0, 1);
        let mut cell = [0; 8];
        who(&clock, 0, 4).writes(&mut cell, Space::Shared, 0).unwrap();
        let fault = who(&clock, 0, 5).reads(&mut cell, Space::Shared, 0).unwrap_err();
        assert!(matches!(fault, Fault::LaneRace { first_lane: 4, second_lane: 5, .. }));
        cell = [0; 8];
        who(&clock, 0, 5).reads(&mut cell, Space::Shared, 0).unwrap();
        who(&clock, 0, 6).reads(&mut cell, Space::Shared, 0).unwrap();
        who(&clock, 0, 5).writes(&mut cell, Space::Shared, 0).unwrap_err();
    }

    #[test]
    fn an_earlier_block_is_forgotten() {
        let clock = Clock::new(0, 0, 2);
        let mut cell = [0; 8];
        who(&clock, 0, 0).writes(&mut cell, Space::Global, 0).unwrap();
        let next = Clock::new(clock.now(), clock.epoch(), 2);
        assert!(!races(&next, &mut cell, 1));
        who(&next, 0, 9).writes(&mut cell, Space::Global, 0).unwrap_err();
    }
}
