//! United States, federal: marginal rates by filing status, and the rules on short sales.

mod federal;
mod rates;
mod shorts;

pub(crate) use federal::newest_row;
pub use rates::{Filing, Taxpayer, loss_limit, rates};
pub use shorts::{
    Hedge, Held, Restart, ShortSale, closes_long_term, is_constructive_sale, restarts, wash_day,
};
