//! Positions and cash of a strategy in one symbol.

/// What a strategy holds of a symbol. Cash is exact: ticks times lots, never rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// Lots held; negative when short.
    pub position: i64,
    /// Money received less money paid, in ticks times lots, fees aside.
    pub cash: i128,
    /// Fees paid in minor units; negative for rebates.
    pub fees: i128,
    /// Dividends received in minor units.
    pub dividends: i128,
    /// Lots traded, both ways.
    pub traded: i128,
    /// Fills.
    pub fills: u64,
}
