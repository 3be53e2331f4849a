//! Parameters with where each value came from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A full set of parameters after the merge of all overrides.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Params {
    /// By name.
    pub settings: BTreeMap<String, Setting>,
}

/// One value and its origin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value in force.
    pub value: Value,
    /// The layer that set it.
    pub source: Source,
}

/// A parameter's value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing: the rule is off.
    Off,
    /// A switch.
    Flag(bool),
    /// A count, or an exact amount in the unit that the name ends with.
    Integer(i64),
    /// A coefficient of the optimisation.
    Real(f64),
    /// A name.
    Text(String),
    /// Names.
    List(Vec<String>),
}

/// The layer that a value comes from; a later one wins.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Built in.
    Default,
    /// The strategy of this name.
    Strategy(String),
    /// The account's own setting.
    Account(String),
    /// An override of this one date, with its reason.
    Override(String),
}
