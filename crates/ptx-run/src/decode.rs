//! Statements -> instructions: names become register numbers, offsets and indices.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::instr::{
    Address, BinOp, CONST, Class, Const, Function, Inst, NEGATED, Op, PredSrc, Site, Special, Src, Ty, Where,
};
use crate::parse::{Kind, Operand, RawFunction, RawInst, Stmt, Var, VarSpace};

pub(crate) type Res<T> = Result<T, Error>;

/// What a name stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sym {
    Reg {
        at: u32,
        bytes: u8,
    },
    Pred {
        at: u16,
    },
    /// Registers that hold a parameter of a call.
    Slot {
        at: u32,
        bytes: u32,
    },
    /// A parameter of the kernel: its offset.
    Param {
        at: u32,
    },
    Local {
        at: u64,
    },
    Shared {
        at: u32,
    },
    Global {
        at: u32,
    },
}

/// What a function asks of its callers.
pub(crate) struct Signature {
    pub(crate) index: u32,
    /// (first register, bytes) of each parameter and result.
    pub(crate) params: Vec<(u32, u32)>,
    pub(crate) returns: Vec<(u32, u32)>,
}

/// What all functions of a module share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) consts: Vec<Const>,
    const_index: BTreeMap<Const, u32>,
    pub(crate) globals: Vec<Var>,
    pub(crate) blocks: Vec<Var>,
    pub(crate) names: BTreeMap<String, Sym>,
    pub(crate) signatures: BTreeMap<String, Signature>,
}

impl Shared {
    pub(crate) fn constant(&mut self, value: Const) -> Src {
        let next = self.consts.len() as u32;
        let consts = &mut self.consts;
        CONST
            | *self.const_index.entry(value).or_insert_with(|| {
                consts.push(value);
                next
            })
    }

    pub(crate) fn declare(&mut self, var: Var) -> Sym {
        if var.space == VarSpace::Shared {
            self.blocks.push(var);
            Sym::Shared { at: self.blocks.len() as u32 - 1 }
        } else {
            self.globals.push(var);
            Sym::Global { at: self.globals.len() as u32 - 1 }
        }
    }

    /// Register numbers of parameters: results first, then parameters, from register 0.
    pub(crate) fn sign(&mut self, index: u32, raw: &RawFunction) {
        let mut at = 0;
        let mut place = |vars: &[Var]| -> Vec<(u32, u32)> {
            vars.iter()
                .map(|v| {
                    let first = at;
                    at += v.bytes.div_ceil(8) as u32;
                    (first, v.bytes as u32)
                })
                .collect()
        };
        let returns = place(&raw.returns);
        let params = if raw.entry { Vec::new() } else { place(&raw.params) };
        self.signatures.insert(raw.name.clone(), Signature { index, params, returns });
    }
}

#[derive(Default)]
struct Scope {
    parent: Option<usize>,
    names: BTreeMap<String, Sym>,
    /// prefix -> (first register, count, type) of `%r<count>`.
    ranges: BTreeMap<String, (u32, u64, Ty)>,
    labels: BTreeMap<String, u32>,
    tables: BTreeMap<String, Vec<String>>,
}

enum Fix {
    Bra,
    Table(u32, String),
}

pub(crate) struct Decoder<'a> {
    pub(crate) module: &'a mut Shared,
    scopes: Vec<Scope>,
    scope: usize,
    pub(crate) code: Vec<Inst>,
    pub(crate) sites: Vec<Site>,
    tables: Vec<Vec<u32>>,
    fixes: Vec<(usize, usize, String, Fix)>,
    regs: u32,
    preds: u32,
    local: u64,
    shared: Vec<u32>,
    pub(crate) line: u32,
    pub(crate) guard: PredSrc,
    last_label: Option<String>,
    pub(crate) entry: bool,
}

