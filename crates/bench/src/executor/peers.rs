//! Engines of others on the same work: matchcore, orderbook-rs, hftbacktest.

use crate::{Row, median, work};
use hftbacktest::backtest::assettype::LinearAsset;
use hftbacktest::backtest::data::{Data, DataSource};
use hftbacktest::backtest::models::{
    CommonFees, ConstantLatency, RiskAdverseQueueModel, TradingValueFeeModel,
};
use hftbacktest::backtest::{Backtest, ExchangeKind, L2AssetBuilder};
use hftbacktest::prelude::{Bot, Event, HashMapMarketDepth, OrdType, TimeInForce};
use hftbacktest::types::{BUY_EVENT, DEPTH_EVENT, EXCH_EVENT, LOCAL_EVENT, SELL_EVENT, TRADE_EVENT};
use samebits_executor::{Kind, Side};

/// The two million limit orders.
pub(crate) fn matching(repeat: usize) -> Vec<Row> {
    vec![matchcore(repeat), orderbook(repeat)]
}

fn matchcore(repeat: usize) -> Row {
    use matchcore::*;
    let commands: Vec<Command> = (0..)
        .zip(work::crossing())
        .map(|(number, order)| Command {
            meta: CommandMeta { sequence_number: SequenceNumber(number), timestamp: Timestamp(number) },
            kind: CommandKind::Submit(SubmitCmd {
                order: NewOrder::Limit(LimitOrder::new(
                    Price(order.price as u64),
                    QuantityPolicy::Standard { quantity: Quantity(order.qty as u64) },
                    OrderFlags::new(
                        if order.side == samebits_executor::Side::Buy { Side::Buy } else { Side::Sell },
                        false,
                        TimeInForce::Gtc,
                    ),
                )),
            }),
        })
        .collect();
    let (ns, check) = median(
        repeat,
        || OrderBook::new("X"),
        |mut book| {
            for command in &commands {
                std::hint::black_box(book.execute(command));
            }
            format!("last trade {:?}", book.last_trade_price())
        },
    );
    Row {
        what: "2 M limit orders".into(),
        who: "matchcore 0.4.0".into(),
        operations: commands.len(),
        ns,
        check,
    }
}

fn orderbook(repeat: usize) -> Row {
    use pricelevel::{Id, Side as PeerSide, TimeInForce};
    // A quarter of the orders: it takes a microsecond for each.
    let orders: Vec<_> = work::crossing().into_iter().take(500_000).collect();
    let prepare = || orderbook_rs::OrderBook::<()>::new("X");
    let (ns, check) = median(repeat.min(3), prepare, |book| {
        for order in &orders {
            let side = if order.side == Side::Buy { PeerSide::Buy } else { PeerSide::Sell };
            let price = order.price as u128;
            let _ = book.add_limit_order(
                Id::from_u64(order.id),
                price,
                order.qty as u64,
                side,
                TimeInForce::Gtc,
                None,
            );
        }
        format!("last trade {:?}", book.last_trade_price())
    });
    Row {
        what: "0.5 M of them".into(),
        who: "orderbook-rs 0.15.3".into(),
        operations: orders.len(),
        ns,
        check,
    }
}

/// The captured book through hftbacktest, by steps of 100 ms.
pub(crate) fn backtest(repeat: usize, events: &[samebits_executor::Event], resting: i64) -> Row {
    let rows: Vec<Event> = events
        .iter()
        .filter(|event| matches!(event.kind, Kind::Trade | Kind::Level))
        .map(|event| {
            let kind = if event.kind == Kind::Trade { TRADE_EVENT } else { DEPTH_EVENT };
            let side = if event.side == Some(Side::Buy) { BUY_EVENT } else { SELL_EVENT };
            Event {
                ev: kind | side | EXCH_EVENT | LOCAL_EVENT,
                exch_ts: event.venue,
                local_ts: event.venue,
                px: event.price as f64 * 0.1,
                qty: event.qty as f64,
                order_id: 0,
                ival: 0,
                fval: 0.0,
            }
        })
        .collect();
    let first = events.iter().find(|event| event.kind == Kind::Trade).map_or(0, |event| event.price);
    let prepare = || {
        let asset = L2AssetBuilder::new()
            .data(vec![DataSource::Data(Data::from_data(&rows))])
            .latency_model(ConstantLatency::new(0, 0))
            .asset_type(LinearAsset::new(1.0))
            .fee_model(TradingValueFeeModel::new(CommonFees::new(0.0, 0.0)))
            .exchange(ExchangeKind::NoPartialFillExchange)
            .queue_model(RiskAdverseQueueModel::new())
            .depth(|| HashMapMarketDepth::new(0.1, 1.0))
            .build();
        asset.ok().and_then(|asset| Backtest::builder().add_asset(asset).build().ok())
    };
    let (ns, check) = median(repeat, prepare, |backtest| {
        let Some(mut backtest) = backtest else { return "not built".into() };
        let mut sent = false;
        while let Ok(result) = backtest.elapse(100_000_000) {
            if result == hftbacktest::types::ElapseResult::EndOfData {
                break;
            }
            if !std::mem::replace(&mut sent, true) {
                for number in 0..resting {
                    let offset = first / 20 + number / 2;
                    let (id, tif, kind) = (number as u64 + 1, TimeInForce::GTC, OrdType::Limit);
                    let price = |ticks: i64| ticks as f64 * 0.1;
                    let _ = if number % 2 == 0 {
                        backtest.submit_buy_order(0, id, price(first - offset), 5.0, tif, kind, false)
                    } else {
                        backtest.submit_sell_order(0, id, price(first + offset), 5.0, tif, kind, false)
                    };
                }
            }
        }
        format!("{} orders open", backtest.orders(0).len())
    });
    Row {
        what: format!("captured book, {resting} resting"),
        who: "hftbacktest 0.9.4".into(),
        operations: rows.len(),
        ns,
        check,
    }
}
