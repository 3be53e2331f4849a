//! How large a file may be, and what reading it may take.

use std::io::{Error, Read};

/// Limits of a reader of one file. Nothing that a file says makes a reader take more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of a file, after decompression.
    pub content: u64,
    /// Most bytes of a line with its end; a line break inside of quotes does not end a line.
    pub line: u64,
    /// Most fields of a line.
    pub fields: u64,
    /// Bytes that the file and what is made of it may come to. Reading takes at most twice as many, since lists grow by
    /// doubling.
    pub memory: u64,
}

/// Bytes of content that a file may have by default, after decompression: about 20 years of 5,000 names.
pub const CONTENT_BYTES_MAX: u64 = 256 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self { content: CONTENT_BYTES_MAX, line: 1 << 20, fields: 20_001, memory: 1 << 30 }
    }
}

/// A file of a reader: how errors call it, and its limits. A name alone has the default limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// Stands for the file in errors.
    pub name: &'a str,
    /// How large it may be.
    pub limits: Limits,
}

impl<'a> From<&'a str> for Named<'a> {
    fn from(name: &'a str) -> Self {
        Self { name, limits: Limits::default() }
    }
}

impl<'a> From<&'a String> for Named<'a> {
    fn from(name: &'a String) -> Self {
        name.as_str().into()
    }
}

/// Bytes that are read ahead of the line that is being looked at.
pub(crate) const AHEAD: usize = 1 << 13;

/// What was more than a limit allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Excess {
    Content,
    Line,
}

/// Bytes of a file as far as its limits allow.
pub(crate) struct Bounded<R> {
    from: R,
    limits: Limits,
    /// Bytes that the file, and the line, may still have; of a line also those read ahead.
    content: u64,
    line: u64,
    /// Why reading stopped.
    pub(crate) excess: Option<Excess>,
}

impl<R: Read> Bounded<R> {
    pub(crate) fn new(from: R, limits: Limits) -> Self {
        let mut bounded = Self { from, limits, content: limits.content, line: 0, excess: None };
        bounded.next_line();
        bounded
    }

    /// A line begins.
    pub(crate) fn next_line(&mut self) {
        self.line = self.limits.line.saturating_add(AHEAD as u64);
    }

    fn take(left: &mut u64, count: u64) -> bool {
        let after = left.checked_sub(count);
        *left = after.unwrap_or(0);
        after.is_some()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.from.read(into)?;
        if !Self::take(&mut self.content, count as u64) {
            self.excess = Some(Excess::Content);
        } else if !Self::take(&mut self.line, count as u64) {
            self.excess = Some(Excess::Line);
        }
        if self.excess.is_some() { Err(Error::other("beyond its limits")) } else { Ok(count) }
    }
}
