//! An auction: orders collect, then the book uncrosses at one price.

use super::Lane;
use super::fill::Fill;
use crate::auction::{Interest, uncross};
use crate::book::{NO_KEY, NONE, STRANGER};
use crate::mutant;
use crate::order::{Pricing, Reason, State};
use crate::report::{Liquidity, Rule};
use crate::{Problem, Side};

/// One claim on the auction's volume, in order of priority.
#[derive(Debug, Clone, Copy)]
struct Claim {
    /// An own order, or a block of strangers.
    order: Option<u32>,
    limit: Option<i64>,
    qty: i64,
}

impl Lane {
    /// An order joins the auction: limits rest, orders without a limit wait beside the book.
    pub(super) fn collect_for_auction(&mut self, at: u32) -> Result<(), Problem> {
        let order = &mut self.orders[at as usize];
        if let Pricing::Limit(price) = order.new.pricing {
            order.price = price;
            return self.rest(at);
        }
        order.state = State::Open;
        self.market_orders.push(at);
        Ok(())
    }

    /// Claims of one side in order of priority: market orders by time, then price, then place in the queue.
    fn claims(&mut self, side: Side) -> Vec<Claim> {
        let mut claims = Vec::new();
        for at in &self.market_orders {
            let order = &self.orders[*at as usize];
            if order.new.side == side && !order.state.is_final() {
                claims.push(Claim { order: Some(*at), limit: None, qty: self.fillable(*at) });
            }
        }
        if mutant!("auction.market-last", false, true) {
            claims.clear();
        }
        let mut key = self.book.side(side).best();
        while key != NO_KEY {
            let place = self.book.side_mut(side).find(key).unwrap_or_default();
            let level = *self.book.side(side).level(place);
            let limit = Some(side.price(key));
            if level.head == NONE {
                claims.push(Claim { order: None, limit, qty: level.shown });
            }
            let mut node = level.head;
            while node != NONE {
                let segment = *self.book.node(node);
                let order = (segment.tag != STRANGER).then_some(segment.tag);
                let qty = order.map_or(segment.qty, |at| self.fillable(at));
                claims.push(Claim { order, limit, qty });
                node = segment.next;
            }
            key = self.book.side_mut(side).after(key);
        }
        claims
    }

    /// Trades the largest volume at one price, in order of priority on both sides.
    pub(super) fn uncross(&mut self) -> Result<(), Problem> {
        let sides = [Side::Buy, Side::Sell].map(|side| (side, self.claims(side)));
        let interests: Vec<Interest> = sides
            .iter()
            .flat_map(|(side, claims)| {
                claims.iter().map(|claim| Interest { side: *side, limit: claim.limit, qty: claim.qty })
            })
            .collect();
        if let Some((price, volume)) = uncross(&interests, self.last) {
            for (side, claims) in sides {
                self.allot(side, &claims, price, volume)?;
            }
            self.executed(price)?;
        }
        for at in std::mem::take(&mut self.market_orders) {
            if !self.orders[at as usize].state.is_final() {
                self.finish(at, State::Cancelled, Rule::Uncross, Reason::AuctionEnd);
            }
        }
        self.run_ready()
    }

    fn allot(&mut self, side: Side, claims: &[Claim], price: i64, volume: i64) -> Result<(), Problem> {
        let mut left = volume;
        for claim in claims {
            let willing = claim.limit.is_none_or(|limit| side.key(limit) <= side.key(price));
            let qty = if claim.qty < left { claim.qty } else { left };
            if !willing || qty == 0 {
                continue;
            }
            left -= qty;
            if let Some(at) = claim.order {
                let own = mutant!("auction.at-own-limit", price, claim.limit.unwrap_or(price));
                let fill = Fill {
                    price: own,
                    qty,
                    liquidity: Liquidity::Auction,
                    rule: Rule::Uncross,
                    counterparty: None,
                };
                self.auction_fill(at, fill)?;
            }
        }
        Ok(())
    }

    /// Fills an order across the slices of an iceberg.
    fn auction_fill(&mut self, at: u32, fill: Fill) -> Result<(), Problem> {
        let mut left = fill.qty.min(self.fillable(at));
        while left > 0 && !self.orders[at as usize].state.is_final() {
            let node = self.orders[at as usize].node;
            let slice = if node == NONE { left } else { self.book.node(node).qty.min(left) };
            self.fill(at, Fill { qty: slice, ..fill })?;
            left -= slice;
        }
        Ok(())
    }
}
