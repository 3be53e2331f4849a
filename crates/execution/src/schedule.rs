//! Schedules: how a parent order is cut into child orders.

use samebits_executor::{Context, Event, Message, NewOrder, Side, Strategy};
use samebits_snapshot::record::Schedule;

/// Prints of a bar.
const PRINTS: i64 = 4;
const PPM: i128 = 1_000_000;

/// A parent order that sends market orders as its schedule says.
#[derive(Debug, Clone)]
pub(crate) struct Child {
    side: Side,
    total: i64,
    schedule: Schedule,
    sent: i64,
    prints: i64,
}

impl Child {
    pub(crate) const fn new(side: Side, total: i64, schedule: Schedule) -> Self {
        Self { side, total, schedule, sent: 0, prints: 0 }
    }

    /// Lots that should have been sent after this print of `volume` lots.
    fn due(&self, volume: i64) -> i64 {
        match self.schedule {
            Schedule::Close if self.prints == PRINTS => self.total,
            Schedule::Close => 0,
            Schedule::Vwap => (i128::from(self.total) * i128::from(self.prints) / i128::from(PRINTS)) as i64,
            Schedule::Participation(ppm) => {
                let quarter = volume / PRINTS;
                let part = (i128::from(quarter) * i128::from(ppm) / PPM) as i64;
                (self.sent + part).min(self.total)
            }
        }
    }
}

impl Strategy for Child {
    fn name(&self) -> &'static str {
        "parent"
    }

    fn on_event(&mut self, event: &Event, context: &mut Context<'_>) {
        self.prints += 1;
        let lots = self.due(event.qty) - self.sent;
        if lots > 0 {
            self.sent += lots;
            let order = NewOrder::market(self.prints as u64, self.side, lots);
            context.send(Message::New(NewOrder { symbol: event.symbol, ..order }));
        }
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}