pub(crate) fn function(module: &mut Shared, raw: &RawFunction) -> Res<Function> {
    let mut d = Decoder {
        module,
        scopes: vec![Scope::default()],
        scope: 0,
        code: Vec::new(),
        sites: Vec::new(),
        tables: Vec::new(),
        fixes: Vec::new(),
        regs: 0,
        preds: 1,
        local: 0,
        shared: Vec::new(),
        line: 0,
        guard: NEGATED,
        last_label: None,
        entry: raw.entry,
    };
    let mut params = Vec::new();
    let mut offset = 0;
    for var in &raw.returns {
        d.slot(var);
    }
    for var in &raw.params {
        if raw.entry {
            offset = u64::from(offset).next_multiple_of(var.align) as u32;
            d.scopes[0].names.insert(var.name.clone(), Sym::Param { at: offset });
            params.push((var.bytes as u32, offset));
            offset += var.bytes as u32;
        } else {
            d.slot(var);
        }
    }
    for stmt in &raw.body {
        d.statement(stmt)?;
    }
    d.guard = NEGATED;
    d.emit(Class::Control, Op::Ret);
    d.resolve()?;
    Ok(Function {
        name: raw.name.clone(),
        entry: raw.entry,
        code: d.code,
        sites: d.sites,
        tables: d.tables,
        regs: d.regs,
        preds: d.preds,
        local: d.local.next_multiple_of(16),
        shared: d.shared,
        params,
    })
}

