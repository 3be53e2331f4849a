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

/// Bytes of shared memory that a block asks for at its start: the panels of a factorisation.
pub const SHARED_BYTES: u32 = (3 * 64 * 24 + 64 * 72 + 64) * 8;
/// Threads of a block.
pub const THREADS: u32 = 256;
