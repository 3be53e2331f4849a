//! Which instructions a kernel may use: a value passed down, recorded as information, never visible in a result.
//!
//! Only the files below this module hold `unsafe` code: the register tiles and the calls into functions compiled for
//! more than the target's baseline.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod compiled;
#[cfg(target_arch = "aarch64")]
mod neon;

use crate::kernel::{self, Kernels};

/// An instruction set that a kernel is compiled for.
///
/// Asking for a set that the processor lacks is safe: the next narrower one runs, and the bits are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Isa {
    /// What every processor of the target has.
    Portable,
    /// aarch64 with NEON.
    Neon,
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
        let all = [Self::Portable, Self::Neon, Self::Avx2, Self::Avx512];
        all.into_iter().filter(|isa| isa.narrowed() == *isa).collect()
    }

    /// The set itself where the processor has it, otherwise the widest narrower set that it has.
    #[must_use]
    pub fn narrowed(self) -> Self {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 if avx512::kernels().is_some() => self,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 | Self::Avx2 if avx2::kernels().is_some() => Self::Avx2,
            #[cfg(target_arch = "aarch64")]
            Self::Neon if neon::kernels().is_some() => self,
            _ => Self::Portable,
        }
    }

    /// The name that a Run records.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Neon => "neon",
            Self::Avx2 => "avx2+fma",
            Self::Avx512 => "avx512f",
        }
    }

    /// The kernels of the set, or of the widest narrower set that the processor has.
    pub(crate) fn kernels(self) -> &'static Kernels {
        #[cfg(target_arch = "x86_64")]
        let found = match self {
            Self::Portable | Self::Neon => None,
            Self::Avx2 => avx2::kernels(),
            Self::Avx512 => avx512::kernels().or_else(avx2::kernels),
        };
        #[cfg(target_arch = "aarch64")]
        let found = if self == Self::Neon { neon::kernels() } else { None };
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let found = None;
        found.unwrap_or(&kernel::PORTABLE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_set_falls_back() {
        let available = Isa::available();
        assert_eq!(available.first(), Some(&Isa::Portable));
        assert_eq!(available.last(), Some(&Isa::detect()));
        for isa in [Isa::Portable, Isa::Neon, Isa::Avx2, Isa::Avx512] {
            assert!(available.contains(&isa.narrowed()), "{}", isa.name());
        }
    }
}
