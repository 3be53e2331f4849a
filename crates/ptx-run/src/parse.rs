//! Tokens -> functions, variables and statements with operands as written.

use crate::error::Error;
use crate::instr::Ty;
use crate::lexer::{Tok, Token};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VarSpace {
    Global,
    Shared,
    Local,
    Param,
}

/// A variable as declared.
#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub(crate) name: String,
    pub(crate) space: VarSpace,
    pub(crate) align: u64,
    pub(crate) bytes: u64,
    /// `[]`: its length comes with the launch.
    pub(crate) open: bool,
    /// Bytes of the initialiser, if there is one.
    pub(crate) init: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Name(String),
    /// `name + offset` outside of brackets.
    Shifted(String, i64),
    Not(String),
    Pair(String, String),
    Int(u64),
    F32(u32),
    F64(u64),
    Group(Vec<Operand>),
    List(Vec<Operand>),
    Address(Box<Operand>, i64),
}

#[derive(Clone, Debug)]
pub(crate) struct RawInst {
    pub(crate) guard: Option<(String, bool)>,
    pub(crate) op: String,
    pub(crate) args: Vec<Operand>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Open,
    Close,
    Label(String),
    Targets(Vec<String>),
    Reg(Ty, Vec<(String, Option<u64>)>),
    Var(Var),
    Inst(RawInst),
}

#[derive(Clone, Debug)]
pub(crate) struct Stmt {
    pub(crate) line: u32,
    pub(crate) kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) struct RawFunction {
    pub(crate) name: String,
    pub(crate) entry: bool,
    pub(crate) returns: Vec<Var>,
    pub(crate) params: Vec<Var>,
    pub(crate) body: Vec<Stmt>,
}

#[derive(Default)]
pub(crate) struct RawModule {
    pub(crate) vars: Vec<Var>,
    pub(crate) functions: Vec<RawFunction>,
}

pub(crate) struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

type Res<T> = Result<T, Error>;

impl Parser {
    pub(crate) fn new(tokens: Vec<Token>) -> Self {
        Self { tokens, at: 0 }
    }

    pub(crate) fn module(mut self) -> Res<RawModule> {
        let mut out = RawModule::default();
        while self.at < self.tokens.len() {
            let line = self.line();
            let word = self.word()?;
            match word.as_str() {
                ".version" | ".target" | ".address_size" | ".file" | ".loc" => self.skip_line(line),
                ".pragma" => self.skip_past(b';')?,
                ".section" => {
                    self.skip_past(b'{')?;
                    self.skip_past(b'}')?;
                }
                ".visible" | ".weak" | ".common" | ".extern" => {}
                ".global" | ".const" | ".shared" => {
                    let space = if word == ".shared" { VarSpace::Shared } else { VarSpace::Global };
                    self.variables(space, &mut out.vars)?;
                }
                ".entry" | ".func" => {
                    if let Some(function) = self.function(word == ".entry")? {
                        out.functions.push(function);
                    }
                }
                _ => return Err(Error::Unsupported { line, what: word }),
            }
        }
        Ok(out)
    }

