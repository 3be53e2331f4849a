//! Memory of the device, with a note per byte whether it was written and a cell per word for races.

use crate::error::{Error, Fault, Space};
use crate::shadow::{Cell, Who};

/// Each allocation has a window of this many address bits of its own; the rest of the window is the guard.
const WINDOW_BITS: u32 = 36;
/// Generic addresses of shared memory start here.
pub(crate) const SHARED_BASE: u64 = 1 << 60;
/// Generic addresses of local memory start here.
pub(crate) const LOCAL_BASE: u64 = 2 << 60;
/// Generic addresses of kernel parameters start here.
pub(crate) const PARAM_BASE: u64 = 3 << 60;

/// A run of bytes.
#[derive(Default)]
pub(crate) struct Region {
    data: Vec<u8>,
    /// Per word: one bit for each byte that was written.
    valid: Vec<u8>,
    /// For accesses of whole words. Empty until a launch looks for races here.
    cells: Vec<Cell>,
    /// Per byte, for accesses of parts of words: neighbours in a word may belong to different threads. Empty until the
    /// first one.
    bytes: Vec<Cell>,
}

impl Region {
    pub(crate) fn new(bytes: usize) -> Self {
        Self { data: vec![0; bytes], valid: vec![0; bytes.div_ceil(4)], cells: Vec::new(), bytes: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.data.len()
    }

    /// Forgets what was written; for a new block.
    pub(crate) fn forget(&mut self) {
        self.valid.fill(0);
    }

    fn check(&self, offset: u64, bytes: u32, space: Space, address: u64) -> Result<usize, Fault> {
        if offset & u64::from(bytes - 1) != 0 {
            return Err(Fault::Misaligned { space, address, bytes });
        }
        match offset.checked_add(u64::from(bytes)) {
            Some(end) if end <= self.data.len() as u64 => Ok(offset as usize),
            _ => Err(Fault::OutOfBounds { space, address, bytes }),
        }
    }

    /// Looks for races of a read or a write of these words, and remembers it.
    #[inline]
    fn shadow(
        &mut self,
        who: &Who<'_>,
        (word, words): (usize, usize),
        mask: u32,
        write: bool,
        (space, address): (Space, u64),
    ) -> Result<(), Fault> {
        if self.cells.is_empty() {
            self.cells = vec![[0; 8]; self.valid.len()];
        }
        if mask == 15 {
            for cell in &mut self.cells[word..word + words] {
                who.takes(cell, write, space, address)?;
            }
            if !self.bytes.is_empty() {
                for cell in &self.bytes[4 * word..4 * (word + words)] {
                    who.meets(cell, write, space, address)?;
                }
            }
            return Ok(());
        }
        if self.bytes.is_empty() {
            self.bytes = vec![[0; 8]; 4 * self.valid.len()];
        }
        who.meets(&self.cells[word], write, space, address)?;
        for byte in (0..4).filter(|byte| mask >> byte & 1 == 1) {
            who.takes(&mut self.bytes[4 * word + byte], write, space, address)?;
        }
        Ok(())
    }

    fn get(&self, at: usize, bytes: u32) -> u64 {
        match bytes {
            8 => u64::from_le_bytes(self.data[at..at + 8].try_into().unwrap_or_default()),
            4 => u64::from(u32::from_le_bytes(self.data[at..at + 4].try_into().unwrap_or_default())),
            2 => u64::from(u16::from_le_bytes(self.data[at..at + 2].try_into().unwrap_or_default())),
            _ => u64::from(self.data[at]),
        }
    }

    /// The little-endian value of `bytes` bytes (1, 2, 4 or 8) at `offset`; `address` is for messages.
    #[inline]
    pub(crate) fn load(
        &mut self,
        who: &Who<'_>,
        offset: u64,
        bytes: u32,
        space: Space,
        address: u64,
    ) -> Result<u64, Fault> {
        let at = self.check(offset, bytes, space, address)?;
        let (word, words) = (at / 4, (bytes as usize).div_ceil(4));
        let mask = byte_mask(at, bytes);
        for w in word..word + words {
            if u32::from(self.valid[w]) & mask != mask && who.uninitialised {
                return Err(Fault::Uninitialised { space, address });
            }
        }
        if who.races {
            self.shadow(who, (word, words), mask, false, (space, address))?;
        }
        Ok(self.get(at, bytes))
    }

    /// Checks and remembers a write without doing it; the bytes count as never written afterwards if `undo`.
    #[inline]
    pub(crate) fn claim(
        &mut self,
        who: &Who<'_>,
        offset: u64,
        bytes: u32,
        space: Space,
        address: u64,
        undo: bool,
    ) -> Result<usize, Fault> {
        let at = self.check(offset, bytes, space, address)?;
        let (word, words) = (at / 4, (bytes as usize).div_ceil(4));
        let mask = byte_mask(at, bytes);
        if who.races {
            self.shadow(who, (word, words), mask, true, (space, address))?;
        }
        for valid in &mut self.valid[word..word + words] {
            *valid = if undo { *valid & !(mask as u8) } else { *valid | mask as u8 };
        }
        Ok(at)
    }

    /// Writes the low `bytes` bytes of `value` at `offset`.
    #[inline]
    pub(crate) fn store(
        &mut self,
        who: &Who<'_>,
        offset: u64,
        bytes: u32,
        value: u64,
        space: Space,
        address: u64,
    ) -> Result<(), Fault> {
        let at = self.claim(who, offset, bytes, space, address, false)?;
        match bytes {
            8 => self.data[at..at + 8].copy_from_slice(&value.to_le_bytes()),
            4 => self.data[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes()),
            2 => self.data[at..at + 2].copy_from_slice(&(value as u16).to_le_bytes()),
            _ => self.data[at] = value as u8,
        }
        Ok(())
    }

    /// The value at `offset` for a read that is followed by a write of the same thread: validity only.
    pub(crate) fn peek(
        &self,
        who: &Who<'_>,
        offset: u64,
        bytes: u32,
        space: Space,
        address: u64,
    ) -> Result<u64, Fault> {
        let at = self.check(offset, bytes, space, address)?;
        let mask = byte_mask(at, bytes);
        for w in at / 4..at / 4 + (bytes as usize).div_ceil(4) {
            if u32::from(self.valid[w]) & mask != mask && who.uninitialised {
                return Err(Fault::Uninitialised { space, address });
            }
        }
        Ok(self.get(at, bytes))
    }

    fn host_write(&mut self, at: usize, bytes: &[u8]) {
        self.data[at..at + bytes.len()].copy_from_slice(bytes);
        for i in at..at + bytes.len() {
            self.valid[i / 4] |= 1 << (i % 4);
        }
    }

    fn host_read(&self, at: usize, out: &mut [u8]) -> bool {
        out.copy_from_slice(&self.data[at..at + out.len()]);
        (at..at + out.len()).all(|i| self.valid[i / 4] >> (i % 4) & 1 == 1)
    }
}

/// One bit per byte of each touched word.
#[inline]
fn byte_mask(at: usize, bytes: u32) -> u32 {
    if bytes >= 4 { 15 } else { ((1 << bytes) - 1) << (at & 3) }
}

/// Memory of the device: allocations that live until they are freed, across launches.
///
/// Addresses are never used twice, and between two allocations lie gigabytes that belong to nobody.
#[derive(Default)]
pub struct Memory {
    slots: Vec<Option<Region>>,
    /// Variables of the modules launched so far: (fingerprint of the module, first slot of each variable).
    pub(crate) loaded: Vec<(u64, Vec<u64>)>,
    pub(crate) now: u32,
    pub(crate) epoch: u32,
}

impl Memory {
    /// Memory without allocations.
    pub fn new() -> Self {
        Self::default()
    }

