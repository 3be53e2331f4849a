//! Loads, stores, atomics and asynchronous copies of a warp.

use crate::alu;
use crate::error::{Fault, Space};
use crate::exec::lanes;
use crate::instr::{Access, Atom, AtomOp, CpAsync, Lanes, Ty, Where, mask_of};
use crate::launch::{Machine, Options};
use crate::memory::{LOCAL_BASE, PARAM_BASE, SHARED_BASE};
use crate::shadow::{Clock, Who};
use crate::warp::{Copy16, Warp};

const WINDOW: u64 = 1 << 60;

/// The space of an access and the address within it.
fn place(space: Where, address: u64) -> (Where, u64) {
    match (space, address & !(WINDOW - 1)) {
        (Where::Generic, SHARED_BASE) => (Where::Shared, address - SHARED_BASE),
        (Where::Generic, LOCAL_BASE) => (Where::Local, address - LOCAL_BASE),
        (Where::Generic, PARAM_BASE) => (Where::Param, address - PARAM_BASE),
        (Where::Generic, _) => (Where::Global, address),
        _ => (space, address),
    }
}

fn space_of(space: Where) -> Space {
    match space {
        Where::Shared => Space::Shared,
        Where::Local => Space::Local,
        Where::Param => Space::Param,
        _ => Space::Global,
    }
}

/// Lane 0 of a warp, as the shadow cells see it.
fn who<'c>(clock: &'c Clock, options: &Options, warp: u32, line: u32, strong: bool) -> Who<'c> {
    let (known, epoch) = clock.of(warp as usize);
    let (races, uninitialised) = (options.races, options.uninitialised);
    Who { warp, lane: 0, line, now: clock.now(), epoch, known, strong, races, uninitialised }
}

