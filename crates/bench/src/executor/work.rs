//! The work that everyone is given.

use samebits_executor::{Context, Event, Message, NewOrder, Side, Strategy};

/// An order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) side: Side,
    pub(crate) price: i64,
    pub(crate) qty: i64,
}

/// An order or a cancel.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Limit(Order),
    Cancel(u64),
}

fn random(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// Two million limit orders of 1 to 5 lots, uniform within 50 ticks of 10,000.
pub(crate) fn crossing() -> Vec<Order> {
    let mut next = random(0x1234_abcd);
    (1..=2_000_000)
        .map(|id| {
            let draw = next();
            let side = if draw & 1 == 1 { Side::Buy } else { Side::Sell };
            let price = 10_000 + (draw >> 1) as i64 % 101 - 50;
            Order { id, side, price, qty: 1 + (draw >> 10) as i64 % 5 }
        })
        .collect()
}

/// Five million operations around a spread of two ticks: 48 % join one of 40 levels, 46 % cancel one of the last 4,000,
/// 6 % take.
pub(crate) fn mixed() -> Vec<Step> {
    let mut next = random(77);
    let mut id = 0;
    (0..5_000_000)
        .map(|_| {
            let draw = next();
            let side = if (draw >> 8) & 1 == 1 { Side::Buy } else { Side::Sell };
            let kind = draw % 100;
            if (48..94).contains(&kind) && id > 0 {
                let back = ((draw >> 16) % 4_000).min(id - 1);
                return Step::Cancel(id - back);
            }
            id += 1;
            let qty = 1 + (draw >> 40) as i64 % if kind < 48 { 9 } else { 20 };
            let price = if kind < 48 {
                10_000 - side.sign() * (1 + (draw >> 16) as i64 % 40)
            } else {
                10_000 + side.sign() * 10
            };
            Step::Limit(Order { id, side, price, qty })
        })
        .collect()
}

/// Orders that rest a few per cent from the first trade and stay there.
#[derive(Debug, Clone)]
pub(crate) struct Resting {
    orders: i64,
    done: bool,
}

impl Resting {
    pub(crate) const fn new(orders: i64) -> Self {
        Self { orders, done: false }
    }
}

impl Strategy for Resting {
    fn name(&self) -> &'static str {
        "resting"
    }

    fn on_event(&mut self, event: &Event, context: &mut Context<'_>) {
        if self.done || event.kind != samebits_executor::Kind::Trade {
            return;
        }
        self.done = true;
        for number in 0..self.orders {
            let side = if number % 2 == 0 { Side::Buy } else { Side::Sell };
            let price = event.price - side.sign() * (event.price / 20 + number / 2);
            let order = NewOrder::limit(1 + number as u64, side, 5, price);
            context.send(Message::New(NewOrder { symbol: event.symbol, ..order }));
        }
    }

    fn fork(&self) -> Box<dyn Strategy> {
        Box::new(self.clone())
    }
}
