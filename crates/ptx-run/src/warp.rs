//! A warp: 32 lanes, a stack of frames, and in each frame the groups of lanes that stand at one instruction.
//!
//! The group with the smallest pc runs. One that needs lanes from elsewhere is parked until they come.

use crate::error::Fault;
use crate::instr::{CONST, Function, Inst, Lanes, NEGATED, PredSrc, Src};
use crate::local::Local;

pub(crate) const FULL: u32 = u32::MAX;
const DEPTH_MAX: usize = 1000;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    pub(crate) pc: u32,
    pub(crate) mask: u32,
    /// Lanes that it waits for; 0: it can run.
    pub(crate) needs: u32,
}

/// A function in progress, and its group that runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    pub(crate) function: u32,
    pub(crate) pc: u32,
    pub(crate) mask: u32,
    /// Smallest pc of the other groups.
    wake: u32,
    groups: Vec<Group>,
    pub(crate) base: usize,
    pub(crate) preds: usize,
    pub(crate) local: u64,
    /// Call site in the function below, and the lanes that called.
    site: u32,
    called: u32,
}

/// An asynchronous copy that is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Copy16 {
    pub(crate) lane: u32,
    pub(crate) group: u32,
    pub(crate) line: u32,
    pub(crate) to: u64,
    pub(crate) bytes: u8,
    pub(crate) data: [u8; 16],
}

pub(crate) struct Warp {
    pub(crate) index: u32,
    /// Lanes that have not exited.
    pub(crate) live: u32,
    pub(crate) top: Frame,
    below: Vec<Frame>,
    regs: Vec<Lanes>,
    preds: Vec<u32>,
    pub(crate) local: Local,
    pub(crate) pending: Vec<Copy16>,
    pub(crate) committed: [u32; 32],
    /// The instruction that a fault is about, if it is not the one that ran.
    pub(crate) culprit: Option<u32>,
}

impl Warp {
    pub(crate) fn new(index: u32) -> Self {
        Self {
            index,
            live: 0,
            top: Frame::default(),
            below: Vec::new(),
            regs: Vec::new(),
            preds: Vec::new(),
            local: Local::default(),
            pending: Vec::new(),
            committed: [0; 32],
            culprit: None,
        }
    }

    /// Stands at the start of a kernel with `lanes` lanes.
    pub(crate) fn start(&mut self, functions: &[Function], kernel: u32, lanes: u32) {
        self.live = if lanes >= 32 { FULL } else { (1 << lanes) - 1 };
        self.below.clear();
        self.pending.clear();
        self.committed = [0; 32];
        self.local = Local::default();
        let f = &functions[kernel as usize];
        self.top = Frame { function: kernel, mask: self.live, wake: u32::MAX, ..Frame::default() };
        self.regs.clear();
        self.reserve(f);
        self.preds[..f.preds as usize].fill(0);
        self.local.push(f.local);
    }

    fn reserve(&mut self, f: &Function) {
        let (regs, preds) = (self.top.base + f.regs as usize, self.top.preds + f.preds as usize);
        if self.regs.len() < regs {
            self.regs.resize(regs, [0; 32]);
        }
        if self.preds.len() < preds {
            self.preds.resize(preds, 0);
        }
        self.preds[self.top.preds] = 0;
    }

    #[inline]
    pub(crate) fn get<'b>(&'b self, consts: &'b [Lanes], s: Src) -> &'b Lanes {
        if s & CONST == 0 { &self.regs[self.top.base + s as usize] } else { &consts[(s ^ CONST) as usize] }
    }

    #[inline]
    pub(crate) fn put(&mut self, d: u32, out: &Lanes, mask: u32) {
        let reg = &mut self.regs[self.top.base + d as usize];
        if mask == FULL {
            *reg = *out;
        } else {
            for i in 0..32 {
                if mask >> i & 1 == 1 {
                    reg[i] = out[i];
                }
            }
        }
    }

    #[inline]
    pub(crate) fn pred(&self, p: PredSrc) -> u32 {
        let bits = self.preds[self.top.preds + usize::from(p & !NEGATED)];
        if p & NEGATED == 0 { bits } else { !bits }
    }

    /// Sets a predicate of the lanes of `mask`; register 0 stays false.
    #[inline]
    pub(crate) fn put_pred(&mut self, p: u16, bits: u32, mask: u32) {
        if p != 0 {
            let reg = &mut self.preds[self.top.preds + usize::from(p)];
            *reg = (*reg & !mask) | (bits & mask);
        }
    }

    /// Whether the running group has to make way: another one stands behind it or at the same place.
    #[inline]
    pub(crate) fn unsettled(&self) -> bool {
        self.top.pc >= self.top.wake || self.top.mask == 0
    }

    /// Sends the lanes of `mask`, of the running group, to `pc`; the others go on.
    pub(crate) fn jump(&mut self, pc: u32, mask: u32) {
        let top = &mut self.top;
        let rest = top.mask & !mask;
        if rest == 0 {
            top.pc = pc;
        } else {
            top.groups.push(Group { pc, mask, needs: 0 });
            top.wake = top.wake.min(pc);
            top.mask = rest;
            top.pc += 1;
        }
    }