impl Decoder<'_> {
    pub(crate) fn unsupported<T>(&self, what: impl Into<String>) -> Res<T> {
        Err(Error::Unsupported { line: self.line, what: what.into() })
    }

    pub(crate) fn syntax<T>(&self, what: impl Into<String>) -> Res<T> {
        Err(Error::Syntax { line: self.line, what: what.into() })
    }

    pub(crate) fn emit(&mut self, class: Class, op: Op) {
        self.code.push(Inst { op, guard: self.guard, class, line: self.line });
    }

    fn slot(&mut self, var: &Var) {
        let sym = Sym::Slot { at: self.regs, bytes: var.bytes as u32 };
        self.regs += var.bytes.div_ceil(8) as u32;
        self.scopes[self.scope].names.insert(var.name.clone(), sym);
    }

    pub(crate) fn temp(&mut self) -> u32 {
        self.regs += 1;
        self.regs - 1
    }

    pub(crate) fn temp_pred(&mut self) -> u16 {
        self.preds += 1;
        (self.preds - 1) as u16
    }

    fn statement(&mut self, stmt: &Stmt) -> Res<()> {
        self.line = stmt.line;
        if !matches!(stmt.kind, Kind::Label(_) | Kind::Targets(_)) {
            self.last_label = None;
        }
        match &stmt.kind {
            Kind::Open => {
                self.scopes.push(Scope { parent: Some(self.scope), ..Scope::default() });
                self.scope = self.scopes.len() - 1;
            }
            Kind::Close => match self.scopes[self.scope].parent {
                Some(parent) => self.scope = parent,
                None => return self.syntax("one `}` too many"),
            },
            Kind::Label(name) => {
                let at = self.code.len() as u32;
                if self.scopes[self.scope].labels.insert(name.clone(), at).is_some() {
                    return self.syntax(format!("label {name} twice"));
                }
                self.last_label = Some(name.clone());
            }
            Kind::Targets(names) => {
                let Some(label) = self.last_label.take() else {
                    return self.syntax(".branchtargets without a label");
                };
                self.scopes[self.scope].tables.insert(label, names.clone());
            }
            Kind::Reg(ty, names) => self.registers(*ty, names)?,
            Kind::Var(var) => self.variable(var),
            Kind::Inst(inst) => self.instruction(inst)?,
        }
        Ok(())
    }

    fn registers(&mut self, ty: Ty, names: &[(String, Option<u64>)]) -> Res<()> {
        for (name, count) in names {
            let n = count.unwrap_or(1);
            let at = if ty == Ty::Pred { self.preds } else { self.regs };
            if ty == Ty::Pred {
                self.preds += n as u32;
                if self.preds >= u32::from(NEGATED) {
                    return self.unsupported("that many predicates");
                }
            } else {
                self.regs += n as u32;
                if self.regs > 1 << 24 {
                    return self.unsupported("that many registers");
                }
            }
            let scope = &mut self.scopes[self.scope];
            if count.is_some() {
                scope.ranges.insert(name.clone(), (at, n, ty));
            } else {
                scope.names.insert(name.clone(), register(at, ty));
            }
        }
        Ok(())
    }

    fn variable(&mut self, var: &Var) {
        match var.space {
            VarSpace::Param => self.slot(var),
            VarSpace::Local => {
                self.local = self.local.next_multiple_of(var.align.max(4));
                let sym = Sym::Local { at: self.local };
                self.local += var.bytes;
                self.scopes[self.scope].names.insert(var.name.clone(), sym);
            }
            VarSpace::Shared | VarSpace::Global => {
                let sym = self.module.declare(var.clone());
                self.scopes[self.scope].names.insert(var.name.clone(), sym);
            }
        }
    }

    pub(crate) fn look_up(&self, name: &str) -> Option<Sym> {
        let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = name[stem.len()..].parse::<u64>().ok();
        let mut scope = Some(self.scope);
        while let Some(at) = scope {
            let s = &self.scopes[at];
            if let Some(sym) = s.names.get(name) {
                return Some(*sym);
            }
            if let (Some(n), Some(&(first, count, ty))) = (number, s.ranges.get(stem))
                && n < count
            {
                return Some(register(first + n as u32, ty));
            }
            scope = s.parent;
        }
        self.module.names.get(name).copied()
    }

    fn sym(&self, name: &str) -> Res<Sym> {
        match self.look_up(name) {
            Some(sym) => Ok(sym),
            None => self.syntax(format!("{name} is not declared")),
        }
    }

    /// A destination: register and bytes; `_` is a register that nobody reads.
    pub(crate) fn dest(&mut self, operand: &Operand) -> Res<(u32, u8)> {
        match operand {
            Operand::Name(name) if name == "_" => Ok((self.temp(), 8)),
            Operand::Name(name) => match self.sym(name)? {
                Sym::Reg { at, bytes } => Ok((at, bytes)),
                _ => self.syntax(format!("{name} is no register")),
            },
            _ => self.syntax("a register expected"),
        }
    }

    /// A destination predicate; 0 for `_` (its register is written and then ignored).
    pub(crate) fn pred_dest(&mut self, name: &str) -> Res<u16> {
        if name == "_" {
            return Ok(self.temp_pred());
        }
        match self.sym(name)? {
            Sym::Pred { at } => Ok(at),
            _ => self.syntax(format!("{name} is no predicate")),
        }
    }

    pub(crate) fn pred_src(&self, operand: &Operand) -> Res<PredSrc> {
        let (name, not) = match operand {
            Operand::Name(name) => (name, 0),
            Operand::Not(name) => (name, NEGATED),
            Operand::Int(v) => return Ok(if *v == 0 { 0 } else { NEGATED }),
            _ => return self.syntax("a predicate expected"),
        };
        match self.sym(name)? {
            Sym::Pred { at } => Ok(at ^ not),
            _ => self.syntax(format!("{name} is no predicate")),
        }
    }

    pub(crate) fn value(&mut self, v: u64) -> Src {
        self.module.constant(Const::Value(v))
    }

    /// A source of type `ty`.
    pub(crate) fn src(&mut self, operand: &Operand, ty: Ty) -> Res<Src> {
        Ok(match operand {
            Operand::Int(v) if ty == Ty::F64 => self.value((*v as i64 as f64).to_bits()),
            Operand::Int(v) => self.value(v & ty.mask()),
            Operand::F32(v) if ty == Ty::F64 => self.value(f64::from(f32::from_bits(*v)).to_bits()),
            Operand::F32(v) => self.value(u64::from(*v)),
            Operand::F64(v) if ty == Ty::F32 => self.value(u64::from((f64::from_bits(*v) as f32).to_bits())),
            Operand::F64(v) => self.value(*v),
            Operand::Name(name) => self.named(name, 0)?,
            Operand::Shifted(name, by) => self.named(name, *by)?,
            _ => return self.syntax("a value expected"),
        })
    }

    fn named(&mut self, name: &str, by: i64) -> Res<Src> {
        if name == "_" {
            return Ok(self.value(0));
        }
        if let Some(what) = special(name) {
            let d = self.temp();
            self.emit(Class::Integer, Op::Special { what, d });
            return Ok(d);
        }
        if matches!(name, "WARP_SZ") {
            return Ok(self.value(32));
        }
        let by = by.cast_unsigned();
        Ok(match self.sym(name)? {
            Sym::Reg { at, .. } if by == 0 => at,
            Sym::Global { at } => self.module.constant(Const::Global(at, by)),
            Sym::Shared { at } => {
                self.shared.push(at);
                self.module.constant(Const::Shared(at, by))
            }
            Sym::Param { at } => self.value(u64::from(at).wrapping_add(by)),
            Sym::Local { at } => {
                let d = self.temp();
                let offset = at.wrapping_add(by);
                self.emit(Class::Integer, Op::LocalAddress { d, offset });
                d
            }
            _ => return self.unsupported(format!("{name} as a value")),
        })
    }

    /// The bytes of a register, 8 for anything else.
    pub(crate) fn width(&self, operand: &Operand) -> u8 {
        match operand {
            Operand::Name(name) => match self.look_up(name) {
                Some(Sym::Reg { bytes, .. }) => bytes,
                _ => 8,
            },
            _ => 8,
        }
    }

    pub(crate) fn address(&mut self, operand: &Operand, space: Where) -> Res<Address> {
        let Operand::Address(base, offset) = operand else { return self.syntax("an address expected") };
        let narrow = self.width(base) == 4;
        let mut space = space;
        if let Operand::Name(name) = base.as_ref() {
            // A variable named in a generic access is in its own space.
            match self.look_up(name) {
                Some(Sym::Shared { .. }) if space == Where::Generic => space = Where::Shared,
                Some(Sym::Local { .. }) if space == Where::Generic => space = Where::Local,
                _ => {}
            }
        }
        let base = self.src(base, Ty::B64)?;
        Ok(Address { space, base, offset: *offset, narrow })
    }

    fn instruction(&mut self, inst: &RawInst) -> Res<()> {
        self.guard = match &inst.guard {
            None => NEGATED,
            Some((name, not)) => {
                let p = self.pred_src(&Operand::Name(name.clone()))?;
                if *not { p ^ NEGATED } else { p }
            }
        };
        let op = inst.op.clone();
        let mut parts = op.split('.');
        let head = parts.next().unwrap_or_default();
        let mods: Vec<&str> = parts.collect();
        self.opcode(head, &mods, &inst.args)
    }

    /// Emits a branch to a label.
    pub(crate) fn branch(&mut self, label: &str) {
        self.fixes.push((self.code.len(), self.scope, label.to_owned(), Fix::Bra));
        self.emit(Class::Control, Op::Bra { to: 0 });
    }

    /// Emits a branch through a table of labels.
    pub(crate) fn branch_table(&mut self, index: Src, name: &str) {
        let table = self.tables.len() as u32;
        self.tables.push(Vec::new());
        self.fixes.push((self.code.len(), self.scope, name.to_owned(), Fix::Table(table, name.to_owned())));
        self.emit(Class::Control, Op::BrxIdx { index, table });
    }

    fn label(&self, scope: usize, name: &str, line: u32) -> Res<u32> {
        let mut scope = Some(scope);
        while let Some(at) = scope {
            if let Some(&pc) = self.scopes[at].labels.get(name) {
                return Ok(pc);
            }
            scope = self.scopes[at].parent;
        }
        Err(Error::Syntax { line, what: format!("no label {name}") })
    }

    fn resolve(&mut self) -> Res<()> {
        for (at, scope, name, fix) in std::mem::take(&mut self.fixes) {
            let line = self.code[at].line;
            match fix {
                Fix::Bra => {
                    let to = self.label(scope, &name, line)?;
                    self.code[at].op = Op::Bra { to };
                }
                Fix::Table(table, name) => {
                    let mut from = Some(scope);
                    let mut names = None;
                    while let Some(s) = from {
                        names = names.or_else(|| self.scopes[s].tables.get(&name).cloned());
                        from = self.scopes[s].parent;
                    }
                    let Some(names) = names else {
                        return Err(Error::Syntax { line, what: format!("no targets {name}") });
                    };
                    let targets: Res<Vec<u32>> = names.iter().map(|n| self.label(scope, n, line)).collect();
                    self.tables[table as usize] = targets?;
                }
            }
        }
        Ok(())
    }

    /// `call (results), name, (arguments)`.
    pub(crate) fn call(&mut self, args: &[Operand]) -> Res<()> {
        let (outs, rest) = match args.first() {
            Some(Operand::List(outs)) => (outs.as_slice(), &args[1..]),
            _ => (&[][..], args),
        };
        let Some(Operand::Name(name)) = rest.first() else { return self.syntax("a function expected") };
        let ins = match rest.get(1) {
            Some(Operand::List(ins)) => ins.as_slice(),
            None => &[],
            _ => return self.syntax("a list of arguments expected"),
        };
        if rest.len() > 2 {
            return self.unsupported("an indirect call");
        }
        let Some(signature) = self.module.signatures.get(name) else {
            return self.unsupported(format!("a call of {name}, which is not in the text"));
        };
        let (params, returns) = (signature.params.clone(), signature.returns.clone());
        let callee = signature.index;
        let ins = self.pair_up(ins, &params)?;
        let outs = self.pair_up(outs, &returns)?;
        self.sites.push(Site { callee, ins, outs });
        let site = self.sites.len() as u32 - 1;
        self.emit(Class::Control, Op::Call { site });
        Ok(())
    }

    fn pair_up(&mut self, actual: &[Operand], formal: &[(u32, u32)]) -> Res<Vec<(u32, u32, u32)>> {
        if actual.len() != formal.len() {
            return self.syntax(format!("{} arguments for {}", actual.len(), formal.len()));
        }
        let mut out = Vec::new();
        for (operand, &(to, bytes)) in actual.iter().zip(formal) {
            let Operand::Name(name) = operand else { return self.unsupported("this argument") };
            match self.sym(name)? {
                Sym::Slot { at, bytes: have } if have == bytes => out.push((at, to, bytes.div_ceil(8))),
                Sym::Reg { at, .. } if bytes <= 8 => out.push((at, to, 1)),
                _ => return self.syntax(format!("{name} does not fit the parameter")),
            }
        }
        Ok(out)
    }

    /// Adds an immediate to a register.
    pub(crate) fn add_const(&mut self, d: u32, a: Src, by: u64) {
        let by = self.value(by);
        self.emit(Class::Integer, Op::Bin { op: BinOp::Add, ty: Ty::U64, d, a, b: by });
    }
}

