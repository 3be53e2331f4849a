//! What a Run holds: the pinned question, the method, the answer, and information about the machine.
//!
//! These are the types that cross the disk. Every field has an explicit width; an absent value is an `Option`.

mod account;
mod action;
mod event;
mod kept;
mod law;
mod market;
mod params;
mod result;
mod run;

pub use account::{
    Account, Applied, Carry, Holder, Income, Lock, Lot, OutsidePurchase, Purchase, RateChange, Rates,
    Realised, ShortLot,
};
pub use action::{Action, ActionKind};
pub use event::{CashReason, Event};
pub use kept::{Derive, Given, Kept};
pub use law::{Grandfather, Jurisdiction, Law, Levies, LotRule, Netting, System, WashRule};
pub use market::{Benchmark, ExecutionTape, FactorModel, Market, Matrix32, RiskModel, Schedule, Security};
pub use params::{Params, Setting, Source, Value};
pub use result::{
    Active, Certificate, Executed, Finish, Harvest, Identity, Netted, Outcome, ParentFill, Parts, Rounding,
    Row, RowKind, Side, Stages, Status, Tax, Totals, Trade, TradeSide,
};
pub use run::{Info, Inputs, Method, Question, Run};
