//! The verdict over many Runs.

/// What a command concludes from all its Runs: the worst of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conclusion {
    /// Every Run has the same bits.
    Identical,
    /// Every solver gives the same bits, unless more than one state describes the optimum.
    SameBits,
    /// The same trades and taxes, weights within 1e-8.
    Equivalent,
    /// Another decision.
    Diverged,
    /// Answers to one question differ from each other.
    Disagree,
    /// Something could not be decided.
    NotCompared,
    /// Not every Run has an answer.
    Incomplete,
    /// No Run was there.
    Nothing,
    /// The evidence itself is broken.
    Damaged,
}

impl Conclusion {
    /// As it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identical => "IDENTICAL",
            Self::SameBits => "SAME BITS",
            Self::Equivalent => "EQUIVALENT",
            Self::Diverged => "DIVERGED",
            Self::Disagree => "DISAGREE",
            Self::NotCompared => "NOT COMPARED",
            Self::Incomplete => "INCOMPLETE",
            Self::Nothing => "NOTHING",
            Self::Damaged => "DAMAGED",
        }
    }
}

impl std::fmt::Display for Conclusion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
