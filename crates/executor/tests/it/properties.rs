//! The fourteen properties of `docs/tape.md`, by their numbers there.

use crate::scene::{Plan, Played, Scene, scenes};
use proptest::prelude::*;
use samebits_executor::{
    Event, Kind, Latency, Liquidity, Message, NewOrder, Pricing, QueueModel, Report, Rule, Side, State, What,
    run,
};
use std::collections::BTreeMap;

const CASES: u32 = 4_000;

fn fills(played: &Played) -> impl Iterator<Item = &Report> {
    played.reports.iter().filter(|report| report.what == What::Filled)
}

/// What a report says, without the numbers of symbols and strategies.
fn content(played: &Played, of: &str) -> Vec<Vec<u8>> {
    let own = |report: &&Report| played.engine.strategy(report.owner) == of;
    played.reports.iter().filter(own).map(|report| report.bytes().to_vec()).collect()
}

/// The limit of every order that has one, by strategy and number; the last replace counts.
fn is_within(scene: &Scene, played: &Played, fill: &Report) -> bool {
    let plan = scene.plans.iter().find(|plan| plan.name == played.engine.strategy(fill.owner)).unwrap();
    let mut worst: Option<i64> = None;
    for (_, message) in &plan.messages {
        let price = match message {
            Message::New(order) if order.id == fill.order => match order.pricing {
                Pricing::Limit(price) => price,
                _ => return true,
            },
            Message::Replace { id, price, .. } if *id == fill.order => *price,
            _ => continue,
        };
        let worse = |held: i64| if fill.side == Side::Buy { price > held } else { price < held };
        if worst.is_none_or(worse) {
            worst = Some(price);
        }
    }
    worst.is_none_or(|worst| if fill.side == Side::Buy { fill.price <= worst } else { fill.price >= worst })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..ProptestConfig::default() })]

    #[test]
    fn p1_conservation(scene in scenes()) {
        let played = scene.play();
        let mut crossed = 0_i64;
        let mut by_event: BTreeMap<(u64, i64, bool), i64> = BTreeMap::new();
        for fill in fills(&played) {
            if fill.counterparty.is_some() {
                crossed += fill.side.sign() * fill.qty;
            }
            if fill.rule == Rule::Queue {
                *by_event.entry((fill.evidence, fill.price, fill.side == Side::Buy)).or_default() += fill.qty;
            }
        }
        prop_assert_eq!(crossed, 0, "what our strategies buy of each other they sell to each other");
        for ((evidence, price, _), filled) in by_event {
            let event = &scene.events[evidence as usize - 1];
            prop_assert!(event.kind == Kind::Trade && event.price == price && filled <= event.qty);
        }
        let positions: i64 = played.engine.accounts().iter().map(|account| account.2.position).sum();
        let strangers: i64 = fills(&played)
            .filter(|fill| fill.counterparty.is_none())
            .map(|fill| fill.side.sign() * fill.qty)
            .sum();
        prop_assert_eq!(positions, strangers);
    }

    #[test]
    fn p2_no_fill_is_worse_than_its_limit(scene in scenes()) {
        let played = scene.play();
        for fill in fills(&played) {
            prop_assert!(is_within(&scene, &played, fill), "{fill:?}");
        }
    }

    #[test]
    fn p4_own_orders_never_stay_crossed(scene in scenes()) {
        let mut engine = scene.engine();
        let mut reports: Vec<Report> = Vec::new();
        for event in &scene.events {
            engine.step(event, &mut reports).unwrap();
            let open = engine.orders();
            let prices = |side| {
                open.iter().filter(move |order| order.side == side && order.state == State::Open).map(|order| order.price)
            };
            let (bid, ask) = (prices(Side::Buy).max(), prices(Side::Sell).min());
            prop_assert!(bid.zip(ask).is_none_or(|(bid, ask)| bid < ask), "{bid:?} {ask:?}");
        }
    }

    #[test]
    fn p5_lots_of_an_order_add_up_and_final_is_final(scene in scenes()) {
        let played = scene.play();
        for order in played.orders() {
            prop_assert!(order.filled >= 0 && order.open >= 0);
            prop_assert!(!order.state.is_final() || order.open == 0);
            prop_assert!(order.state != State::Filled || order.filled > 0);
            let own = |report: &&Report| {
                played.engine.strategy(report.owner) == order.strategy && report.order == order.id
            };
            let filled: i64 =
                fills(&played).filter(own).map(|fill| fill.qty).sum();
            prop_assert_eq!(filled, order.filled);
            let mut ended = false;
            for report in played.reports.iter().filter(own).filter(|report| report.what != What::Rejected) {
                prop_assert!(!ended, "{report:?} after the end");
                ended = matches!(report.what, What::Cancelled | What::Expired);
            }
        }
    }

    #[test]
    fn p6_an_order_that_never_traded_was_never_there(scene in scenes(), time in 0_i64..300, buy in any::<bool>()) {
        // Alone at its price, so that it is not the first own order of anyone's queue.
        let side = if buy { Side::Buy } else { Side::Sell };
        let price = 100 - side.sign() * 40;
        let mut with = scene.clone();
        let order = NewOrder::limit(77, side, 5, price);
        with.plans[0].messages.push((time, Message::New(order)));
        with.plans[0].messages.push((time + 90, Message::Cancel { symbol: 0, id: 77 }));
        let (plain, with) = (scene.play(), with.play());
        let touched = with.reports.iter().any(|report| report.order == 77 && report.what == What::Filled);
        if !touched {
            let others = |played: &Played| -> Vec<_> {
                fills(played).filter(|fill| fill.order != 77).map(|fill| fill.bytes().to_vec()).collect()
            };
            prop_assert_eq!(others(&plain), others(&with));
        }
    }

    #[test]
    fn p7_scale(scene in scenes(), factor in prop::sample::select(vec![2_i64, 7, 1_000_000])) {
        // Proportions of integers do not scale; first come, first served does.
        let mut plain = scene;
        if !matches!(plain.rules.queue, QueueModel::BackFirst | QueueModel::FrontFirst) {
            plain.rules.queue = QueueModel::BackFirst;
        }
        let mut scaled = plain.clone();
        for event in &mut scaled.events {
            event.qty *= factor;
        }
        for (_, message) in scaled.plans.iter_mut().flat_map(|plan| &mut plan.messages) {
            match message {
                Message::New(order) => {
                    order.qty *= factor;
                    order.display = order.display.map(|lots| lots * factor);
                }
                Message::Replace { qty, .. } => *qty *= factor,
                _ => {}
            }
        }
        let list = |played: &Played, factor: i64| -> Vec<_> {
            fills(played).map(|fill| (fill.time, fill.owner, fill.order, fill.price, fill.qty * factor)).collect()
        };
        prop_assert_eq!(list(&plain.play(), factor), list(&scaled.play(), 1));
    }

    #[test]
    fn p8_mirror(scene in scenes()) {
        // An event without an aggressor is shared out bids first: its mirror would be asks first.
        let mut plain = scene;
        plain.events.retain(|event| event.side.is_some());
        let mut mirrored = plain.clone();
        for event in &mut mirrored.events {
            event.price = -event.price;
            event.side = event.side.map(Side::opposite);
        }
        for (_, message) in mirrored.plans.iter_mut().flat_map(|plan| &mut plan.messages) {
            match message {
                Message::New(order) => {
                    order.side = order.side.opposite();
                    if let Pricing::Limit(price) = &mut order.pricing {
                        *price = -*price;
                    }
                }
                Message::Replace { price, .. } => *price = -*price,
                _ => {}
            }
        }
        let list = |played: &Played, sign: i64| -> Vec<_> {
            fills(played)
                .map(|fill| (fill.time, fill.owner, fill.order, sign * fill.price, sign * fill.side.sign(), fill.qty))
                .collect()
        };
        prop_assert_eq!(list(&plain.play(), 1), list(&mirrored.play(), -1));
    }

    #[test]
    fn p9_time_shift_and_renaming(scene in scenes(), shift in 1_i64..1_000_000) {
        let mut other = scene.clone();
        for event in &mut other.events {
            event.venue += shift;
            event.receive += shift;
        }
        for plan in &mut other.plans {
            plan.name = format!("{}-renamed", plan.name);
            for (time, _) in &mut plan.messages {
                *time += shift;
            }
        }
        let list = |played: &Played, shift: i64| -> Vec<_> {
            played.reports.iter().map(|report| Report { time: report.time - shift, ..*report }).collect()
        };
        prop_assert_eq!(list(&scene.play(), 0), list(&other.play(), shift));
    }

    #[test]
    fn p10_p11_prefix_and_checkpoint(scene in scenes(), cut in 0_usize..40) {
        let whole = scene.play();
        let cut = cut.min(scene.events.len());
        let mut prefix: Vec<Report> = Vec::new();
        let mut engine = scene.engine();
        for event in &scene.events[..cut] {
            engine.step(event, &mut prefix).unwrap();
        }
        prop_assert_eq!(&whole.reports[..prefix.len()], &prefix[..], "a prefix of the tape gives a prefix of the output");
        let mut resumed = engine.clone();
        drop(engine);
        run(&mut resumed, &scene.events[cut..], &mut prefix).unwrap();
        prop_assert_eq!(&whole.reports, &prefix);
        prop_assert_eq!(whole.engine.digest(|_| true), resumed.digest(|_| true));
        prop_assert_eq!(whole.engine.book_digest(0), resumed.book_digest(0));
    }

    #[test]
    fn p12_a_strategy_that_never_interacts_changes_nothing(scene in scenes()) {
        let mut with = scene.clone();
        let far = NewOrder::limit(1, Side::Buy, 3, -5_000);
        with.plans.insert(0, Plan { name: "aaa".to_owned(), messages: vec![(15, Message::New(far))] });
        let (plain, with) = (scene.play(), with.play());
        // Where nobody else offers anything, even an order this far away trades.
        prop_assume!(fills(&with).all(|fill| with.engine.strategy(fill.owner) != "aaa"));
        for name in ["alpha", "beta"] {
            prop_assert_eq!(content(&plain, name), content(&with, name));
        }
    }

    #[test]
    fn p13_more_latency_never_sees_an_earlier_state(scene in scenes(), slow in 1_i64..200) {
        let arrivals = |latency: i64| {
            let mut scene = scene.clone();
            scene.rules.latency[1] = Latency::Constant(latency);
            let played = scene.play();
            let mut list: BTreeMap<(u16, u64), u64> = BTreeMap::new();
            for report in played.reports.iter().filter(|report| report.what == What::Accepted) {
                list.insert((report.owner, report.order), report.evidence);
            }
            list
        };
        let (fast, slow) = (arrivals(0), arrivals(slow));
        for (order, evidence) in &slow {
            prop_assert!(fast.get(order).is_none_or(|sooner| sooner <= evidence));
        }
    }

    #[test]
    fn p14_a_lone_order_fills_most_when_the_front_leaves(scene in scenes(), qty in 1_i64..60, buy in any::<bool>()) {
        let side = if buy { Side::Buy } else { Side::Sell };
        let order = NewOrder::limit(1, side, qty, 100 - side.sign() * 3);
        let filled = |model: QueueModel| {
            let mut lone = scene.clone();
            lone.rules.queue = model;
            lone.plans = vec![Plan { name: "lone".to_owned(), messages: vec![(15, Message::New(order))] }];
            let played = lone.play();
            fills(&played).map(|fill| fill.qty).sum::<i64>()
        };
        let [back, proportional, front] =
            [QueueModel::BackFirst, QueueModel::Proportional, QueueModel::FrontFirst].map(filled);
        prop_assert!(back <= proportional && proportional <= front, "{back} {proportional} {front}");
    }
}