    /// The address of `bytes` new bytes that count as never written; a multiple of 256.
    ///
    /// # Panics
    /// When `bytes` is 32 GiB or more.
    pub fn alloc(&mut self, bytes: usize) -> u64 {
        assert!((bytes as u64) < 1 << (WINDOW_BITS - 1), "an allocation of {bytes} bytes");
        self.slots.push(Some(Region::new(bytes)));
        (self.slots.len() as u64) << WINDOW_BITS
    }

    /// The address of a new allocation that holds `bytes`.
    pub(crate) fn alloc_with(&mut self, bytes: &[u8]) -> u64 {
        let address = self.alloc(bytes.len());
        if let Some(Some(region)) = self.slots.last_mut() {
            region.host_write(0, bytes);
        }
        address
    }

    /// Gives the allocation that starts at `address` back; any later use of it is an error.
    ///
    /// # Errors
    /// [`Error::Host`] when no allocation starts there.
    pub fn free(&mut self, address: u64) -> Result<(), Error> {
        let slot = ((address >> WINDOW_BITS) as usize).wrapping_sub(1);
        match self.slots.get_mut(slot) {
            Some(region @ Some(_)) if address.trailing_zeros() >= WINDOW_BITS => {
                *region = None;
                Ok(())
            }
            _ => Err(Error::Host { address, bytes: 0, what: "no allocation starts here" }),
        }
    }

