//! Opcodes of arithmetic, logic and conversion; hands the others on.

use crate::decode::{Decoder, Res};
use crate::instr::{BinOp, Class, Cmp, Logic, Op, Round, SetP, TernOp, Testp, Ty, UnOp, Where};
use crate::memory::{LOCAL_BASE, PARAM_BASE, SHARED_BASE};
use crate::parse::Operand;

/// The types among the modifiers, in order.
pub(crate) fn types(mods: &[&str]) -> Vec<Ty> {
    mods.iter().filter_map(|m| Ty::named(m)).collect()
}

fn class(ty: Ty) -> Class {
    if ty.float() { Class::Float } else { Class::Integer }
}

pub(crate) fn cmp(name: &str) -> Option<Cmp> {
    Some(match name {
        "eq" => Cmp::Eq,
        "ne" => Cmp::Ne,
        "lt" | "lo" => Cmp::Lt,
        "le" | "ls" => Cmp::Le,
        "gt" | "hi" => Cmp::Gt,
        "ge" | "hs" => Cmp::Ge,
        "equ" => Cmp::Equ,
        "neu" => Cmp::Neu,
        "ltu" => Cmp::Ltu,
        "leu" => Cmp::Leu,
        "gtu" => Cmp::Gtu,
        "geu" => Cmp::Geu,
        "num" => Cmp::Num,
        "nan" => Cmp::Nan,
        _ => return None,
    })
}

