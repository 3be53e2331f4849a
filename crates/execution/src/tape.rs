//! The events of one security's bar.

use samebits_executor::{Event, Kind};
use samebits_snapshot::record::ExecutionTape;

/// Micros of a share.
const SHARE: i64 = 1_000_000;

/// Four rows: the open, the nearer extreme, the other one, the close; at 0, 1, 2 and 3 ns.
pub(crate) fn bar(tape: &ExecutionTape, at: usize) -> Result<[Event; 4], String> {
    let [open, high, low, close] =
        [&tape.open, &tape.high, &tape.low, &tape.close].map(|prices| prices[at].e8());
    if low <= 0 || high < open.max(close) || low > open.min(close) {
        return Err(format!("the bar {open}, {high}, {low}, {close} (1e-8) has its high or low inside"));
    }
    let volume = i64::try_from(tape.volume[at]).ok().and_then(|shares| shares.checked_mul(SHARE));
    let qty = volume.ok_or_else(|| format!("volume {} is out of range", tape.volume[at]))?;
    let middle = if high - open < open - low {
        [(Kind::BarHigh, high), (Kind::BarLow, low)]
    } else {
        [(Kind::BarLow, low), (Kind::BarHigh, high)]
    };
    let path = [(Kind::BarOpen, open), middle[0], middle[1], (Kind::BarClose, close)];
    let mut time = 0;
    Ok(path.map(|(kind, price)| {
        let event = Event { price, qty, sequence: time as u64, ..Event::new(time, kind) };
        time += 1;
        event
    }))
}
