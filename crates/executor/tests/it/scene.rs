//! Generated tapes and strategies.

use proptest::prelude::*;
use samebits_executor::{
    Context, Crossed, Engine, Event, Instrument, Kind, Market, Message, NewOrder, OrderSummary, Report,
    Rules, Side, Through, TimeInForce, run,
};

/// A strategy that sends what it is told at the times it is told.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) messages: Vec<(i64, Message)>,
}

impl samebits_executor::Strategy for Plan {
    fn name(&self) -> &str {
        &self.name
    }

    fn on_start(&mut self, context: &mut Context<'_>) {
        for (number, (time, _)) in self.messages.iter().enumerate() {
            context.wake_at(*time, number as u64);
        }
    }

    fn on_event(&mut self, _: &Event, _: &mut Context<'_>) {}

    fn on_timer(&mut self, token: u64, context: &mut Context<'_>) {
        let mut message = self.messages[token as usize].1;
        let number = context.symbol("X").unwrap_or_default();
        match &mut message {
            Message::New(order) => order.symbol = number,
            Message::Cancel { symbol, .. }
            | Message::Replace { symbol, .. }
            | Message::CancelAll { symbol } => {
                *symbol = number;
            }
        }
        context.send(message);
    }

    fn fork(&self) -> Box<dyn samebits_executor::Strategy> {
        Box::new(self.clone())
    }
}

/// A tape and two strategies.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) events: Vec<Event>,
    pub(crate) plans: Vec<Plan>,
    pub(crate) rules: Rules,
}

pub(crate) struct Played {
    pub(crate) engine: Engine,
    pub(crate) reports: Vec<Report>,
}

impl Scene {
    pub(crate) fn engine(&self) -> Engine {
        let plans =
            self.plans.iter().map(|plan| Box::new(plan.clone()) as Box<dyn samebits_executor::Strategy>);
        Engine::new(vec![(Instrument::new("X"), self.rules.clone())], plans.collect())
    }

    pub(crate) fn play(&self) -> Played {
        let mut engine = self.engine();
        let mut reports = Vec::new();
        run(&mut engine, &self.events, &mut reports).unwrap();
        Played { engine, reports }
    }
}

impl Played {
    pub(crate) fn orders(&self) -> Vec<OrderSummary> {
        self.engine.orders()
    }
}

const MID: i64 = 100;

/// A book that never crosses itself, and trades at or near its prices.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let row = (any::<bool>(), 1_i64..6, 0_i64..30, 0_u8..8, 1_i64..25);
    prop::collection::vec(row, 1..40).prop_map(|rows| {
        let mut all = Vec::with_capacity(rows.len());
        for (time, (buy, depth, shown, what, traded)) in (10_i64..).step_by(10).zip(rows) {
            let side = if buy { Side::Buy } else { Side::Sell };
            let price = MID - side.sign() * depth;
            let base = Event { sequence: time as u64, ..Event::new(time, Kind::Level) };
            all.push(if what < 5 {
                Event { price, qty: shown, side: Some(side), ..base }
            } else {
                // A trade at a resting price is made by the other side; now and then nobody says who it was.
                let aggressor = (what != 7).then(|| side.opposite());
                Event { kind: Kind::Trade, price, qty: traded, side: aggressor, ..base }
            });
        }
        all
    })
}

fn messages() -> impl Strategy<Value = Vec<(i64, Message)>> {
    let order = (0_i64..400, any::<bool>(), 1_i64..30, -6_i64..6, 0_u8..10, 0_u64..6);
    prop::collection::vec(order, 0..8).prop_map(|orders| {
        let mut all = Vec::new();
        for (id, (time, buy, qty, offset, what, other)) in (1..).zip(orders) {
            let side = if buy { Side::Buy } else { Side::Sell };
            let limit = NewOrder::limit(id, side, qty, MID + offset);
            let message = match what {
                0 => Message::Cancel { symbol: 0, id: other },
                1 => Message::Replace { symbol: 0, id: other, qty, price: MID + offset },
                2 => Message::New(NewOrder::market(id, side, qty)),
                3 => Message::New(NewOrder { tif: TimeInForce::Ioc, ..limit }),
                4 => Message::New(NewOrder { tif: TimeInForce::FokAny, ..limit }),
                5 => Message::New(NewOrder { display: Some(1 + qty / 3), ..limit }),
                _ => Message::New(limit),
            };
            all.push((time, message));
        }
        all
    })
}

pub(crate) fn scenes() -> impl Strategy<Value = Scene> {
    let queue = prop::sample::select(samebits_executor::QueueModel::ALL.to_vec());
    (events(), messages(), messages(), queue, any::<bool>()).prop_map(
        |(events, first, second, queue, certain)| {
            let plan = |name: &str, messages| Plan { name: name.to_owned(), messages };
            let mut rules = Rules::new(Market::Levels);
            rules.queue = queue;
            rules.crossed = Crossed::Allow;
            rules.through = if certain { Through::Certain } else { Through::Evidence };
            Scene { events, plans: vec![plan("alpha", first), plan("beta", second)], rules }
        },
    )
}
