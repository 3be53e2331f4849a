//! The text of a script.

use super::{Line, ScriptError, When};
use crate::Side;
use crate::order::{
    Arm, Condition, Message, NewOrder, Offset, PostOnly, Pricing, Reference, TimeInForce, Trail, Trigger,
};

/// Words of one line, taken one by one.
struct Words<'a> {
    line: usize,
    words: std::iter::Peekable<std::str::SplitWhitespace<'a>>,
}

impl<'a> Words<'a> {
    fn bad<T>(&self, problem: impl Into<String>) -> Result<T, ScriptError> {
        Err(ScriptError { line: self.line, problem: problem.into() })
    }

    fn word(&mut self, what: &str) -> Result<&'a str, ScriptError> {
        match self.words.next() {
            Some(word) => Ok(word),
            None => self.bad(format!("expected {what}")),
        }
    }

    fn number<T: std::str::FromStr>(&mut self, what: &str) -> Result<T, ScriptError> {
        let word = self.word(what)?;
        self.integer(what, word)
    }

    fn integer<T: std::str::FromStr>(&self, what: &str, text: &str) -> Result<T, ScriptError> {
        match text.parse() {
            Ok(value) => Ok(value),
            Err(_) => self.bad(format!("{what} `{text}` is not an integer of its type")),
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        self.words.next_if(|next| *next == word).is_some()
    }
}

/// Every rule of a text; blank lines and lines that begin with `#` are none.
pub(super) fn lines(text: &str) -> Result<Vec<Line>, ScriptError> {
    let mut all = Vec::new();
    let mut orders = 0;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let Some((when, what)) = text.split_once("->") else {
            return Err(ScriptError { line, problem: "expected `when -> what`".to_owned() });
        };
        let when = parse_when(&mut Words { line, words: when.split_whitespace().peekable() })?;
        let mut words = Words { line, words: what.split_whitespace().peekable() };
        let (message, symbol) = parse_what(&mut words, &mut orders)?;
        if let Some(rest) = words.words.next() {
            return words.bad(format!("`{rest}` is not understood here"));
        }
        all.push(Line { when, message, symbol, done: false });
    }
    Ok(all)
}

fn parse_when(words: &mut Words<'_>) -> Result<When, ScriptError> {
    let when = match words.word("`on` or `at`")? {
        "at" => When::At(words.number("a time")?),
        "on" => match words.word("`trade`, `event` or `fill`")? {
            "event" => When::Event(words.number("a number")?),
            "fill" => When::Fill(words.number("an order")?),
            "trade" => match words.words.next() {
                None => When::Trade,
                Some(">=") => When::TradeAtLeast(words.number("a price")?),
                Some("<=") => When::TradeAtMost(words.number("a price")?),
                Some(other) => return words.bad(format!("`{other}`: expected >= or <=")),
            },
            other => return words.bad(format!("`{other}`: expected trade, event or fill")),
        },
        other => return words.bad(format!("`{other}`: expected on or at")),
    };
    match words.words.next() {
        None => Ok(when),
        Some(rest) => words.bad(format!("`{rest}` is not understood before ->")),
    }
}

fn parse_what(words: &mut Words<'_>, orders: &mut u64) -> Result<(Message, Option<String>), ScriptError> {
    let symbol = 0;
    let mut named = None;
    let message = match words.word("what to do")? {
        "cancel" if words.takes("all") => Message::CancelAll { symbol },
        "cancel" => Message::Cancel { symbol, id: words.number("an order")? },
        "replace" => Message::Replace {
            symbol,
            id: words.number("an order")?,
            qty: words.number("a quantity")?,
            price: words.number("a price")?,
        },
        side @ ("buy" | "sell") => {
            *orders += 1;
            let side = if side == "buy" { Side::Buy } else { Side::Sell };
            let mut order = NewOrder::market(*orders, side, words.number("a quantity")?);
            parse_kind(words, &mut order)?;
            while let Some(option) = words.words.next() {
                match option.split_once('=') {
                    Some(("symbol", name)) => named = Some(name.to_owned()),
                    _ => parse_option(words, option, &mut order)?,
                }
            }
            return Ok((Message::New(order), named));
        }
        other => return words.bad(format!("`{other}`: expected buy, sell, cancel or replace")),
    };
    if let Some(name) = words.words.next() {
        match name.strip_prefix("symbol=") {
            Some(name) => named = Some(name.to_owned()),
            None => return words.bad(format!("`{name}` is not understood here")),
        }
    }
    Ok((message, named))
}

