//! Opcodes that do more than compute: memory, branches, synchronisation, matrices.

use crate::decode::{Decoder, Res, Sym};
use crate::instr::{
    Access, Address, Atom, AtomOp, Bar, Class, CpAsync, Mma, NEGATED, Op, Shfl, ShflMode, Src, Ty, VoteMode,
    Where,
};
use crate::opcodes::types;
use crate::parse::Operand;

/// Modifiers of loads and stores that say when and through which caches, not what.
fn is_hint(m: &str) -> bool {
    matches!(
        m,
        "volatile"
            | "relaxed"
            | "acquire"
            | "release"
            | "acq_rel"
            | "weak"
            | "ca"
            | "cg"
            | "cs"
            | "lu"
            | "cv"
            | "wb"
            | "wt"
            | "nc"
            | "gpu"
            | "cta"
            | "sys"
            | "cluster"
            | "mmio"
            | "noftz"
    ) || m.starts_with("L1::")
        || m.starts_with("L2::")
}

fn space_of(m: &str) -> Option<Where> {
    Some(match m {
        "global" | "const" => Where::Global,
        "shared" | "shared::cta" => Where::Shared,
        "local" => Where::Local,
        "param" => Where::Param,
        _ => return None,
    })
}

fn is_strong(mods: &[&str]) -> bool {
    mods.iter().any(|m| matches!(*m, "volatile" | "relaxed" | "acquire" | "release" | "mmio"))
}