    /// Lets the lanes of `mask`, of the running group, wait at this instruction for `needs`.
    pub(crate) fn park(&mut self, mask: u32, needs: u32) {
        let top = &mut self.top;
        top.groups.push(Group { pc: top.pc, mask, needs });
        top.mask &= !mask;
        top.wake = top.wake.min(top.pc);
        top.pc += 1;
    }

    /// Joins groups at one place and picks the one that runs. Returns false when no lane is left in the warp.
    pub(crate) fn settle(&mut self, functions: &[Function]) -> Result<bool, Fault> {
        loop {
            let top = &mut self.top;
            if top.mask == 0 && top.groups.is_empty() {
                if !self.pop(functions) {
                    return Ok(false);
                }
                continue;
            }
            if top.mask != 0 {
                top.absorb();
            }
            let mut best: Option<usize> = None;
            for (i, g) in top.groups.iter().enumerate() {
                if g.needs == 0 && best.is_none_or(|b| g.pc < top.groups[b].pc) {
                    best = Some(i);
                }
            }
            match best {
                Some(i) if top.mask == 0 || top.groups[i].pc < top.pc => {
                    let next = top.groups.swap_remove(i);
                    if top.mask != 0 {
                        top.groups.push(Group { pc: top.pc, mask: top.mask, needs: 0 });
                    }
                    (top.pc, top.mask) = (next.pc, next.mask);
                    top.absorb();
                }
                None if top.mask == 0 => {
                    let g = top.groups[0];
                    self.culprit = Some(functions[top.function as usize].code[g.pc as usize].line);
                    return Err(Fault::Diverged { present: g.mask, needed: g.needs });
                }
                _ => {}
            }
            let top = &mut self.top;
            top.wake = top.groups.iter().map(|g| g.pc).min().unwrap_or(u32::MAX);
            return Ok(true);
        }
    }

    /// The lanes of `mask`, of the running group, call a function.
    pub(crate) fn call(&mut self, functions: &[Function], site: u32, mask: u32) -> Result<(), Fault> {
        if self.below.len() >= DEPTH_MAX {
            return Err(Fault::Undefined("calls nested too deeply"));
        }
        let caller = &functions[self.top.function as usize];
        let call = &caller.sites[site as usize];
        let f = &functions[call.callee as usize];
        self.top.pc += 1;
        let from = self.top.base;
        let frame = Frame {
            function: call.callee,
            pc: 0,
            mask,
            wake: u32::MAX,
            groups: Vec::new(),
            base: from + caller.regs as usize,
            preds: self.top.preds + caller.preds as usize,
            local: self.local.top(),
            site,
            called: mask,
        };
        self.below.push(std::mem::replace(&mut self.top, frame));
        self.reserve(f);
        self.local.push(f.local);
        for &(actual, formal, n) in &call.ins {
            for i in 0..n {
                self.regs[self.top.base + (formal + i) as usize] = self.regs[from + (actual + i) as usize];
            }
        }
        Ok(())
    }

    fn pop(&mut self, functions: &[Function]) -> bool {
        let Some(frame) = self.below.pop() else { return false };
        let done = std::mem::replace(&mut self.top, frame);
        self.local.pop(functions[done.function as usize].local);
        let call = &functions[self.top.function as usize].sites[done.site as usize];
        for &(actual, formal, n) in &call.outs {
            for i in 0..n {
                let value = self.regs[done.base + (formal + i) as usize];
                self.put(actual + i, &value, done.called & self.live);
            }
        }
        true
    }

    /// The lanes of `mask`, of the running group, leave the function.
    pub(crate) fn leave(&mut self, mask: u32) {
        self.top.mask &= !mask;
        self.top.pc += 1;
    }

    /// The lanes of `mask`, of the running group, are done with the kernel.
    pub(crate) fn exit(&mut self, functions: &[Function], mask: u32) -> Result<(), Fault> {
        self.live &= !mask;
        let live = self.live;
        self.top.pc += 1;
        let frames = std::iter::once(&mut self.top).chain(&mut self.below);
        for frame in frames {
            frame.mask &= live;
            for g in &mut frame.groups {
                if g.needs & mask != 0 {
                    self.culprit = Some(functions[frame.function as usize].code[g.pc as usize].line);
                    return Err(Fault::Diverged { present: g.mask, needed: g.needs });
                }
                g.mask &= live;
            }
            frame.groups.retain(|g| g.mask != 0);
        }
        Ok(())
    }

    pub(crate) fn code<'f>(&self, functions: &'f [Function]) -> &'f [Inst] {
        &functions[self.top.function as usize].code
    }
}

impl Frame {
    /// Takes in the groups that stand where the running one stands.
    fn absorb(&mut self) {
        let (pc, mut mask) = (self.pc, self.mask);
        self.groups.retain(|g| {
            if g.pc == pc {
                mask |= g.mask;
            }
            g.pc != pc
        });
        self.mask = mask;
    }
}
