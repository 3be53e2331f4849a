//! Which instructions a kernel may use: a value passed down, recorded as information, never visible in a result. The
//! kernels that need `unsafe` live below this module.

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

/// An instruction set that a kernel is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isa {
    /// What every processor of the target has.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512F.
    Avx512,
}

impl Isa {
    /// The widest set that this processor has. Call it once, at the top of a program.
    pub fn detect() -> Self {
        Self::available().last().copied().unwrap_or(Self::Portable)
    }

    /// Every set that this processor has, narrowest first.
    pub fn available() -> Vec<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            let mut sets = vec![Self::Portable];
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                sets.push(Self::Avx2);
                if std::arch::is_x86_feature_detected!("avx512f") {
                    sets.push(Self::Avx512);
                }
            }
            sets
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            vec![Self::Portable]
        }
    }

    /// This set if the processor has it, otherwise the widest narrower one: asking for too much is slow, never wrong.
    #[must_use]
    pub fn or_narrower(self) -> Self {
        let available = Self::available();
        if available.contains(&self) { self } else { available.last().copied().unwrap_or(Self::Portable) }
    }

    /// The name that a Run records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Avx2 => "avx2+fma",
            Self::Avx512 => "avx512f",
        }
    }
}
