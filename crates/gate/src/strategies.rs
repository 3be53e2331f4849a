//! Compiled strategies that scenarios name.

use samebits_executor::{Context, Event, Kind, Message, NewOrder, Report, Side, Strategy, TimeInForce, What};

/// Quotes both sides of one symbol, `behind` ticks from the best prices it has seen, anew every so often, within a
/// position limit.
#[derive(Debug, Clone)]
pub struct QuoteMaker {
    name: String,
    symbol: String,
    lots: i64,
    every_ns: i64,
    behind: i64,
    limit: i64,
    number: Option<u16>,
    best: [Option<i64>; 2],
    next: i64,
    orders: u64,
    position: i64,
}

impl QuoteMaker {
    /// A quote maker of `lots` a side.
    pub fn new(name: &str, symbol: &str, lots: i64, every_ns: i64, behind: i64, limit: i64) -> Self {
        Self {
            name: name.to_owned(),
            symbol: symbol.to_owned(),
            lots,
            every_ns,
            behind,
            limit,
            number: None,
            best: [None; 2],
            next: i64::MIN,
            orders: 0,
            position: 0,
        }
    }

    fn quote(&mut self, symbol: u16, context: &mut Context<'_>) {
        context.send(Message::CancelAll { symbol });
        for (side, best) in [(Side::Buy, self.best[0]), (Side::Sell, self.best[1])] {
            let Some(best) = best else { continue };
            if side.sign() * self.position >= self.limit {
                continue;
            }
            self.orders += 1;
            let price = side.worse(best, -self.behind);
            let order = NewOrder::limit(self.orders, side, self.lots, price);
            context.send(Message::New(NewOrder { symbol, tif: TimeInForce::Day, ..order }));
        }
    }
}

impl Strategy for QuoteMaker {
    fn name(&self) -> &str {
        &self.name
    }

    fn on_start(&mut self, context: &mut Context<'_>) {
        self.number = context.symbol(&self.symbol);
    }

    fn on_event(&mut self, event: &Event, context: &mut Context<'_>) {
        let Some(symbol) = self.number.filter(|number| *number == event.symbol) else { return };
        if let (Kind::Trade, Some(aggressor)) = (event.kind, event.side) {
            // A buyer's trade was at the ask, a seller's at the bid.
            let seen = match aggressor {
                Side::Buy => 1,
                Side::Sell => 0,
            };
            self.best[seen] = Some(event.price);
            if let [Some(bid), Some(ask)] = self.best
                && bid >= ask
            {
                self.best[1 - seen] = None;
            }
        }
        if context.now >= self.next && self.best.iter().all(Option::is_some) {
            self.next = context.now + self.every_ns;
            self.quote(symbol, context);
        }
    }

    fn on_report(&mut self, report: &Report, _: &mut Context<'_>) {
        if report.what == What::Filled {
            self.position += report.side.sign() * report.qty;
        }
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}
