//! The shipped kernels, run in the PTX interpreter, against the CPU's solvers.

mod cholesky;
mod compare;
mod emulator;
mod loss;
mod mutants;
mod parity;
mod parity_edges;
mod parity_machine;
mod planning;
mod scene;
mod stand;
mod watch;