impl Machine<'_> {
    pub(crate) fn load(&mut self, w: &mut Warp, a: &Access, line: u32, active: u32) -> Result<(), Fault> {
        let base = *w.get(&self.consts, a.at.base);
        let bytes = u32::from(a.size);
        aligned(a, &base, active)?;
        for part in 0..a.count {
            let mut out = [0; 32];
            let shift = u64::from(part) * u64::from(bytes);
            let mut who = who(&self.clock, self.options, w.index, line, a.strong);
            for i in lanes(active) {
                who.lane = i as u32;
                let address = a.at.of(base[i]).wrapping_add(shift);
                out[i] = match place(a.at.space, address) {
                    (Where::Shared, at) => self.shared.load(&who, at, bytes, Space::Shared, at)?,
                    (Where::Local, at) => w.local.load(i, at, bytes, self.options.uninitialised)?,
                    (Where::Param, at) => param(&self.params, at, bytes)?,
                    (_, at) => {
                        let (region, offset) = self.memory.find(at, bytes)?;
                        region.load(&who, offset, bytes, Space::Global, at)?
                    }
                };
            }
            if a.signed {
                out = out.map(|x| alu::extend(x, a.size, true) & mask_of(a.wide));
            }
            w.put(a.regs[usize::from(part)], &out, active);
        }
        Ok(())
    }

    pub(crate) fn store(&mut self, w: &mut Warp, a: &Access, line: u32, active: u32) -> Result<(), Fault> {
        let base = *w.get(&self.consts, a.at.base);
        let bytes = u32::from(a.size);
        aligned(a, &base, active)?;
        let active = if self.options.races { self.distinct(w, a, &base, line, active)? } else { active };
        for part in 0..a.count {
            let values = *w.get(&self.consts, a.regs[usize::from(part)]);
            let shift = u64::from(part) * u64::from(bytes);
            let mut who = who(&self.clock, self.options, w.index, line, a.strong);
            for i in lanes(active) {
                who.lane = i as u32;
                let address = a.at.of(base[i]).wrapping_add(shift);
                match place(a.at.space, address) {
                    (Where::Shared, at) => {
                        self.shared.store(&who, at, bytes, values[i], Space::Shared, at)?;
                    }
                    (Where::Local, at) => w.local.store(i, at, bytes, values[i])?,
                    (Where::Param, at) => {
                        return Err(Fault::OutOfBounds { space: Space::Param, address: at, bytes });
                    }
                    (_, at) => {
                        let (region, offset) = self.memory.find(at, bytes)?;
                        region.store(&who, offset, bytes, values[i], Space::Global, at)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Lanes of one store without those that repeat what an earlier lane stores; different values are a race.
    fn distinct(&self, w: &Warp, a: &Access, base: &Lanes, line: u32, active: u32) -> Result<u32, Fault> {
        let mut last = None;
        let mut rising = true;
        for i in lanes(active) {
            let address = a.at.of(base[i]);
            rising &= last.is_none_or(|l| l < address);
            last = Some(address);
        }
        if rising || a.at.space == Where::Local {
            return Ok(active);
        }
        let mut order = [(0_u64, 0_usize); 32];
        let mut n = 0;
        for i in lanes(active) {
            order[n] = (a.at.of(base[i]), i);
            n += 1;
        }
        order[..n].sort_unstable();
        let mut keep = active;
        let mut first = order[0];
        for &(address, lane) in &order[1..n] {
            let (space, at) = place(a.at.space, address);
            if address != first.0 || space == Where::Local {
                first = (address, lane);
                continue;
            }
            for part in 0..usize::from(a.count) {
                let v = w.get(&self.consts, a.regs[part]);
                if (v[lane] ^ v[first.1]) & mask_of(a.size) != 0 {
                    let (first_lane, second_lane) = (first.1 as u32, lane as u32);
                    return Err(Fault::LaneRace {
                        space: space_of(space),
                        address: at,
                        first_line: line,
                        warp: w.index,
                        first_lane,
                        second_lane,
                    });
                }
            }
            keep &= !(1 << lane);
        }
        Ok(keep)
    }

    pub(crate) fn atom(&mut self, w: &mut Warp, a: &Atom, line: u32, active: u32) -> Result<(), Fault> {
        let base = *w.get(&self.consts, a.at.base);
        let (b, c) = (*w.get(&self.consts, a.b), *w.get(&self.consts, a.c));
        let bytes = a.ty.bytes() as u32;
        let mut who = who(&self.clock, self.options, w.index, line, true);
        let mut out = [0; 32];
        for i in lanes(active) {
            who.lane = i as u32;
            let (space, at) = place(a.at.space, a.at.of(base[i]));
            let (region, offset) = match space {
                Where::Shared => (&mut self.shared, at),
                Where::Global => self.memory.find(at, bytes)?,
                _ => return Err(Fault::OutOfBounds { space: space_of(space), address: at, bytes }),
            };
            let space = space_of(space);
            let old = if a.op == AtomOp::Exch && !who.uninitialised {
                0
            } else {
                region.peek(&who, offset, bytes, space, at)?
            };
            let new = combine(a.op, a.ty, old, b[i], c[i]);
            region.store(&who, offset, bytes, new, space, at)?;
            out[i] = old;
        }
        if let Some(d) = a.d {
            w.put(d, &out, active);
        }
        Ok(())
    }

    /// Starts copies: reads the source now, makes the destination unreadable until they are waited for.
    pub(crate) fn copy(&mut self, w: &mut Warp, c: &CpAsync, line: u32, active: u32) -> Result<(), Fault> {
        let (to, from) = (*w.get(&self.consts, c.to.base), *w.get(&self.consts, c.from.base));
        let given = *w.get(&self.consts, c.given);
        let mut who = who(&self.clock, self.options, w.index, line, false);
        let bytes = u32::from(c.bytes);
        for i in lanes(active) {
            who.lane = i as u32;
            let (to, from) = (c.to.of(to[i]), c.from.of(from[i]));
            for (space, address) in [(Space::Shared, to), (Space::Global, from)] {
                if address & u64::from(bytes - 1) != 0 {
                    return Err(Fault::Misaligned { space, address, bytes });
                }
            }
            if given[i] > u64::from(bytes) {
                return Err(Fault::Undefined("a copy of more bytes than its size"));
            }
            let mut data = [0; 16];
            let mut at = 0;
            while at < given[i] {
                let step = if given[i] - at >= 4 { 4 } else { 1 };
                let (region, offset) = self.memory.find(from + at, step)?;
                let value = region.load(&who, offset, step, Space::Global, from + at)?;
                let at_byte = at as usize;
                data[at_byte..at_byte + step as usize].copy_from_slice(&value.to_le_bytes()[..step as usize]);
                at += u64::from(step);
            }
            for word in (0..u64::from(bytes)).step_by(4) {
                self.shared.claim(&who, to + word, 4, Space::Shared, to + word, true)?;
            }
            w.pending.push(Copy16 { lane: i as u32, group: w.committed[i], line, to, bytes: c.bytes, data });
        }
        Ok(())
    }

    /// Finishes the copies of the active lanes but for the newest `groups` groups.
    pub(crate) fn finish(&mut self, w: &mut Warp, groups: u32, active: u32) -> Result<(), Fault> {
        let pending = std::mem::take(&mut w.pending);
        for copy in &pending {
            let i = copy.lane as usize;
            let due =
                groups == u32::MAX || u64::from(copy.group) + u64::from(groups) < u64::from(w.committed[i]);
            if active >> i & 1 == 0 || !due {
                w.pending.push(*copy);
                continue;
            }
            let mut who = who(&self.clock, self.options, w.index, copy.line, false);
            who.lane = copy.lane;
            for at in (0..usize::from(copy.bytes)).step_by(4) {
                let word = u32::from_le_bytes(copy.data[at..at + 4].try_into().unwrap_or_default());
                let to = copy.to + at as u64;
                self.shared.store(&who, to, 4, u64::from(word), Space::Shared, to)?;
            }
        }
        Ok(())
    }
}

fn aligned(a: &Access, base: &Lanes, active: u32) -> Result<(), Fault> {
    if a.count == 1 {
        return Ok(());
    }
    let bytes = u32::from(a.size) * u32::from(a.count);
    for i in lanes(active) {
        let (space, address) = place(a.at.space, a.at.of(base[i]));
        if address & u64::from(bytes - 1) != 0 {
            return Err(Fault::Misaligned { space: space_of(space), address, bytes });
        }
    }
    Ok(())
}

fn param(params: &[u8], at: u64, bytes: u32) -> Result<u64, Fault> {
    let (space, address) = (Space::Param, at);
    if at & u64::from(bytes - 1) != 0 {
        return Err(Fault::Misaligned { space, address, bytes });
    }
    let end = at.saturating_add(u64::from(bytes));
    let Some(slice) = params.get(at as usize..end as usize) else {
        return Err(Fault::OutOfBounds { space, address, bytes });
    };
    Ok(slice.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b)))
}

/// What an atomic stores.
pub(crate) fn combine(op: AtomOp, ty: Ty, old: u64, b: u64, c: u64) -> u64 {
    let bytes = ty.bytes() as u8;
    let view = |x: u64| alu::extend(x, bytes, ty.signed()) as i64;
    let less = if ty.signed() { view(b) < view(old) } else { b & ty.mask() < old & ty.mask() };
    let new = match op {
        AtomOp::Add => old.wrapping_add(b),
        AtomOp::Exch => b,
        AtomOp::Cas => {
            if (old ^ b) & ty.mask() == 0 {
                c
            } else {
                old
            }
        }
        AtomOp::Min if less => b,
        AtomOp::Max if !less => b,
        AtomOp::Min | AtomOp::Max => old,
        AtomOp::And => old & b,
        AtomOp::Or => old | b,
        AtomOp::Xor => old ^ b,
        AtomOp::Inc if old >= b => 0,
        AtomOp::Inc => old + 1,
        AtomOp::Dec if old == 0 || old > b => b,
        AtomOp::Dec => old - 1,
    };
    new & ty.mask()
}
