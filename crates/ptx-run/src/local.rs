//! Local memory of the 32 threads of a warp: one stack each, words of the threads side by side.

use crate::error::{Fault, Space};

#[derive(Default)]
pub(crate) struct Local {
    words: Vec<[u32; 32]>,
    /// Per word: one bit for each lane that wrote it.
    valid: Vec<u32>,
    top: u64,
}

impl Local {
    pub(crate) fn top(&self) -> u64 {
        self.top
    }

    /// Takes `bytes` (a multiple of 4) for a function that starts.
    pub(crate) fn push(&mut self, bytes: u64) {
        let from = (self.top / 4) as usize;
        self.top += bytes;
        let to = (self.top / 4) as usize;
        if to > self.words.len() {
            self.words.resize(to, [0; 32]);
            self.valid.resize(to, 0);
        }
        self.valid[from..to].fill(0);
    }

    pub(crate) fn pop(&mut self, bytes: u64) {
        self.top -= bytes;
    }

    fn check(&self, address: u64, bytes: u32) -> Result<usize, Fault> {
        let space = Space::Local;
        if address & u64::from(bytes - 1) != 0 {
            return Err(Fault::Misaligned { space, address, bytes });
        }
        match address.checked_add(u64::from(bytes)) {
            Some(end) if end <= self.top => Ok((address / 4) as usize),
            _ => Err(Fault::OutOfBounds { space, address, bytes }),
        }
    }

    pub(crate) fn load(&self, lane: usize, address: u64, bytes: u32, strict: bool) -> Result<u64, Fault> {
        let at = self.check(address, bytes)?;
        let last = if bytes == 8 { at + 1 } else { at };
        if strict && (self.valid[at] & self.valid[last]) >> lane & 1 == 0 {
            return Err(Fault::Uninitialised { space: Space::Local, address });
        }
        let low = u64::from(self.words[at][lane]);
        Ok(match bytes {
            8 => low | u64::from(self.words[last][lane]) << 32,
            4 => low,
            _ => (low >> (8 * (address & 3))) & ((1 << (8 * bytes)) - 1),
        })
    }

    pub(crate) fn store(&mut self, lane: usize, address: u64, bytes: u32, value: u64) -> Result<(), Fault> {
        let at = self.check(address, bytes)?;
        if bytes < 4 {
            let shift = 8 * (address & 3) as u32;
            let mask = ((1_u32 << (8 * bytes)) - 1) << shift;
            let word = &mut self.words[at][lane];
            *word = (*word & !mask) | ((value as u32) << shift & mask);
        } else {
            self.words[at][lane] = value as u32;
        }
        self.valid[at] |= 1 << lane;
        if bytes == 8 {
            self.words[at + 1][lane] = (value >> 32) as u32;
            self.valid[at + 1] |= 1 << lane;
        }
        Ok(())
    }
}