#[test]
fn p3_equals_at_one_price_fill_in_order_of_arrival() {
    // Three strategies at one price behind ten strangers; trades of every size.
    for volume in 1..60 {
        let level =
            |time, qty| Event { price: 99, qty, side: Some(Side::Buy), ..Event::new(time, Kind::Level) };
        let trade = Event { price: 99, qty: volume, side: Some(Side::Sell), ..Event::new(50, Kind::Trade) };
        let plan = |name: &str, time| Plan {
            name: name.to_owned(),
            messages: vec![(time, Message::New(NewOrder::limit(1, Side::Buy, 10, 99)))],
        };
        let rules = samebits_executor::Rules::new(samebits_executor::Market::Levels);
        let plans = vec![plan("c", 11), plan("a", 12), plan("b", 13)];
        let played = Scene { events: vec![level(10, 10), level(40, 10), trade], plans, rules }.play();
        let filled = |name: &str| -> i64 {
            let own = |fill: &&Report| played.engine.strategy(fill.owner) == name;
            fills(&played).filter(own).map(|fill| fill.qty).sum()
        };
        let expected = |before: i64| (volume - before).clamp(0, 10);
        assert_eq!([filled("c"), filled("a"), filled("b")], [expected(10), expected(20), expected(30)]);
        assert!(fills(&played).all(|fill| fill.liquidity == Liquidity::Maker));
    }
}