    fn host(&mut self, address: u64, bytes: usize) -> Result<(&mut Region, usize), Error> {
        let bad = Error::Host { address, bytes, what: "not within one allocation" };
        let (slot, offset) = split(address);
        match self.slots.get_mut(slot) {
            Some(Some(region)) if offset as usize + bytes <= region.len() => Ok((region, offset as usize)),
            _ => Err(bad),
        }
    }

    /// Copies `bytes` to `address`.
    ///
    /// # Errors
    /// [`Error::Host`] when the bytes do not lie within one allocation.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Error> {
        let (region, at) = self.host(address, bytes.len())?;
        region.host_write(at, bytes);
        Ok(())
    }

    /// Sets `bytes` bytes from `address` to `value`.
    ///
    /// # Errors
    /// [`Error::Host`] when the bytes do not lie within one allocation.
    pub fn fill(&mut self, address: u64, bytes: usize, value: u8) -> Result<(), Error> {
        self.write(address, &vec![value; bytes])
    }

    /// Copies the bytes at `address` to `out`.
    ///
    /// # Errors
    /// [`Error::Host`] when the bytes do not lie within one allocation, or nobody wrote one of them.
    pub fn read(&mut self, address: u64, out: &mut [u8]) -> Result<(), Error> {
        let bytes = out.len();
        let (region, at) = self.host(address, bytes)?;
        if region.host_read(at, out) {
            Ok(())
        } else {
            Err(Error::Host { address, bytes, what: "never written" })
        }
    }

    /// The allocation of a device address and the offset within it.
    #[inline]
    pub(crate) fn find(&mut self, address: u64, bytes: u32) -> Result<(&mut Region, u64), Fault> {
        let (slot, offset) = split(address);
        match self.slots.get_mut(slot) {
            Some(Some(region)) => Ok((region, offset)),
            _ => Err(Fault::OutOfBounds { space: Space::Global, address, bytes }),
        }
    }

    /// Forgets all accesses when the clocks come near their end.
    pub(crate) fn rewind(&mut self) {
        if self.now > 1 << 31 {
            self.now = 0;
            for region in self.slots.iter_mut().flatten() {
                region.cells = Vec::new();
            }
        }
    }
}

fn split(address: u64) -> (usize, u64) {
    (((address >> WINDOW_BITS) as usize).wrapping_sub(1), address & ((1 << WINDOW_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(known: &[u32; 32], lane: u32) -> Who<'_> {
        Who {
            warp: 0,
            lane,
            line: 1,
            now: 1,
            epoch: 1,
            known,
            strong: false,
            races: true,
            uninitialised: true,
        }
    }

    /// Neighbours in a word belong to different lanes; the word as a whole, or the same byte, does not.
    #[test]
    fn bytes_of_one_word() {
        let known = [1; 32];
        let mut region = Region::new(8);
        for lane in 0..4 {
            region.store(&who(&known, lane), u64::from(lane), 1, 7, Space::Global, 0).unwrap();
            region.load(&who(&known, lane), u64::from(lane), 1, Space::Global, 0).unwrap();
        }
        assert!(region.load(&who(&known, 1), 0, 1, Space::Global, 0).is_err());
        assert!(region.load(&who(&known, 1), 0, 4, Space::Global, 0).is_err());
        region.store(&who(&known, 5), 4, 4, 7, Space::Global, 0).unwrap();
        assert!(region.store(&who(&known, 6), 5, 1, 7, Space::Global, 0).is_err());
    }
}
