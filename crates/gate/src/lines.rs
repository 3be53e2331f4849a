//! Which lines two texts do not share.
//!
//! One algorithm over one type: a comparison of texts in general comes with every algorithm for every kind of text, and made a
//! thirtieth of the whole program.

use similar::algorithms::{DiffHook, patience};

/// Lines of each text that the other one does not have at that place, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Lines<'t> {
    pub(crate) missing: Vec<&'t str>,
    pub(crate) extra: Vec<&'t str>,
}

impl<'t> Lines<'t> {
    /// What of `expected` is missing in `found`, and what `found` has besides.
    pub(crate) fn between(expected: &'t str, found: &'t str) -> Self {
        let old: Vec<&str> = expected.split_inclusive('\n').collect();
        let new: Vec<&str> = found.split_inclusive('\n').collect();
        let mut hook = Hook { old: &old, new: &new, lines: Self::default() };
        match patience::diff(&mut hook, old.as_slice(), 0..old.len(), new.as_slice(), 0..new.len()) {
            Ok(()) => hook.lines,
            Err(never) => match never {},
        }
    }
}

struct Hook<'a, 't> {
    old: &'a [&'t str],
    new: &'a [&'t str],
    lines: Lines<'t>,
}

impl DiffHook for Hook<'_, '_> {
    type Error = std::convert::Infallible;

    fn delete(&mut self, old: usize, length: usize, _new: usize) -> Result<(), Self::Error> {
        self.lines.missing.extend(&self.old[old..old + length]);
        Ok(())
    }

    fn insert(&mut self, _old: usize, new: usize, length: usize) -> Result<(), Self::Error> {
        self.lines.extra.extend(&self.new[new..new + length]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_shared() {
        for (expected, found, missing, extra) in [
            ("", "", vec![], vec![]),
            ("a\nb\nc\n", "a\nb\nc\n", vec![], vec![]),
            ("a\nb\nc\n", "a\nc\n", vec!["b\n"], vec![]),
            ("a\nc\n", "a\nb\nc\n", vec![], vec!["b\n"]),
            ("a\nb\nc\nd\n", "a\nx\nc\ny\nz\n", vec!["b\n", "d\n"], vec!["x\n", "y\n", "z\n"]),
            ("a\n", "", vec!["a\n"], vec![]),
            ("a\n", "a", vec!["a\n"], vec!["a"]),
        ] {
            assert_eq!(Lines::between(expected, found), Lines { missing, extra }, "{expected:?} {found:?}");
        }
    }
}