#[test]
fn a_market_order_in_an_auction_cannot_be_replaced() {
    let mut rules = samebits_executor::Rules::new(samebits_executor::Market::Levels);
    rules.phase = samebits_executor::Phase::Auction;
    let trade = |time| Event { price: 100, qty: 1, ..Event::new(time, Kind::Trade) };
    let end =
        Event { id: samebits_executor::SessionChange::AuctionEnd as u64, ..Event::new(40, Kind::Session) };
    let messages = vec![
        (11, Message::New(NewOrder::market(1, Side::Buy, 5))),
        (12, Message::Replace { symbol: 0, id: 1, qty: 3, price: 0 }),
        (13, Message::Replace { symbol: 0, id: 1, qty: 3, price: 101 }),
        (14, Message::New(NewOrder::limit(2, Side::Sell, 20, 100))),
    ];
    let plans = vec![Plan { name: "alpha".to_owned(), messages }];
    let played = Scene { events: vec![trade(10), trade(20), end], plans, rules }.play();
    let refused = played.reports.iter().filter(|report| report.what == What::Rejected);
    assert_eq!(refused.count(), 2);
    let lots: Vec<i64> = fills(&played).map(|fill| fill.qty).collect();
    assert_eq!(lots, [5, 5], "it takes part once");
}