fn parse_kind(words: &mut Words<'_>, order: &mut NewOrder) -> Result<(), ScriptError> {
    let kind = words.word("a kind of order")?;
    let trigger = |condition, price, trail| Trigger { condition, reference: Reference::Last, price, trail };
    match kind {
        "market" => {}
        "limit" => order.pricing = Pricing::Limit(words.number("a price")?),
        "mtl" => order.pricing = Pricing::MarketToLimit,
        "stop" => order.trigger = Some(trigger(Condition::Stop, words.number("a trigger")?, None)),
        "take" => order.trigger = Some(trigger(Condition::TakeProfit, words.number("a trigger")?, None)),
        "touch" => order.trigger = Some(trigger(Condition::IfTouched, words.number("a trigger")?, None)),
        "trail" => {
            let word = words.word("an offset")?;
            let offset = match word.strip_suffix("bp") {
                Some(bps) => Offset::Bps(words.integer("an offset", bps)?),
                None => Offset::Ticks(words.integer("an offset", word)?),
            };
            order.trigger = Some(trigger(Condition::Stop, 0, Some(Trail { offset, activation: None })));
        }
        other => return words.bad(format!("`{other}` is no kind of order")),
    }
    if order.trigger.is_some() && words.takes("limit") {
        order.pricing = Pricing::Limit(words.number("a price")?);
    }
    Ok(())
}

fn parse_option(words: &Words<'_>, option: &str, order: &mut NewOrder) -> Result<(), ScriptError> {
    if option == "reduce" {
        order.reduce_only = true;
        return Ok(());
    }
    let Some((name, value)) = option.split_once('=') else {
        return words.bad(format!("`{option}` is no option"));
    };
    match (name, value) {
        ("id", id) => order.id = words.integer("id", id)?,
        ("show", lots) => order.display = Some(words.integer("show", lots)?),
        ("oco", group) => order.oco = Some(words.integer("oco", group)?),
        ("weight", weight) => order.weight = words.integer("weight", weight)?,
        ("post", "reject") => order.post_only = Some(PostOnly::Reject),
        ("post", "slide") => order.post_only = Some(PostOnly::Slide),
        ("tif", "gtc") => order.tif = TimeInForce::Gtc,
        ("tif", "day") => order.tif = TimeInForce::Day,
        ("tif", "ioc") => order.tif = TimeInForce::Ioc,
        ("tif", "fok") => order.tif = TimeInForce::FokAny,
        ("tif", "fok1") => order.tif = TimeInForce::FokSingle,
        ("tif", until) if until.starts_with("gtd:") => {
            order.tif = TimeInForce::Gtd(words.integer("gtd", &until[4..])?);
        }
        ("parent", link) => {
            let (id, arm) = link.split_once(':').unwrap_or((link, "full"));
            let arm = match arm {
                "full" => Arm::Full,
                "partial" => Arm::Partial,
                other => return words.bad(format!("`{other}`: expected full or partial")),
            };
            order.parent = Some((words.integer("parent", id)?, arm));
        }
        ("ref" | "from", _) => return parse_trigger_option(words, name, value, order),
        _ => return words.bad(format!("`{option}` is no option")),
    }
    Ok(())
}

fn parse_trigger_option(
    words: &Words<'_>,
    name: &str,
    value: &str,
    order: &mut NewOrder,
) -> Result<(), ScriptError> {
    let Some(trigger) = &mut order.trigger else {
        return words.bad(format!("`{name}` belongs to an order with a trigger"));
    };
    match (name, value) {
        ("ref", "last") => trigger.reference = Reference::Last,
        ("ref", "bidask") => trigger.reference = Reference::BidAsk,
        ("ref", "mid") => trigger.reference = Reference::Mid,
        ("ref", "mark") => trigger.reference = Reference::Mark,
        ("from", price) => match &mut trigger.trail {
            Some(trail) => trail.activation = Some(words.integer("from", price)?),
            None => return words.bad("`from` belongs to a trailing stop"),
        },
        _ => return words.bad(format!("`{value}` is no reference price")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_options() {
        let text = "
            # a comment
            on trade >= 10150 -> sell 25 stop 10120 limit 10110 ref=bidask tif=gtd:77
            at 5 -> buy 3 limit 99 id=9 post=slide show=1 oco=4 parent=1:partial symbol=Y
            on fill 9 -> sell 3 trail 20bp from=120 reduce
            on event 2 -> replace 9 2 98
            on trade -> cancel all";
        let lines = lines(text).unwrap();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0].when, When::TradeAtLeast(10_150));
        let Message::New(first) = lines[0].message else { panic!("an order") };
        assert_eq!((first.id, first.pricing, first.tif), (1, Pricing::Limit(10_110), TimeInForce::Gtd(77)));
        assert_eq!(first.trigger.map(|trigger| trigger.reference), Some(Reference::BidAsk));
        let Message::New(second) = lines[1].message else { panic!("an order") };
        assert_eq!((second.id, second.oco, second.parent), (9, Some(4), Some((1, Arm::Partial))));
        assert_eq!(lines[1].symbol.as_deref(), Some("Y"));
        assert_eq!(lines[4].message, Message::CancelAll { symbol: 0 });
    }

    #[test]
    fn bad_lines_are_named() {
        for (text, part) in [
            ("buy 5 market", "when -> what"),
            ("on trade -> buy x market", "not an integer"),
            ("on trade > 5 -> buy 5 market", "expected >= or <="),
            ("on trade -> buy 5 market tif=never", "no option"),
            ("on trade -> buy 5 limit 9 ref=mid", "trigger"),
            ("on trade -> cancel 5 6", "not understood"),
            ("\n\non moon -> cancel 5", "line 3"),
        ] {
            let error = lines(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