    fn line(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |t| t.line)
    }

    fn bad<T>(&self, wanted: &str) -> Res<T> {
        let found = self.tokens.get(self.at).map(|t| &t.tok);
        Err(Error::Syntax { line: self.line(), what: format!("{wanted} expected, found {found:?}") })
    }

    fn next(&mut self) -> Res<Tok> {
        match self.tokens.get(self.at) {
            Some(t) => {
                self.at += 1;
                Ok(t.tok.clone())
            }
            None => self.bad("more text"),
        }
    }

    fn peek(&self) -> Option<&Tok> {
        self.tokens.get(self.at).map(|t| &t.tok)
    }

    fn is(&self, mark: u8) -> bool {
        self.peek() == Some(&Tok::Mark(mark))
    }

    fn take(&mut self, mark: u8) -> bool {
        let yes = self.is(mark);
        self.at += usize::from(yes);
        yes
    }

    fn want(&mut self, mark: u8) -> Res<()> {
        if self.take(mark) { Ok(()) } else { self.bad(&format!("`{}`", mark as char)) }
    }

    fn word(&mut self) -> Res<String> {
        if let Tok::Word(w) = self.next()? {
            Ok(w)
        } else {
            self.at -= 1;
            self.bad("a word")
        }
    }

    fn int(&mut self) -> Res<u64> {
        if let Tok::Int(v) = self.next()? {
            Ok(v)
        } else {
            self.at -= 1;
            self.bad("an integer")
        }
    }

    fn signed(&mut self) -> Res<i64> {
        let minus = self.take(b'-');
        let v = self.int()?.cast_signed();
        Ok(if minus { v.wrapping_neg() } else { v })
    }

    fn skip_line(&mut self, line: u32) {
        while self.tokens.get(self.at).is_some_and(|t| t.line == line) {
            self.at += 1;
        }
    }

    fn skip_past(&mut self, mark: u8) -> Res<()> {
        while self.next()? != Tok::Mark(mark) {}
        Ok(())
    }

    /// Everything of a declaration up to its name: alignment and element type.
    fn head(&mut self) -> Res<(u64, Ty, u64)> {
        let (mut align, mut ty, mut times) = (0, None, 1);
        while let Some(Tok::Word(w)) = self.peek() {
            if !w.starts_with('.') {
                break;
            }
            let (line, w) = (self.line(), self.word()?);
            match w.as_str() {
                ".align" => align = self.int()?,
                ".v2" => times = 2,
                ".v4" => times = 4,
                ".ptr" => {
                    // What a pointer parameter points at says nothing about its own alignment.
                    while let Some(Tok::Word(w)) = self.peek() {
                        if !w.starts_with('.') {
                            break;
                        }
                        if self.word()? == ".align" {
                            self.int()?;
                        }
                    }
                }
                _ => match Ty::named(&w[1..]) {
                    Some(t) => ty = Some(t),
                    None => return Err(Error::Unsupported { line, what: w }),
                },
            }
        }
        let Some(ty) = ty else { return self.bad("a type") };
        let align = if align == 0 { ty.bytes() * times } else { align };
        if !align.is_power_of_two() || align > 4096 {
            return self.bad("an alignment that is a small power of two");
        }
        Ok((align, ty, times))
    }

    fn variable(&mut self, space: VarSpace, head: (u64, Ty, u64)) -> Res<Var> {
        let line = self.line();
        let name = self.word()?;
        let (align, ty, times) = head;
        let (mut count, mut open) = (times, false);
        while self.take(b'[') {
            if self.is(b']') {
                open = true;
                count = 0;
            } else {
                count = count.saturating_mul(self.int()?);
            }
            self.want(b']')?;
        }
        let bytes = count.saturating_mul(ty.bytes());
        let most = if matches!(space, VarSpace::Local | VarSpace::Param) { 1 << 20 } else { 1 << 34 };
        if bytes > most {
            return Err(Error::Unsupported { line, what: format!("{name} of {bytes} bytes") });
        }
        let mut init = None;
        if self.take(b'=') {
            let mut data = Vec::new();
            self.initialiser(ty, &mut data)?;
            if open {
                open = false;
            } else if data.len() as u64 > bytes {
                return Err(Error::Syntax { line, what: format!("{name} has too many initialisers") });
            }
            let len = bytes.max(data.len() as u64);
            data.resize(len as usize, 0);
            init = Some(data);
        }
        let bytes = init.as_ref().map_or(bytes, |d| d.len() as u64);
        Ok(Var { name, space, align, bytes, open, init })
    }

    fn initialiser(&mut self, ty: Ty, out: &mut Vec<u8>) -> Res<()> {
        if self.take(b'{') {
            while !self.take(b'}') {
                self.initialiser(ty, out)?;
                self.take(b',');
            }
            return Ok(());
        }
        let line = self.line();
        let minus = self.take(b'-');
        let bits = match (self.next()?, ty) {
            (Tok::Int(v), _) | (Tok::F64(v), Ty::B64 | Ty::U64 | Ty::S64 | Ty::F64) => v,
            (Tok::F32(v), _) => u64::from(v),
            (Tok::F64(v), Ty::F32) => u64::from((f64::from_bits(v) as f32).to_bits()),
            (other, _) => return Err(Error::Unsupported { line, what: format!("initialiser {other:?}") }),
        };
        let bits = match ty {
            Ty::F64 if minus => bits ^ (1 << 63),
            Ty::F32 if minus => bits ^ (1 << 31),
            _ if minus => bits.wrapping_neg(),
            _ => bits,
        };
        out.extend_from_slice(&bits.to_le_bytes()[..ty.bytes() as usize]);
        Ok(())
    }

    fn variables(&mut self, space: VarSpace, out: &mut Vec<Var>) -> Res<()> {
        let head = self.head()?;
        loop {
            out.push(self.variable(space, head)?);
            if !self.take(b',') {
                return self.want(b';');
            }
        }
    }

    fn params(&mut self) -> Res<Vec<Var>> {
        let mut out = Vec::new();
        self.want(b'(')?;
        while !self.take(b')') {
            let line = self.line();
            let word = self.word()?;
            if word != ".param" {
                return Err(Error::Unsupported { line, what: format!("{word} as a parameter") });
            }
            let head = self.head()?;
            out.push(self.variable(VarSpace::Param, head)?);
            self.take(b',');
        }
        Ok(out)
    }

    /// A function; nothing for a declaration without a body.
    fn function(&mut self, entry: bool) -> Res<Option<RawFunction>> {
        let returns = if self.is(b'(') { self.params()? } else { Vec::new() };
        let name = self.word()?;
        let params = if self.is(b'(') { self.params()? } else { Vec::new() };
        while !self.is(b'{') && !self.is(b';') {
            self.next()?;
        }
        if self.take(b';') {
            return Ok(None);
        }
        self.want(b'{')?;
        let body = self.body()?;
        Ok(Some(RawFunction { name, entry, returns, params, body }))
    }

    fn body(&mut self) -> Res<Vec<Stmt>> {
        let mut out = Vec::new();
        let mut depth = 1;
        loop {
            let line = self.line();
            if self.take(b'{') {
                depth += 1;
                out.push(Stmt { line, kind: Kind::Open });
                continue;
            }
            if self.take(b'}') {
                depth -= 1;
                if depth == 0 {
                    return Ok(out);
                }
                out.push(Stmt { line, kind: Kind::Close });
                continue;
            }
            if self.take(b';') {
                continue;
            }
            let guard = if self.take(b'@') {
                let not = self.take(b'!');
                Some((self.word()?, not))
            } else {
                None
            };
            let word = self.word()?;
            if guard.is_none() && self.take(b':') {
                out.push(Stmt { line, kind: Kind::Label(word) });
            } else if guard.is_none() && word.starts_with('.') {
                self.directive(&word, line, &mut out)?;
            } else {
                let args = self.operands(b';')?;
                out.push(Stmt { line, kind: Kind::Inst(RawInst { guard, op: word, args }) });
            }
        }
    }

    fn directive(&mut self, word: &str, line: u32, out: &mut Vec<Stmt>) -> Res<()> {
        let space = match word {
            ".loc" | ".file" => {
                self.skip_line(line);
                return Ok(());
            }
            ".pragma" => return self.skip_past(b';'),
            ".reg" => return self.registers(line, out),
            ".branchtargets" => {
                let mut names = Vec::new();
                loop {
                    names.push(self.word()?);
                    if !self.take(b',') {
                        break;
                    }
                }
                out.push(Stmt { line, kind: Kind::Targets(names) });
                return self.want(b';');
            }
            ".local" => VarSpace::Local,
            ".shared" => VarSpace::Shared,
            ".global" | ".const" => VarSpace::Global,
            ".param" => VarSpace::Param,
            _ => return Err(Error::Unsupported { line, what: word.to_owned() }),
        };
        let mut vars = Vec::new();
        self.variables(space, &mut vars)?;
        out.extend(vars.into_iter().map(|v| Stmt { line, kind: Kind::Var(v) }));
        Ok(())
    }

    fn registers(&mut self, line: u32, out: &mut Vec<Stmt>) -> Res<()> {
        let word = self.word()?;
        let Some(ty) = Ty::named(word.trim_start_matches('.')) else {
            return Err(Error::Unsupported { line, what: format!(".reg {word}") });
        };
        let mut names = Vec::new();
        loop {
            let name = self.word()?;
            let count = if self.take(b'<') {
                let n = self.int()?;
                self.want(b'>')?;
                Some(n)
            } else {
                None
            };
            if count.is_some_and(|n| n > 1 << 20) {
                return self.bad("a smaller number of registers");
            }
            names.push((name, count));
            if !self.take(b',') {
                break;
            }
        }
        self.want(b';')?;
        out.push(Stmt { line, kind: Kind::Reg(ty, names) });
        Ok(())
    }

    fn operands(&mut self, end: u8) -> Res<Vec<Operand>> {
        let mut out = Vec::new();
        while !self.take(end) {
            out.push(self.operand()?);
            if !self.is(end) {
                self.want(b',')?;
            }
        }
        Ok(out)
    }

    fn operand(&mut self) -> Res<Operand> {
        if self.take(b'{') {
            return Ok(Operand::Group(self.operands(b'}')?));
        }
        if self.take(b'(') {
            return Ok(Operand::List(self.operands(b')')?));
        }
        if self.take(b'[') {
            let base = self.operand()?;
            self.want(b']')?;
            return Ok(match base {
                Operand::Shifted(name, by) => Operand::Address(Box::new(Operand::Name(name)), by),
                other => Operand::Address(Box::new(other), 0),
            });
        }
        if self.take(b'!') {
            return Ok(Operand::Not(self.word()?));
        }
        if self.is(b'-') {
            self.at += 1;
            return match self.next()? {
                Tok::Int(v) => Ok(Operand::Int(v.wrapping_neg())),
                Tok::F32(v) => Ok(Operand::F32(v ^ (1 << 31))),
                Tok::F64(v) => Ok(Operand::F64(v ^ (1 << 63))),
                _ => self.bad("a number"),
            };
        }
        match self.next()? {
            Tok::Int(v) => Ok(Operand::Int(v)),
            Tok::F32(v) => Ok(Operand::F32(v)),
            Tok::F64(v) => Ok(Operand::F64(v)),
            Tok::Word(name) => {
                if self.take(b'|') {
                    return Ok(Operand::Pair(name, self.word()?));
                }
                if self.take(b'+') {
                    return Ok(Operand::Shifted(name, self.signed()?));
                }
                if self.is(b'-') {
                    return Ok(Operand::Shifted(name, self.signed()?));
                }
                Ok(Operand::Name(name))
            }
            _ => {
                self.at -= 1;
                self.bad("an operand")
            }
        }
    }
}