impl Decoder<'_> {
    pub(crate) fn other(&mut self, head: &str, mods: &[&str], args: &[Operand]) -> Res<()> {
        match head {
            "ld" | "ldu" => self.access(true, mods, args),
            "st" => self.access(false, mods, args),
            "atom" => self.atom(mods, args, true),
            "red" => self.atom(mods, args, false),
            "cp" => self.cp(mods, args),
            "bra" => self.bra(args),
            "brx" => self.brx(mods, args),
            "call" => self.call(args),
            "ret" => self.plain(Class::Control, Op::Ret),
            "exit" => self.plain(Class::Control, Op::Exit),
            "trap" => self.plain(Class::Control, Op::Trap),
            "bar" | "barrier" => self.bar(mods, args),
            "membar" | "fence" | "prefetch" | "prefetchu" | "nanosleep" | "pmevent" => {
                self.plain(Class::Sync, Op::Nop)
            }
            "shfl" => self.shfl(mods, args),
            "vote" => self.vote(mods, args),
            "match" => self.matching(mods, args),
            "redux" => self.redux(mods, args),
            "activemask" => {
                self.arity(args, 1)?;
                let (d, _) = self.dest(&args[0])?;
                self.plain(Class::Sync, Op::ActiveMask { d })
            }
            "mma" => self.mma(mods, args),
            _ => self.unsupported(format!("{head}.{}", mods.join("."))),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "ends the arms of a match that can fail")]
    fn plain(&mut self, class: Class, op: Op) -> Res<()> {
        self.emit(class, op);
        Ok(())
    }

    fn name<'o>(&self, operand: Option<&'o Operand>) -> Res<&'o str> {
        match operand {
            Some(Operand::Name(name)) => Ok(name),
            _ => self.syntax("a name expected"),
        }
    }

    fn bra(&mut self, args: &[Operand]) -> Res<()> {
        let label = self.name(args.first())?.to_owned();
        self.branch(&label);
        Ok(())
    }

    fn brx(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        if mods.first() != Some(&"idx") || args.len() != 2 {
            return self.unsupported("this brx");
        }
        let index = self.src(&args[0], Ty::U32)?;
        let table = self.name(args.get(1))?.to_owned();
        self.branch_table(index, &table);
        Ok(())
    }

    fn access(&mut self, load: bool, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 2)?;
        let mut space = Where::Generic;
        let mut vector = 1;
        for m in mods {
            if let Some(s) = space_of(m) {
                space = s;
            } else if matches!(*m, "v2" | "v4") {
                vector = if *m == "v2" { 2 } else { 4 };
            } else if Ty::named(m).is_none() && !is_hint(m) {
                return self.unsupported(format!("access with .{m}"));
            }
        }
        let Some(&ty) = types(mods).last() else { return self.syntax("a type expected") };
        let (address, value) = if load { (&args[1], &args[0]) } else { (&args[0], &args[1]) };
        let values = match value {
            Operand::Group(v) => v.as_slice(),
            one => std::slice::from_ref(one),
        };
        if values.len() != vector {
            return self.syntax("another number of registers expected");
        }
        let mut regs = [0; 4];
        let mut wide = 8;
        for (reg, operand) in regs.iter_mut().zip(values) {
            if load {
                let (d, bytes) = self.dest(operand)?;
                (*reg, wide) = (d, bytes);
            } else {
                *reg = self.src(operand, ty)?;
            }
        }
        if space == Where::Param
            && let Some((slot, offset)) = self.slot_of(address)
        {
            return self.slot_access(load, slot, offset, &regs[..vector], ty, wide);
        }
        if space == Where::Param && (!self.entry || !load) {
            return self.unsupported("parameters of functions by address");
        }
        let at = self.address(address, space)?;
        let access = Access {
            at,
            regs,
            count: vector as u8,
            size: ty.bytes() as u8,
            signed: ty.signed(),
            strong: is_strong(mods),
            wide,
        };
        self.plain(Class::Memory, if load { Op::Load(access) } else { Op::Store(access) })
    }

    fn slot_of(&self, operand: &Operand) -> Option<((u32, u32), u64)> {
        let Operand::Address(base, offset) = operand else { return None };
        let Operand::Name(name) = base.as_ref() else { return None };
        match self.look_up(name) {
            Some(Sym::Slot { at, bytes }) => Some(((at, bytes), (*offset).cast_unsigned())),
            _ => None,
        }
    }

    fn slot_access(
        &mut self,
        load: bool,
        (first, bytes): (u32, u32),
        offset: u64,
        regs: &[Src],
        ty: Ty,
        wide: u8,
    ) -> Res<()> {
        let size = ty.bytes();
        for (i, &reg) in regs.iter().enumerate() {
            let at = offset.wrapping_add(i as u64 * size);
            if !at.is_multiple_of(size) || at >= u64::from(bytes) || at + size > u64::from(bytes) {
                return self.syntax("an offset outside of the parameter");
            }
            let (slot, shift, size) = (first + (at / 8) as u32, (at % 8 * 8) as u8, size as u8);
            let op = if load {
                Op::SlotLoad { d: reg, slot, shift, size, signed: ty.signed(), wide }
            } else {
                Op::SlotStore { slot, a: reg, shift, size }
            };
            self.emit(Class::Integer, op);
        }
        Ok(())
    }

    fn atom_op(&self, name: &str) -> Res<AtomOp> {
        Ok(match name {
            "add" => AtomOp::Add,
            "exch" => AtomOp::Exch,
            "cas" => AtomOp::Cas,
            "min" => AtomOp::Min,
            "max" => AtomOp::Max,
            "and" => AtomOp::And,
            "or" => AtomOp::Or,
            "xor" => AtomOp::Xor,
            "inc" => AtomOp::Inc,
            "dec" => AtomOp::Dec,
            _ => return self.unsupported(format!(".{name}")),
        })
    }

    fn atom(&mut self, mods: &[&str], args: &[Operand], returns: bool) -> Res<()> {
        let mut space = Where::Generic;
        let mut op = None;
        for m in mods {
            if let Some(s) = space_of(m) {
                space = s;
            } else if Ty::named(m).is_none() && !is_hint(m) {
                op = Some(self.atom_op(m)?);
            }
        }
        let (Some(op), Some(&ty)) = (op, types(mods).last()) else { return self.unsupported("this atomic") };
        let fits = match op {
            AtomOp::Exch | AtomOp::Cas => ty.bytes() >= 4,
            AtomOp::Inc | AtomOp::Dec => ty == Ty::U32,
            _ => ty.bytes() >= 4 && !ty.float(),
        };
        if !fits || !matches!(space, Where::Global | Where::Shared | Where::Generic) {
            return self.unsupported("this atomic of this type");
        }
        let first = usize::from(returns);
        self.arity(args, first + if op == AtomOp::Cas { 3 } else { 2 })?;
        let at = self.address(&args[first], space)?;
        let b = self.src(&args[first + 1], ty)?;
        let c = if op == AtomOp::Cas { self.src(&args[first + 2], ty)? } else { b };
        let d = if returns { Some(self.dest(&args[0])?.0) } else { None };
        self.plain(Class::Memory, Op::Atom(Atom { op, ty, at, d, b, c }))
    }

    fn cp(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        if mods.first() != Some(&"async") {
            return self.unsupported("this cp");
        }
        match &mods[1..] {
            ["commit_group"] => self.plain(Class::Memory, Op::CpCommit),
            ["wait_all"] => self.plain(Class::Memory, Op::CpWait { groups: u32::MAX }),
            ["wait_group"] => match args.first() {
                Some(Operand::Int(n)) => self.plain(Class::Memory, Op::CpWait { groups: *n as u32 }),
                _ => self.syntax("a number of groups expected"),
            },
            ["ca" | "cg", "shared" | "shared::cta", "global", hints @ ..]
                if hints
                    .iter()
                    .all(|h| h.starts_with("L2::1") || h.starts_with("L2::2") || *h == "L2::64B") =>
            {
                if args.len() < 3 || args.len() > 4 {
                    return self.unsupported("cp.async with these operands");
                }
                let to = self.address(&args[0], Where::Shared)?;
                let from = self.address(&args[1], Where::Global)?;
                let bytes = match args[2] {
                    Operand::Int(n @ (4 | 8 | 16)) => n as u8,
                    _ => return self.syntax("4, 8 or 16 bytes expected"),
                };
                let given = match args.get(3) {
                    Some(operand) => self.src(operand, Ty::U32)?,
                    None => self.value(u64::from(bytes)),
                };
                self.plain(Class::Memory, Op::CpAsync(CpAsync { to, from, bytes, given }))
            }
            _ => self.unsupported(format!("cp.{}", mods.join("."))),
        }
    }

    fn bar(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let mods: Vec<&str> = mods.iter().copied().filter(|m| !matches!(*m, "cta" | "aligned")).collect();
        match mods.as_slice() {
            ["warp", "sync"] => {
                self.arity(args, 1)?;
                let mask = self.src(&args[0], Ty::B32)?;
                self.plain(Class::Sync, Op::WarpSync { mask })
            }
            [how @ ("sync" | "arrive")] => {
                let Some(id) = args.first() else { return self.syntax("a barrier expected") };
                let id = self.src(id, Ty::U32)?;
                let threads = match args.get(1) {
                    Some(n) => Some(self.src(n, Ty::U32)?),
                    None => None,
                };
                if *how == "arrive" && threads.is_none() {
                    return self.syntax("a number of threads expected");
                }
                self.plain(Class::Sync, Op::Bar(Bar { id, threads, arrive: *how == "arrive" }))
            }
            ["red", how, ty @ ("u32" | "pred")] => {
                let how = match (*how, *ty) {
                    ("popc", "u32") => VoteMode::Ballot,
                    ("and", "pred") => VoteMode::All,
                    ("or", "pred") => VoteMode::Any,
                    _ => return self.unsupported("this bar.red"),
                };
                if args.len() < 3 || args.len() > 4 {
                    return self.syntax("operands of bar.red expected");
                }
                let id = self.src(&args[1], Ty::U32)?;
                let threads = if args.len() == 4 { Some(self.src(&args[2], Ty::U32)?) } else { None };
                let source = self.pred_src(&args[args.len() - 1])?;
                let (d, p) = if how == VoteMode::Ballot {
                    (self.dest(&args[0])?.0, 0)
                } else {
                    (0, self.pred_dest(self.name(args.first())?.to_owned().as_str())?)
                };
                let bar = Bar { id, threads, arrive: false };
                self.plain(Class::Sync, Op::BarRed { bar, how, source, d, p })
            }
            _ => self.unsupported(format!("bar.{}", mods.join("."))),
        }
    }

    fn shfl(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 5)?;
        let mode = match mods {
            ["sync", "idx", "b32"] => ShflMode::Idx,
            ["sync", "up", "b32"] => ShflMode::Up,
            ["sync", "down", "b32"] => ShflMode::Down,
            ["sync", "bfly", "b32"] => ShflMode::Bfly,
            _ => return self.unsupported(format!("shfl.{}", mods.join("."))),
        };
        let a = self.src(&args[1], Ty::B32)?;
        let (b, c) = (self.src(&args[2], Ty::B32)?, self.src(&args[3], Ty::B32)?);
        let mask = self.src(&args[4], Ty::B32)?;
        let (d, p) = self.pair(&args[0])?;
        self.plain(Class::Sync, Op::Shfl(Shfl { mode, d, p, a, b, c, mask }))
    }

    /// A destination register with an optional predicate behind it.
    fn pair(&mut self, operand: &Operand) -> Res<(u32, u16)> {
        match operand {
            Operand::Pair(d, p) => {
                let p = self.pred_dest(p)?;
                Ok((self.dest(&Operand::Name(d.clone()))?.0, p))
            }
            one => Ok((self.dest(one)?.0, 0)),
        }
    }

    fn vote(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 3)?;
        let mode = match mods {
            ["sync", "ballot", "b32"] => VoteMode::Ballot,
            ["sync", "any", "pred"] => VoteMode::Any,
            ["sync", "all", "pred"] => VoteMode::All,
            ["sync", "uni", "pred"] => VoteMode::Uni,
            _ => return self.unsupported(format!("vote.{}", mods.join("."))),
        };
        let source = self.pred_src(&args[1])?;
        let mask = self.src(&args[2], Ty::B32)?;
        let (d, p) = if mode == VoteMode::Ballot {
            (self.dest(&args[0])?.0, 0)
        } else {
            let name = self.name(args.first())?.to_owned();
            (0, self.pred_dest(&name)?)
        };
        self.plain(Class::Sync, Op::Vote { mode, d, p, source, mask })
    }

    fn matching(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 3)?;
        let (all, ty) = match mods {
            [how @ ("any" | "all"), "sync", ty] | ["sync", how @ ("any" | "all"), ty] => (*how == "all", ty),
            _ => return self.unsupported("this match"),
        };
        let ty = match *ty {
            "b32" => Ty::B32,
            "b64" => Ty::B64,
            _ => return self.unsupported("match of this type"),
        };
        let a = self.src(&args[1], ty)?;
        let mask = self.src(&args[2], Ty::B32)?;
        let (d, p) = self.pair(&args[0])?;
        self.plain(Class::Sync, Op::Match { all, size: ty.bytes() as u8, d, p, a, mask })
    }

    fn redux(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 3)?;
        let ["sync", op, ty @ ("u32" | "s32" | "b32")] = mods else {
            return self.unsupported(format!("redux.{}", mods.join(".")));
        };
        let op = self.atom_op(op)?;
        if matches!(op, AtomOp::Exch | AtomOp::Cas | AtomOp::Inc | AtomOp::Dec) {
            return self.unsupported("this redux");
        }
        let a = self.src(&args[1], Ty::B32)?;
        let mask = self.src(&args[2], Ty::B32)?;
        let (d, _) = self.dest(&args[0])?;
        self.plain(Class::Sync, Op::Redux { op, signed: *ty == "s32", d, a, mask })
    }

    fn mma(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 4)?;
        let ["sync", "aligned", shape, "row", "col", "f64", "f64", "f64", "f64"] = mods else {
            return self.unsupported(format!("mma.{}", mods.join(".")));
        };
        let (m, k) = match *shape {
            "m8n8k4" => (8, 4),
            "m16n8k4" => (16, 4),
            "m16n8k8" => (16, 8),
            "m16n8k16" => (16, 16),
            _ => return self.unsupported(format!("mma of {shape}")),
        };
        if self.guard != NEGATED {
            return self.unsupported("mma under a predicate");
        }
        let sizes = [m / 4, m / 8 * k / 4, k / 4, m / 4];
        let mut regs = [[0; 8]; 4];
        for (i, operand) in args.iter().enumerate() {
            let parts = match operand {
                Operand::Group(parts) => parts.as_slice(),
                one => std::slice::from_ref(one),
            };
            if parts.len() != usize::from(sizes[i]) {
                return self.syntax("another number of registers expected");
            }
            for (reg, part) in regs[i].iter_mut().zip(parts) {
                *reg = if i == 0 { self.dest(part)?.0 } else { self.src(part, Ty::F64)? };
            }
        }
        let four = |r: [u32; 8]| [r[0], r[1], r[2], r[3]];
        let tile = Mma { m, k, d: four(regs[0]), a: regs[1], b: four(regs[2]), c: four(regs[3]) };
        self.plain(Class::Matrix, Op::Mma(Box::new(tile)))
    }
}

impl Address {
    /// The address that `base` names.
    pub(crate) fn of(&self, base: u64) -> u64 {
        let sum = base.wrapping_add_signed(self.offset);
        if self.narrow { sum & 0xffff_ffff } else { sum }
    }
}
