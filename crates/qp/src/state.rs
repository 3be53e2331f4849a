//! The state of an answer: which limits hold, as small integers. It decides the weights.

use crate::{Error, Problem};

/// A trade variable at zero.
pub const AT_ZERO: u8 = 0;
/// A trade variable between its bounds.
pub const BETWEEN: u8 = 1;
/// A trade variable at its upper bound.
pub const AT_UPPER: u8 = 2;

/// For each limit of a problem, whether it holds. Given the state, the optimum solves one system of linear equations (and
/// with a binding cap one quadratic equation), so an answer can be rebuilt and checked from its state without a search.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// One a trade variable: [`AT_ZERO`], [`BETWEEN`], [`AT_UPPER`].
    pub trades: Vec<u8>,
    /// One an asset: -1 its weight is at the lower bound, 0 at none, 1 at the upper bound.
    pub bounds: Vec<i8>,
    /// One a row: -1 it is at its lower limit, 0 at none, 1 at its upper limit.
    pub rows: Vec<i8>,
}

impl State {
    /// Whether this can be a state of `problem`.
    ///
    /// # Errors
    /// The first entry that cannot be: a wrong length, an unknown code, a limit that is infinite.
    pub fn check(&self, problem: &Problem) -> Result<(), Error> {
        let lengths = [
            ("state.trades", self.trades.len(), problem.trades.len()),
            ("state.bounds", self.bounds.len(), problem.n()),
            ("state.rows", self.rows.len(), problem.rows.len()),
        ];
        for (what, found, expected) in lengths {
            if found != expected {
                return Err(Error::Shape { what: what.to_owned(), found, expected });
            }
        }
        let wrong =
            |what: &str, index: usize, value: f64| Error::Value { what: what.to_owned(), index, value };
        for (index, (&code, trade)) in self.trades.iter().zip(&problem.trades).enumerate() {
            if code > AT_UPPER || (code == AT_UPPER && trade.upper == f64::INFINITY) {
                return Err(wrong("state.trades", index, f64::from(code)));
            }
        }
        let side = |code: i8, lower: f64, upper: f64| match code {
            -1 => lower > f64::NEG_INFINITY,
            0 => true,
            1 => upper < f64::INFINITY,
            _ => false,
        };
        for (index, &code) in self.bounds.iter().enumerate() {
            if !side(code, problem.lower[index], problem.upper[index]) {
                return Err(wrong("state.bounds", index, f64::from(code)));
            }
        }
        for (index, (&code, row)) in self.rows.iter().zip(&problem.rows).enumerate() {
            if !side(code, row.lower, row.upper) {
                return Err(wrong("state.rows", index, f64::from(code)));
            }
        }
        Ok(())
    }
}
