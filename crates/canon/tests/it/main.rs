//! Kernels against the plain loops of their clauses.

mod prop_kernels;