#[test]
fn an_event_received_too_far_ahead_of_the_venue_is_an_error() {
    let mut rules = samebits_executor::Rules::new(samebits_executor::Market::Prints);
    rules.feed_clock = samebits_executor::FeedClock::Receive;
    let trade =
        |venue: i64, receive: i64| Event { receive, price: 100, qty: 1, ..Event::new(venue, Kind::Trade) };
    let events = [trade(1_000, 900), trade(2_000, 1_900), trade(9_000, 1_000)];
    let play = |skew: i64| {
        let scene = Scene { events: Vec::new(), plans: Vec::new(), rules: rules.clone() };
        let mut reports: Vec<Report> = Vec::new();
        samebits_executor::run_by_receive_time(&mut scene.engine(), &events, skew, &mut reports)
    };
    assert_eq!(play(10_000), Ok(()));
    let mut late = events;
    late[2].receive = 500;
    let step = |event: &Event, engine: &mut samebits_executor::Engine| engine.step(event, &mut Vec::new());
    let scene = Scene { events: Vec::new(), plans: Vec::new(), rules };
    let mut engine = scene.engine();
    step(&late[0], &mut engine).unwrap();
    assert!(engine.feed(&late[2]).is_err());
    assert!(engine.feed(&Event { symbol: 7, ..late[1] }).is_err(), "a symbol that is not there");
}
