//! What a Run holds: the pinned question, the method, the answer, and information about the machine.
//!
//! These are the types that cross the disk. Every field has an explicit width; an absent value is an `Option`.

mod account;
mod market;
mod params;
mod result;
mod run;

pub use account::{Account, Carry, Lock, Lot, Rates, Realised};
pub use market::{
    Benchmark, ExecutionTape, FactorModel, Law, Market, Matrix32, RiskModel, Schedule, Security,
};
pub use params::{Params, Setting, Source, Value};
pub use result::{
    Active, Certificate, Event, Executed, Finish, Harvest, Outcome, ParentFill, Parts, Rounding, Row,
    RowKind, Side, Stages, Status, Tax, Totals, Trade, TradeSide,
};
pub use run::{Info, Inputs, Method, Question, Run};
