//! The kernels as PTX, built from `kernels/*.cu` (see `kernels/manifest.toml`).

/// Generations of devices that the kernels are built for, oldest first: compute capability times ten.
pub const GENERATIONS: [u32; 3] = [70, 80, 90];

/// Names of the modules.
pub const MODULES: [&str; 3] = ["active_set", "ipm", "cholesky"];

/// The PTX of a module for devices of `generation` and newer.
pub fn text(module: &str, generation: u32) -> Option<&'static str> {
    Some(match (module, generation) {
        ("active_set", 70) => include_str!("../kernels/active_set_70.ptx"),
        ("active_set", 80) => include_str!("../kernels/active_set_80.ptx"),
        ("active_set", 90) => include_str!("../kernels/active_set_90.ptx"),
        ("ipm", 70) => include_str!("../kernels/ipm_70.ptx"),
        ("ipm", 80) => include_str!("../kernels/ipm_80.ptx"),
        ("ipm", 90) => include_str!("../kernels/ipm_90.ptx"),
        ("cholesky", 70) => include_str!("../kernels/cholesky_70.ptx"),
        ("cholesky", 80) => include_str!("../kernels/cholesky_80.ptx"),
        ("cholesky", 90) => include_str!("../kernels/cholesky_90.ptx"),
        _ => return None,
    })
}

/// Most bytes of shared memory that a block asks for at its start: the panels of a factorisation.
pub const SHARED_BYTES: u32 = shared_bytes(GENERATIONS[2]);

/// The same for the kernels of a generation: those without copies in the background have one stage, not three, and fit
/// into the 64 KiB of compute 7.5.
pub const fn shared_bytes(generation: u32) -> u32 {
    let stages = if generation < 80 { 1 } else { 3 };
    (stages * 64 * 24 + 64 * 72 + 64) * 8
}

/// Threads of a block.
pub const THREADS: u32 = 256;
