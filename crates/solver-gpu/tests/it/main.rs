//! The shipped kernels, run in the PTX interpreter, against the CPU's solvers.

mod active_set;
mod cholesky;
mod compare;
mod emulator;
