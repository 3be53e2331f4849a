//! Every fast kernel against its plain loop, bit by bit.

mod hostile;
mod prop_cholesky;
mod prop_products;
mod prop_system;
