//! One block of columns: finished, and its products taken by the columns after it.

use super::kernels::{Corner, GROUP, TILE};
use crate::Error;
use crate::kernel::{BadPivot, Kernels};

/// Column groups whose packed rows stay in cache while a panel of rows passes over them.
const GROUPS_AT_ONCE: usize = 48;

pub(super) struct Block<'a> {
    pub(super) kernels: &'static Kernels,
    pub(super) first: usize,
    pub(super) width: usize,
    pub(super) columns: usize,
    pub(super) height: usize,
    pub(super) entries: &'a mut [f64],
    pub(super) tall: &'a mut [f64],
    pub(super) wide: &'a mut [f64],
}

impl Block<'_> {
    /// Finishes the block's own columns and packs its rows.
    pub(super) fn finish(&mut self, reciprocal: &mut [f64]) -> Result<(), Error> {
        let system = &self.kernels.system;
        for done in (0..self.width).step_by(GROUP) {
            let column = self.first + done;
            if done > 0 {
                self.take_earlier(done);
            }
            let mut corner = Corner::default();
            let own = &mut self.entries[column * self.height..(column + GROUP) * self.height];
            (system.corner)(own, self.height, column, &mut corner)
                .map_err(|BadPivot { at, pivot }| Error::NotPositive { column: column + at, pivot })?;
            reciprocal[column..column + GROUP].copy_from_slice(&corner.reciprocal);
            (system.below)(own, self.height, column + GROUP, &corner);
            self.pack(done);
        }
        Ok(())
    }

    /// The group at `done` takes the products with the block's earlier columns.
    fn take_earlier(&mut self, done: usize) {
        let column = self.first + done;
        let wide = &self.wide[done / GROUP * self.width * GROUP..][..done * GROUP];
        for panel in done / TILE..(self.height - self.first) / TILE {
            let tall = &self.tall[panel * self.width * TILE..][..done * TILE];
            let at = self.first + panel * TILE + column * self.height;
            (self.kernels.system.tile)(tall, wide, &mut self.entries[at..], self.height);
        }
    }

    /// Copies the rows of the group at `done`, from its first column down, into the panels.
    fn pack(&mut self, done: usize) {
        let start = self.first + done;
        for k in done..done + GROUP {
            let column = &self.entries[(self.first + k) * self.height..][..self.height];
            for row in (start..self.height).step_by(GROUP) {
                let values = &column[row..row + GROUP];
                let at = row - self.first;
                let tall = (at / TILE * self.width + k) * TILE + at % TILE;
                self.tall[tall..tall + GROUP].copy_from_slice(values);
                if row < self.columns {
                    let wide = (at / GROUP * self.width + k) * GROUP;
                    self.wide[wide..wide + GROUP].copy_from_slice(values);
                }
            }
        }
    }

    /// The columns after the block take its products; whole columns to a thread.
    pub(super) fn subtract_from_rest(&mut self, threads: usize) {
        let after = self.first + self.width;
        let groups = (self.columns - after) / GROUP;
        if groups == 0 {
            return;
        }
        let rest = &mut self.entries[after * self.height..self.columns * self.height];
        let share = Share {
            kernels: self.kernels,
            first: self.first,
            width: self.width,
            height: self.height,
            tall: self.tall,
            wide: self.wide,
        };
        if threads == 1 {
            share.subtract(rest, self.width / GROUP);
            return;
        }
        std::thread::scope(|scope| {
            let (mut rest, mut next) = (rest, 0);
            for thread in 0..threads {
                // Equal areas of the triangle: what is left shrinks with the square of the columns left.
                let left = 1.0 - (thread + 1) as f64 / threads as f64;
                let end = if thread + 1 == threads {
                    groups
                } else {
                    groups - (groups as f64 * left.sqrt()) as usize
                };
                let (own, others) = rest.split_at_mut((end - next) * GROUP * share.height);
                rest = others;
                let group = share.width / GROUP + next;
                next = end;
                let share = &share;
                scope.spawn(move || share.subtract(own, group));
            }
        });
    }
}

/// What a thread needs to know of the block.
struct Share<'a> {
    kernels: &'static Kernels,
    first: usize,
    width: usize,
    height: usize,
    tall: &'a [f64],
    wide: &'a [f64],
}

impl Share<'_> {
    /// `own` holds whole columns, the first of them in group `group` counted from the block's first column.
    fn subtract(&self, own: &mut [f64], group: usize) {
        let groups = own.len() / (GROUP * self.height);
        let panels = (self.height - self.first) / TILE;
        for from in (0..groups).step_by(GROUPS_AT_ONCE) {
            let to = groups.min(from + GROUPS_AT_ONCE);
            for panel in (group + from) * GROUP / TILE..panels {
                let tall = &self.tall[panel * self.width * TILE..][..self.width * TILE];
                for g in from..to {
                    if (group + g) * GROUP >= (panel + 1) * TILE {
                        break;
                    }
                    let wide = &self.wide[(group + g) * self.width * GROUP..][..self.width * GROUP];
                    let at = self.first + panel * TILE + g * GROUP * self.height;
                    (self.kernels.system.tile)(tall, wide, &mut own[at..], self.height);
                }
            }
        }
    }
}
