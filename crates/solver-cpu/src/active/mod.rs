//! The backend `active-set/1`, and the canonical finish.
//!
//! A [`State`] says which limits hold; it decides the weights ([`point`]). The search starts from a state, moves to its
//! optimum, changes whatever is on the wrong side there ([`moves`]), and repeats until nothing is: a semismooth Newton
//! method on the assets' piecewise-linear curves. Answers are then recomputed from the state alone, so they carry the same
//! bits whoever found the state. The method has no proof of convergence; a search that does not end goes to `ipm/1`, whose
//! answer is finished in the same way.

mod engine;
mod layout;
mod moves;
mod point;
mod sigma;

pub use engine::ActiveSet;
