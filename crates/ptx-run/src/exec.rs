//! Runs a warp from one barrier to the next.

use crate::alu;
use crate::cvt;
use crate::error::Fault;
use crate::instr::{
    AtomOp, Bar, BinOp, Inst, Lanes, Logic, Mma, Op, SetP, Shfl, ShflMode, Special, Src, Ty, VoteMode, Where,
    mask_of,
};
use crate::launch::Machine;
use crate::memory::{LOCAL_BASE, PARAM_BASE, SHARED_BASE};
use crate::mma;
use crate::warp::Warp;

/// Why a warp stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stop {
    Done,
    Bar(Arrival),
}

/// A warp at a barrier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    pub(crate) id: u64,
    pub(crate) threads: Option<u64>,
    pub(crate) waits: bool,
    pub(crate) line: u32,
    /// For a barrier that counts: how, the lanes of this warp that say yes, and where the answer goes.
    pub(crate) red: Option<(VoteMode, u32, u32, u16)>,
    pub(crate) lanes: u32,
}

enum Flow {
    Next,
    Moved,
    Stop(Stop),
}

impl Machine<'_> {
    /// Runs until the warp has to wait or is done; the line belongs to the fault.
    pub(crate) fn run(&mut self, w: &mut Warp) -> Result<Stop, (Fault, u32)> {
        let functions = &self.module.functions;
        let mut code = w.code(functions);
        if !w.settle(functions).map_err(|f| (f, w.culprit.unwrap_or(0)))? {
            return Ok(Stop::Done);
        }
        loop {
            let inst = &code[w.top.pc as usize];
            let active = w.top.mask & w.pred(inst.guard);
            self.stats.warp_instructions += 1;
            if self.stats.warp_instructions > self.options.limit {
                return Err((Fault::Endless(self.options.limit), inst.line));
            }
            if active == 0 {
                w.top.pc += 1;
            } else {
                let lanes = u64::from(active.count_ones());
                self.stats.lane_instructions += lanes;
                self.stats.by_class[inst.class as usize] += lanes;
                let flow = self.step(w, inst, active);
                match flow.map_err(|f| (f, w.culprit.unwrap_or(inst.line)))? {
                    Flow::Next => w.top.pc += 1,
                    Flow::Moved => code = w.code(functions),
                    Flow::Stop(stop) => return Ok(stop),
                }
            }
            if w.unsettled() {
                if !w.settle(functions).map_err(|f| (f, w.culprit.unwrap_or(inst.line)))? {
                    return Ok(Stop::Done);
                }
                code = w.code(functions);
            }
        }
    }

    #[expect(clippy::too_many_lines, reason = "one arm per instruction")]
    #[inline]
    fn step(&mut self, w: &mut Warp, inst: &Inst, active: u32) -> Result<Flow, Fault> {
        let consts = &self.consts;
        match &inst.op {
            Op::Nop => {}
            Op::Bin { op, ty, d, a, b } => {
                if matches!(op, BinOp::Div | BinOp::Rem) && !ty.float() {
                    let b = w.get(consts, *b);
                    if lanes(active).any(|i| b[i] & ty.mask() == 0) {
                        return Err(Fault::Undefined("division by zero"));
                    }
                }
                let out = alu::binary(*op, *ty, w.get(consts, *a), w.get(consts, *b));
                w.put(*d, &out.unwrap_or([0; 32]), active);
            }
            Op::Un { op, ty, d, a } => {
                let out = alu::unary(*op, *ty, w.get(consts, *a));
                w.put(*d, &out.unwrap_or([0; 32]), active);
            }
            Op::Tern { op, ty, d, a, b, c } => {
                let out = alu::ternary(*op, *ty, w.get(consts, *a), w.get(consts, *b), w.get(consts, *c));
                w.put(*d, &out.unwrap_or([0; 32]), active);
            }
            Op::Bfi { ty, d, a, b, c, e } => {
                let [a, b, c, e] = [*a, *b, *c, *e].map(|s| w.get(consts, s));
                let out = std::array::from_fn(|i| alu::bfi(*ty, a[i], b[i], c[i], e[i]));
                w.put(*d, &out, active);
            }
            Op::Cvt { to, from, round, integral, wide, d, a } => {
                let out = cvt::convert(*to, *from, *round, *integral, *wide, w.get(consts, *a));
                w.put(*d, &out, active);
            }
            Op::Mov { d, a } => {
                let out = *w.get(consts, *a);
                w.put(*d, &out, active);
            }
            Op::Special { what, d } => {
                let out = self.special(w, *what);
                w.put(*d, &out, active);
            }
            Op::LocalAddress { d, offset } => {
                let out = [w.top.local.wrapping_add(*offset); 32];
                w.put(*d, &out, active);
            }
            Op::Pack { d, parts, count, size } => {
                let mut out = [0; 32];
                for (i, part) in parts[..usize::from(*count)].iter().enumerate() {
                    let part = w.get(consts, *part);
                    for lane in 0..32 {
                        out[lane] |= (part[lane] & mask_of(*size)) << (8 * usize::from(*size) * i);
                    }
                }
                w.put(*d, &out, active);
            }
            Op::Unpack { d, a, count, size } => {
                let all = *w.get(consts, *a);
                for (i, &d) in d[..usize::from(*count)].iter().enumerate() {
                    let out = all.map(|x| x >> (8 * usize::from(*size) * i) & mask_of(*size));
                    w.put(d, &out, active);
                }
            }
            Op::SetP(set) => setp(w, consts, set, active),
            Op::Testp { what, ty, p, a } => {
                let bits = alu::testp(*what, *ty, w.get(consts, *a));
                w.put_pred(*p, bits, active);
            }
            Op::SelP { d, a, b, p } => {
                let (yes, a, b) = (w.pred(*p), w.get(consts, *a), w.get(consts, *b));
                let out = std::array::from_fn(|i| if yes >> i & 1 == 1 { a[i] } else { b[i] });
                w.put(*d, &out, active);
            }
            Op::PredLogic { op, d, a, b } => {
                let bits = logic(*op, w.pred(*a), w.pred(*b));
                w.put_pred(*d, bits, active);
            }
            Op::IsSpace { what, p, a } => {
                let window = match what {
                    Where::Shared => SHARED_BASE,
                    Where::Local => LOCAL_BASE,
                    Where::Param => PARAM_BASE,
                    _ => 0,
                };
                let a = w.get(consts, *a);
                let bits = (0..32).fold(0, |m, i| m | u32::from(a[i] >> 60 << 60 == window) << i);
                w.put_pred(*p, bits, active);
            }
            Op::Load(access) => self.load(w, access, inst.line, active)?,
            Op::Store(access) => self.store(w, access, inst.line, active)?,
            Op::SlotLoad { d, slot, shift, size, signed, wide } => {
                let all = *w.get(consts, *slot);
                let out = all.map(|x| alu::extend(x >> shift, *size, *signed) & mask_of(*wide));
                w.put(*d, &out, active);
            }
            Op::SlotStore { slot, a, shift, size } => {
                let mask = mask_of(*size) << shift;
                let (old, new) = (*w.get(consts, *slot), w.get(consts, *a));
                let out = std::array::from_fn(|i| (old[i] & !mask) | (new[i] << shift & mask));
                w.put(*slot, &out, active);
            }
            Op::Atom(atom) => self.atom(w, atom, inst.line, active)?,
            Op::CpAsync(copy) => self.copy(w, copy, inst.line, active)?,
            Op::CpCommit => lanes(active).for_each(|i| w.committed[i] += 1),
            Op::CpWait { groups } => self.finish(w, *groups, active)?,
            Op::Bra { to } => {
                w.jump(*to, active);
                return Ok(Flow::Moved);
            }
            Op::BrxIdx { index, table } => {
                let index = *w.get(consts, *index);
                return self.branch_table(w, &index, *table, active);
            }
            Op::Call { site } => {
                w.call(&self.module.functions, *site, active)?;
                return Ok(Flow::Moved);
            }
            Op::Ret => {
                if self.module.functions[w.top.function as usize].entry {
                    w.exit(&self.module.functions, active)?;
                } else {
                    w.leave(active);
                }
                return Ok(Flow::Moved);
            }
            Op::Exit => {
                w.exit(&self.module.functions, active)?;
                return Ok(Flow::Moved);
            }
            Op::Trap => return Err(Fault::Trap),
            Op::Bar(bar) => return self.bar(w, bar, None, inst.line, active),
            Op::BarRed { bar, how, source, d, p } => {
                let red = Some((*how, w.pred(*source) & active, *d, *p));
                return self.bar(w, bar, red, inst.line, active);
            }
            Op::WarpSync { mask } => {
                if !self.meet(w, *mask, active)? {
                    return Ok(Flow::Moved);
                }
            }
            Op::Shfl(shfl) => {
                if !self.meet(w, shfl.mask, active)? {
                    return Ok(Flow::Moved);
                }
                self.shfl(w, shfl, active)?;
            }
            Op::Vote { mode, d, p, source, mask } => {
                if !self.meet(w, *mask, active)? {
                    return Ok(Flow::Moved);
                }
                self.vote(w, *mode, (*d, *p), (w.pred(*source), *mask), active);
            }
            Op::Match { all, size, d, p, a, mask } => {
                if !self.meet(w, *mask, active)? {
                    return Ok(Flow::Moved);
                }
                self.matching(w, *all, *size, (*d, *p), (*a, *mask), active);
            }
            Op::Redux { op, signed, d, a, mask } => {
                if !self.meet(w, *mask, active)? {
                    return Ok(Flow::Moved);
                }
                self.redux(w, *op, *signed, *d, (*a, *mask), active);
            }
            Op::ActiveMask { d } => w.put(*d, &[u64::from(active); 32], active),
            Op::Mma(tile) => {
                if active != u32::MAX {
                    if w.live != u32::MAX {
                        return Err(Fault::Diverged { present: w.live, needed: u32::MAX });
                    }
                    w.park(active, u32::MAX);
                    return Ok(Flow::Moved);
                }
                self.clock.warp_sync(w.index as usize);
                self.tile(w, tile);
            }
        }
        Ok(Flow::Next)
    }

    fn special(&self, w: &Warp, what: Special) -> Lanes {
        let lane = |f: fn(u32) -> u32| std::array::from_fn(|i| u64::from(f(i as u32)));
        let all = |v: u32| [u64::from(v); 32];
        match what {
            Special::Tid => std::array::from_fn(|i| u64::from(w.index) * 32 + i as u64),
            Special::Ntid => all(self.threads),
            Special::Ctaid => all(self.block),
            Special::Nctaid => all(self.blocks),
            Special::Lane => lane(|i| i),
            Special::Warp => all(w.index),
            Special::Warps => all(self.threads.div_ceil(32)),
            Special::MaskEq => lane(|i| 1 << i),
            Special::MaskLt => lane(|i| (1 << i) - 1),
            Special::MaskLe => lane(|i| ((1 << i) - 1) | (1 << i)),
            Special::MaskGe => lane(|i| !((1 << i) - 1)),
            Special::MaskGt => lane(|i| !(((1 << i) - 1) | (1 << i))),
            Special::DynamicShared => all(self.dynamic),
            Special::TotalShared => all(self.shared.len() as u32),
            Special::One => all(1),
            Special::Zero => all(0),
        }
    }

    fn branch_table(&self, w: &mut Warp, index: &Lanes, table: u32, active: u32) -> Result<Flow, Fault> {
        let targets = &self.module.functions[w.top.function as usize].tables[table as usize];
        let mut rest = active;
        while rest != 0 {
            let pick = index[rest.trailing_zeros() as usize];
            let same = lanes(rest).filter(|&i| index[i] == pick).fold(0, |m, i| m | 1 << i);
            let Some(&to) = targets.get(pick as usize) else {
                return Err(Fault::Undefined("a branch past the end of its table"));
            };
            let here = w.top.pc;
            w.jump(to, same);
            rest &= !same;
            if rest != 0 {
                w.top.pc = here;
            }
        }
        Ok(Flow::Moved)
    }

    /// Whether all lanes are here that the mask names; parks the ones that are here if not.
    fn meet(&mut self, w: &mut Warp, mask: Src, active: u32) -> Result<bool, Fault> {
        let masks = w.get(&self.consts, mask);
        let mask = masks[active.trailing_zeros() as usize] as u32;
        for i in lanes(active) {
            let own = masks[i] as u32;
            if own >> i & 1 == 0 {
                return Err(Fault::Undefined("a lane that its own mask does not name"));
            }
            if own & w.live & !active != 0 {
                let needs = own & w.live;
                w.park(active, needs);
                return Ok(false);
            }
            if own != mask && own & mask != 0 {
                return Err(Fault::Undefined("masks of one instruction that overlap"));
            }
        }
        self.clock.warp_sync(w.index as usize);
        Ok(true)
    }

    fn bar(
        &mut self,
        w: &mut Warp,
        bar: &Bar,
        red: Option<(VoteMode, u32, u32, u16)>,
        line: u32,
        active: u32,
    ) -> Result<Flow, Fault> {
        if active != w.live {
            w.park(active, w.live);
            return Ok(Flow::Moved);
        }
        let uniform = |s: Src| {
            let v = w.get(&self.consts, s);
            let first = v[active.trailing_zeros() as usize];
            if lanes(active).all(|i| v[i] == first) {
                Ok(first)
            } else {
                Err(Fault::Barrier("lanes of a warp name different ones"))
            }
        };
        let id = uniform(bar.id)?;
        let threads = bar.threads.map(uniform).transpose()?;
        w.top.pc += 1;
        Ok(Flow::Stop(Stop::Bar(Arrival { id, threads, waits: !bar.arrive, line, red, lanes: active })))
    }

    fn shfl(&mut self, w: &mut Warp, s: &Shfl, active: u32) -> Result<(), Fault> {
        let consts = &self.consts;
        let [a, b, c] = [s.a, s.b, s.c].map(|r| w.get(consts, r));
        let mut out = [0; 32];
        let mut found = 0;
        for i in lanes(active) {
            let (lane, by) = (i as u32, b[i] as u32 & 31);
            let (clamp, segment) = (c[i] as u32 & 31, c[i] as u32 >> 8 & 31);
            let max = (lane & segment) | (clamp & !segment);
            let min = lane & segment;
            let (from, inside) = match s.mode {
                ShflMode::Up => (lane.wrapping_sub(by), lane.cast_signed() - by.cast_signed() >= max as i32),
                ShflMode::Down => (lane + by, lane + by <= max),
                ShflMode::Bfly => (lane ^ by, lane ^ by <= max),
                ShflMode::Idx => {
                    let from = min | (by & !segment);
                    (from, from <= max)
                }
            };
            let from = if inside { from } else { lane };
            found |= u32::from(inside) << i;
            if active >> from & 1 == 0 {
                return Err(Fault::Undefined("a shuffle from a lane that takes no part"));
            }
            out[i] = a[from as usize];
        }
        w.put(s.d, &out, active);
        w.put_pred(s.p, found, active);
        Ok(())
    }

    fn vote(&self, w: &mut Warp, mode: VoteMode, (d, p): (u32, u16), (yes, mask): (u32, Src), active: u32) {
        let masks = w.get(&self.consts, mask);
        let groups: Lanes = std::array::from_fn(|i| u64::from(masks[i] as u32 & active));
        let mut bits = 0;
        let mut out = [0; 32];
        for i in lanes(active) {
            let group = groups[i] as u32;
            let ballot = yes & group;
            out[i] = u64::from(ballot);
            let says = match mode {
                VoteMode::Ballot | VoteMode::Any => ballot != 0,
                VoteMode::All => ballot == group,
                VoteMode::Uni => ballot == 0 || ballot == group,
            };
            bits |= u32::from(says) << i;
        }
        if mode == VoteMode::Ballot {
            w.put(d, &out, active);
        } else {
            w.put_pred(p, bits, active);
        }
    }

    fn matching(
        &self,
        w: &mut Warp,
        all: bool,
        size: u8,
        (d, p): (u32, u16),
        (a, mask): (Src, Src),
        active: u32,
    ) {
        let (a, masks) = (w.get(&self.consts, a), w.get(&self.consts, mask));
        let mut out = [0; 32];
        let mut bits = 0;
        for i in lanes(active) {
            let group = masks[i] as u32 & active;
            let same =
                lanes(group).filter(|&j| (a[j] ^ a[i]) & mask_of(size) == 0).fold(0_u32, |m, j| m | 1 << j);
            bits |= u32::from(same == group) << i;
            out[i] = u64::from(if all && same != group { 0 } else { same });
        }
        w.put(d, &out, active);
        w.put_pred(p, bits, active);
    }

    fn redux(&self, w: &mut Warp, op: AtomOp, signed: bool, d: u32, (a, mask): (Src, Src), active: u32) {
        let (a, masks) = (w.get(&self.consts, a), w.get(&self.consts, mask));
        let ty = if signed { Ty::S32 } else { Ty::U32 };
        let mut out = [0; 32];
        for i in lanes(active) {
            let group = masks[i] as u32 & active;
            let mut values = lanes(group).map(|j| a[j]);
            let first = values.next().unwrap_or(0);
            out[i] = values.fold(first, |x, y| crate::access::combine(op, ty, x, y, 0));
        }
        w.put(d, &out, active);
    }

    fn tile(&self, w: &mut Warp, t: &Mma) {
        let a = t.a.map(|s| *w.get(&self.consts, s));
        let b = t.b.map(|s| *w.get(&self.consts, s));
        let c = t.c.map(|s| *w.get(&self.consts, s));
        let out = mma::tile(t.m, t.k, &a, &b, &c);
        for (d, out) in t.d.iter().zip(&out).take(usize::from(t.m / 4)) {
            w.put(*d, out, u32::MAX);
        }
    }
}

/// The lanes of a mask, ascending.
pub(crate) fn lanes(mask: u32) -> impl Iterator<Item = usize> {
    let mut rest = mask;
    std::iter::from_fn(move || {
        if rest == 0 {
            return None;
        }
        let i = rest.trailing_zeros() as usize;
        rest &= rest - 1;
        Some(i)
    })
}

fn logic(op: Logic, a: u32, b: u32) -> u32 {
    match op {
        Logic::None => a,
        Logic::And => a & b,
        Logic::Or => a | b,
        Logic::Xor => a ^ b,
    }
}

fn setp(w: &mut Warp, consts: &[Lanes], s: &SetP, active: u32) {
    let yes = alu::test(s.cmp, s.ty, w.get(consts, s.a), w.get(consts, s.b));
    let c = w.pred(s.c);
    w.put_pred(s.p, logic(s.logic, yes, c), active);
    w.put_pred(s.q, logic(s.logic, !yes, c), active);
}