fn register(at: u32, ty: Ty) -> Sym {
    if ty == Ty::Pred { Sym::Pred { at: at as u16 } } else { Sym::Reg { at, bytes: ty.bytes() as u8 } }
}

fn special(name: &str) -> Option<Special> {
    Some(match name {
        "%tid.x" => Special::Tid,
        "%ntid.x" => Special::Ntid,
        "%ctaid.x" => Special::Ctaid,
        "%nctaid.x" => Special::Nctaid,
        "%laneid" => Special::Lane,
        "%warpid" => Special::Warp,
        "%nwarpid" => Special::Warps,
        "%lanemask_eq" => Special::MaskEq,
        "%lanemask_le" => Special::MaskLe,
        "%lanemask_lt" => Special::MaskLt,
        "%lanemask_ge" => Special::MaskGe,
        "%lanemask_gt" => Special::MaskGt,
        "%dynamic_smem_size" => Special::DynamicShared,
        "%total_smem_size" => Special::TotalShared,
        "%tid.y" | "%tid.z" | "%ctaid.y" | "%ctaid.z" | "%smid" | "%gridid" => Special::Zero,
        "%ntid.y" | "%ntid.z" | "%nctaid.y" | "%nctaid.z" | "%nsmid" => Special::One,
        _ => return None,
    })
}