impl Decoder<'_> {
    /// The one type of an instruction whose other modifiers are all in `known`.
    pub(crate) fn only(&self, mods: &[&str], known: &[&str]) -> Res<Ty> {
        for m in mods {
            if Ty::named(m).is_none() && !known.contains(m) {
                return self.unsupported(format!(".{m}"));
            }
        }
        match types(mods).last() {
            Some(ty) => Ok(*ty),
            None => self.syntax("a type expected"),
        }
    }

    pub(crate) fn arity(&self, args: &[Operand], n: usize) -> Res<()> {
        if args.len() == n {
            Ok(())
        } else {
            self.syntax(format!("{n} operands expected, {} found", args.len()))
        }
    }

    pub(crate) fn opcode(&mut self, head: &str, mods: &[&str], args: &[Operand]) -> Res<()> {
        match head {
            "mov" => self.mov(mods, args),
            "add" => self.binary(BinOp::Add, mods, &["rn"], args),
            "sub" => self.binary(BinOp::Sub, mods, &["rn"], args),
            "mul" | "mul24" => self.mul(head, mods, args),
            "div" => self.binary(BinOp::Div, mods, &["rn"], args),
            "rem" => self.binary(BinOp::Rem, mods, &[], args),
            "min" => self.binary(BinOp::Min, mods, &[], args),
            "max" => self.binary(BinOp::Max, mods, &[], args),
            "copysign" => self.binary(BinOp::CopySign, mods, &[], args),
            "and" => self.logic(BinOp::And, Logic::And, mods, args),
            "or" => self.logic(BinOp::Or, Logic::Or, mods, args),
            "xor" => self.logic(BinOp::Xor, Logic::Xor, mods, args),
            "shl" => self.shift(BinOp::Shl, mods, args),
            "shr" => self.shift(BinOp::Shr, mods, args),
            "neg" => self.unary(UnOp::Neg, mods, &[], args),
            "abs" => self.unary(UnOp::Abs, mods, &[], args),
            "not" => self.not(mods, args),
            "cnot" => self.unary(UnOp::Cnot, mods, &[], args),
            "popc" => self.unary(UnOp::Popc, mods, &[], args),
            "clz" => self.unary(UnOp::Clz, mods, &[], args),
            "brev" => self.unary(UnOp::Brev, mods, &[], args),
            "bfind" if mods.contains(&"shiftamt") => self.unary(UnOp::BfindShift, mods, &["shiftamt"], args),
            "bfind" => self.unary(UnOp::Bfind, mods, &[], args),
            "sqrt" | "rcp" => self.root(head, mods, args),
            "fma" | "mad" => self.mad(head, mods, args),
            "sad" => self.ternary(TernOp::Sad, mods, &[], args),
            "lop3" => self.lop3(mods, args),
            "bfe" => self.field(mods, args),
            "bfi" => self.insert(mods, args),
            "prmt" => self.ternary(TernOp::Prmt, mods, &[], args),
            "shf" => self.funnel(mods, args),
            "slct" => self.slct(mods, args),
            "setp" => self.setp(mods, args),
            "set" => self.set(mods, args),
            "selp" => self.selp(mods, args),
            "testp" => self.testp(mods, args),
            "cvt" => self.cvt(mods, args),
            "cvta" => self.cvta(mods, args),
            "isspacep" => self.isspacep(mods, args),
            _ => self.other(head, mods, args),
        }
    }

    fn binary(&mut self, op: BinOp, mods: &[&str], known: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, known)?;
        self.arity(args, 3)?;
        if op == BinOp::Div && ty.float() && !mods.contains(&"rn") {
            return self.unsupported("a division without .rn");
        }
        let (a, b) = (self.src(&args[1], ty)?, self.src(&args[2], ty)?);
        let (d, _) = self.dest(&args[0])?;
        self.check(crate::alu::binary(op, ty, &[1; 32], &[1; 32]).is_some() && ty.bytes() > 1)?;
        self.emit(class(ty), Op::Bin { op, ty, d, a, b });
        Ok(())
    }

    fn check(&self, has: bool) -> Res<()> {
        if has { Ok(()) } else { self.unsupported("this operation of this type") }
    }

    fn mul(&mut self, head: &str, mods: &[&str], args: &[Operand]) -> Res<()> {
        if head != "mul" {
            return self.unsupported(head);
        }
        let op = if mods.contains(&"hi") {
            BinOp::MulHi
        } else if mods.contains(&"wide") {
            BinOp::MulWide
        } else {
            BinOp::Mul
        };
        let ty = self.only(mods, &["rn", "lo", "hi", "wide"])?;
        self.check(op == BinOp::Mul || !ty.float())?;
        self.check(op != BinOp::MulWide || ty.bytes() < 8)?;
        self.binary(op, mods, &["rn", "lo", "hi", "wide"], args)
    }

    fn shift(&mut self, op: BinOp, mods: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, &[])?;
        self.arity(args, 3)?;
        self.check(!ty.float() && ty.bytes() > 1)?;
        let (a, b) = (self.src(&args[1], ty)?, self.src(&args[2], Ty::U32)?);
        let (d, _) = self.dest(&args[0])?;
        self.emit(Class::Integer, Op::Bin { op, ty, d, a, b });
        Ok(())
    }

    fn logic(&mut self, op: BinOp, logic: Logic, mods: &[&str], args: &[Operand]) -> Res<()> {
        if mods != ["pred"] {
            return self.binary(op, mods, &[], args);
        }
        self.arity(args, 3)?;
        let (a, b) = (self.pred_src(&args[1])?, self.pred_src(&args[2])?);
        self.pred_op(logic, &args[0], a, b)
    }

    fn pred_op(&mut self, op: Logic, to: &Operand, a: u16, b: u16) -> Res<()> {
        let Operand::Name(name) = to else { return self.syntax("a predicate expected") };
        let d = self.pred_dest(name)?;
        self.emit(Class::Integer, Op::PredLogic { op, d, a, b });
        Ok(())
    }

    fn not(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        if mods != ["pred"] {
            return self.unary(UnOp::Not, mods, &[], args);
        }
        self.arity(args, 2)?;
        let a = self.pred_src(&args[1])?;
        self.pred_op(Logic::None, &args[0], a ^ crate::instr::NEGATED, 0)
    }

    fn unary(&mut self, op: UnOp, mods: &[&str], known: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, known)?;
        self.arity(args, 2)?;
        let a = self.src(&args[1], ty)?;
        let (d, _) = self.dest(&args[0])?;
        self.check(crate::alu::unary(op, ty, &[1; 32]).is_some() && ty.bytes() > 1)?;
        let bits_only = !matches!(op, UnOp::Neg | UnOp::Abs | UnOp::Sqrt | UnOp::Rcp);
        self.check(!(bits_only && ty.float()))?;
        self.emit(class(ty), Op::Un { op, ty, d, a });
        Ok(())
    }

    fn root(&mut self, head: &str, mods: &[&str], args: &[Operand]) -> Res<()> {
        if !mods.contains(&"rn") {
            return self.unsupported(format!("{head} without .rn"));
        }
        self.unary(if head == "sqrt" { UnOp::Sqrt } else { UnOp::Rcp }, mods, &["rn"], args)
    }

    fn ternary(&mut self, op: TernOp, mods: &[&str], known: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, known)?;
        if args.len() < 4 {
            return self.syntax("4 operands expected");
        }
        let wide = if ty.signed() { Ty::S64 } else { Ty::U64 };
        let third = match op {
            TernOp::MadWide if ty.bytes() == 4 => wide,
            TernOp::MadWide | TernOp::Bfe => Ty::U32,
            _ => ty,
        };
        let second = if op == TernOp::Bfe { Ty::U32 } else { ty };
        let (a, b, c) = (self.src(&args[1], ty)?, self.src(&args[2], second)?, self.src(&args[3], third)?);
        let (d, _) = self.dest(&args[0])?;
        self.check((op == TernOp::Fma) == ty.float() && ty.bytes() > 1)?;
        self.emit(class(ty), Op::Tern { op, ty, d, a, b, c });
        Ok(())
    }

    fn mad(&mut self, head: &str, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 4)?;
        let known = &["rn", "lo", "hi", "wide"];
        let ty = self.only(mods, known)?;
        if ty.float() && !mods.contains(&"rn") {
            return self.unsupported(format!("{head} without .rn"));
        }
        let op = if ty.float() {
            TernOp::Fma
        } else if mods.contains(&"hi") {
            TernOp::MadHi
        } else if mods.contains(&"wide") {
            self.check(ty.bytes() < 8)?;
            TernOp::MadWide
        } else {
            TernOp::Mad
        };
        self.ternary(op, mods, known, args)
    }

    fn lop3(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 5)?;
        let Operand::Int(table) = args[4] else { return self.syntax("a table expected") };
        self.ternary(TernOp::Lop3(table as u8), mods, &[], args)
    }

    fn field(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 4)?;
        self.ternary(TernOp::Bfe, mods, &[], args)
    }

    fn insert(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, &[])?;
        self.arity(args, 5)?;
        let (a, b) = (self.src(&args[1], ty)?, self.src(&args[2], ty)?);
        let (c, e) = (self.src(&args[3], Ty::U32)?, self.src(&args[4], Ty::U32)?);
        let (d, _) = self.dest(&args[0])?;
        self.emit(Class::Integer, Op::Bfi { ty, d, a, b, c, e });
        Ok(())
    }

    fn funnel(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let clamp = match mods.get(1) {
            Some(&"clamp") => true,
            Some(&"wrap") => false,
            _ => return self.unsupported("shf without clamp or wrap"),
        };
        let op = if mods[0] == "l" { TernOp::ShfL { clamp } } else { TernOp::ShfR { clamp } };
        self.ternary(op, mods, &["l", "r", "clamp", "wrap"], args)
    }

    fn slct(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 4)?;
        let tys = types(mods);
        let &[ty, by] = tys.as_slice() else { return self.unsupported("this slct") };
        let op = if by == Ty::F32 { TernOp::SlctFloat } else { TernOp::SlctInt };
        let (a, b, c) = (self.src(&args[1], ty)?, self.src(&args[2], ty)?, self.src(&args[3], by)?);
        let (d, _) = self.dest(&args[0])?;
        self.emit(Class::Integer, Op::Tern { op, ty, d, a, b, c });
        Ok(())
    }

    fn comparison(&mut self, mods: &[&str], args: &[Operand], p: u16, q: u16) -> Res<()> {
        let tys = types(mods);
        let Some(&ty) = tys.last() else { return self.syntax("a type expected") };
        let Some(cmp) = mods.first().and_then(|m| cmp(m)) else { return self.unsupported("this comparison") };
        let mut logic = Logic::None;
        for m in &mods[1..] {
            match *m {
                "and" => logic = Logic::And,
                "or" => logic = Logic::Or,
                "xor" => logic = Logic::Xor,
                m if Ty::named(m).is_some() => {}
                m => return self.unsupported(format!(".{m}")),
            }
        }
        if args.len() != if logic == Logic::None { 2 } else { 3 } {
            return self.syntax("another number of operands expected");
        }
        self.check(ty.float() || !matches!(cmp, Cmp::Equ | Cmp::Neu | Cmp::Num | Cmp::Nan))?;
        self.check(ty.bytes() > 1)?;
        let (a, b) = (self.src(&args[0], ty)?, self.src(&args[1], ty)?);
        let c = if logic == Logic::None { 0 } else { self.pred_src(&args[2])? };
        self.emit(class(ty), Op::SetP(SetP { cmp, ty, logic, p, q, a, b, c }));
        Ok(())
    }

    fn setp(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let (p, q) = match args.first() {
            Some(Operand::Name(p)) => (self.pred_dest(p)?, 0),
            Some(Operand::Pair(p, q)) => (self.pred_dest(p)?, self.pred_dest(q)?),
            _ => return self.syntax("a predicate expected"),
        };
        self.comparison(mods, &args[1..], p, q)
    }

    fn set(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let tys = types(mods);
        let &[to, _] = tys.as_slice() else { return self.unsupported("this set") };
        if args.is_empty() {
            return self.syntax("operands expected");
        }
        let p = self.temp_pred();
        self.comparison(mods, &args[1..], p, 0)?;
        let yes = if to == Ty::F32 { u64::from(1.0f32.to_bits()) } else { to.mask() };
        let (a, b) = (self.value(yes), self.value(0));
        let (d, _) = self.dest(&args[0])?;
        self.emit(Class::Integer, Op::SelP { d, a, b, p });
        Ok(())
    }

    fn selp(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, &[])?;
        self.arity(args, 4)?;
        let (a, b) = (self.src(&args[1], ty)?, self.src(&args[2], ty)?);
        let p = self.pred_src(&args[3])?;
        let (d, _) = self.dest(&args[0])?;
        self.emit(class(ty), Op::SelP { d, a, b, p });
        Ok(())
    }

    fn testp(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 2)?;
        let what = match mods.first() {
            Some(&"finite") => Testp::Finite,
            Some(&"infinite") => Testp::Infinite,
            Some(&"number") => Testp::Number,
            Some(&"notanumber") => Testp::NotANumber,
            Some(&"normal") => Testp::Normal,
            Some(&"subnormal") => Testp::Subnormal,
            _ => return self.unsupported("this testp"),
        };
        let ty = self.only(&mods[1..], &[])?;
        self.check(ty.float())?;
        let a = self.src(&args[1], ty)?;
        let Operand::Name(p) = &args[0] else { return self.syntax("a predicate expected") };
        let p = self.pred_dest(p)?;
        self.emit(Class::Float, Op::Testp { what, ty, p, a });
        Ok(())
    }

    fn cvt(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 2)?;
        let mut round = None;
        let mut integral = false;
        for m in mods {
            let (r, i) = match *m {
                "rn" => (Round::Nearest, false),
                "rz" => (Round::Zero, false),
                "rm" => (Round::Down, false),
                "rp" => (Round::Up, false),
                "rni" => (Round::Nearest, true),
                "rzi" => (Round::Zero, true),
                "rmi" => (Round::Down, true),
                "rpi" => (Round::Up, true),
                m if Ty::named(m).is_some() => continue,
                m => return self.unsupported(format!("cvt with .{m}")),
            };
            (round, integral) = (Some(r), i);
        }
        let tys = types(mods);
        let &[to, from] = tys.as_slice() else { return self.unsupported("this cvt") };
        let inexact = (to.float() && !from.float()) || (from.float() && !to.float());
        if round.is_none() && (inexact || (to == Ty::F32 && from == Ty::F64)) {
            return self.unsupported("a cvt without a rounding");
        }
        let a = self.src(&args[1], from)?;
        let (d, wide) = self.dest(&args[0])?;
        let round = round.unwrap_or(Round::Nearest);
        self.emit(class(to), Op::Cvt { to, from, round, integral, wide, d, a });
        Ok(())
    }

    fn space(&self, name: Option<&&str>) -> Res<Where> {
        Ok(match name {
            Some(&"global" | &"const") => Where::Global,
            Some(&"shared" | &"shared::cta") => Where::Shared,
            Some(&"local") => Where::Local,
            Some(&"param") => Where::Param,
            other => return self.unsupported(format!("space {other:?}")),
        })
    }

    fn cvta(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 2)?;
        let to = mods.first() == Some(&"to");
        let space = self.space(mods.get(usize::from(to)))?;
        let base = match space {
            Where::Shared => SHARED_BASE,
            Where::Local => LOCAL_BASE,
            Where::Param => PARAM_BASE,
            _ => 0,
        };
        let a = self.src(&args[1], Ty::U64)?;
        let (d, _) = self.dest(&args[0])?;
        if base == 0 {
            self.emit(Class::Integer, Op::Mov { d, a });
        } else {
            self.add_const(d, a, if to { base.wrapping_neg() } else { base });
        }
        Ok(())
    }

    fn isspacep(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        self.arity(args, 2)?;
        let what = self.space(mods.first())?;
        let a = self.src(&args[1], Ty::U64)?;
        let Operand::Name(p) = &args[0] else { return self.syntax("a predicate expected") };
        let p = self.pred_dest(p)?;
        self.emit(Class::Integer, Op::IsSpace { what, p, a });
        Ok(())
    }

    fn mov(&mut self, mods: &[&str], args: &[Operand]) -> Res<()> {
        let ty = self.only(mods, &[])?;
        self.arity(args, 2)?;
        if ty == Ty::Pred {
            let a = self.pred_src(&args[1])?;
            return self.pred_op(Logic::None, &args[0], a, 0);
        }
        match (&args[0], &args[1]) {
            (Operand::Group(to), from) => {
                let a = self.src(from, ty)?;
                let mut d = [0; 4];
                let size = self.part(ty, to.len())?;
                for (d, operand) in d.iter_mut().zip(to) {
                    *d = self.dest(operand)?.0;
                }
                self.emit(Class::Integer, Op::Unpack { d, a, count: to.len() as u8, size });
            }
            (to, Operand::Group(from)) => {
                let (d, _) = self.dest(to)?;
                let mut parts = [0; 4];
                let size = self.part(ty, from.len())?;
                for (part, operand) in parts.iter_mut().zip(from) {
                    *part = self.src(operand, Ty::B64)?;
                }
                self.emit(Class::Integer, Op::Pack { d, parts, count: from.len() as u8, size });
            }
            (to, from) => {
                let a = self.src(from, ty)?;
                let (d, _) = self.dest(to)?;
                self.emit(Class::Integer, Op::Mov { d, a });
            }
        }
        Ok(())
    }

    /// Bytes of each of `n` parts.
    fn part(&self, ty: Ty, n: usize) -> Res<u8> {
        match (ty.bytes(), n) {
            (bytes @ (2 | 4 | 8), 2) | (bytes @ (4 | 8), 4) => Ok((bytes / n as u64) as u8),
            _ => self.unsupported("this grouping"),
        }
    }
}
