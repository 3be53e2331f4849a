//! Phases of a session, and corporate actions.

use super::Lane;
use crate::Problem;
use crate::event::{Event, Phase, SessionChange};
use crate::mutant;
use crate::order::{Order, Reason, State, TimeInForce};
use crate::report::Rule;

impl Lane {
    pub(super) fn session(&mut self, event: &Event) -> Result<(), Problem> {
        let change = SessionChange::from_code(event.id)
            .ok_or(Problem::BadCode { what: "session", found: event.id as i64 })?;
        match change {
            SessionChange::Open | SessionChange::Resume => {
                let auction = self.phase == Phase::Auction;
                self.phase = Phase::Open;
                if auction {
                    self.uncross()?;
                }
            }
            SessionChange::Halt => self.phase = mutant!("session.halt-ignored", Phase::Halted, self.phase),
            SessionChange::AuctionBegin => self.phase = Phase::Auction,
            SessionChange::AuctionEnd => {
                self.phase = Phase::Open;
                self.uncross()?;
            }
            SessionChange::Close => {
                self.phase = Phase::Closed;
                let ends = |order: &Order| {
                    order.new.tif == TimeInForce::Day && mutant!("tif.day-stays", true, false)
                };
                for owner in 0..self.active.len() as u16 {
                    self.end_where(owner, State::Expired, Rule::Clock, Reason::SessionEnd, ends);
                }
            }
        }
        self.run_ready()
    }

    /// New lots for old ones: orders end, positions change, and must come out whole.
    pub(super) fn split(&mut self, event: &Event) -> Result<(), Problem> {
        let (numerator, denominator) = (event.price, event.qty);
        if numerator < 1 {
            return Err(Problem::BadQuantity {
                what: "split",
                found: numerator,
                expected: "1 or more new lots",
            });
        }
        let changed = |position: i64| -> Result<i64, Problem> {
            let product = i128::from(position) * i128::from(numerator);
            let whole = product % i128::from(denominator) == 0;
            let lots = i64::try_from(product / i128::from(denominator)).ok().filter(|_| whole);
            lots.ok_or(Problem::FractionalSplit { position, numerator, denominator })
        };
        let positions: Vec<i64> =
            self.accounts.iter().map(|account| changed(account.position)).collect::<Result<_, _>>()?;
        for owner in 0..self.active.len() as u16 {
            self.end_where(owner, State::Cancelled, Rule::Corporate, Reason::Corporate, |_| true);
        }
        for (account, position) in self.accounts.iter_mut().zip(positions) {
            account.position = position;
        }
        let scaled =
            |price: i64| (i128::from(price) * i128::from(denominator) / i128::from(numerator)) as i64;
        self.last = self.last.map(scaled);
        self.mark = self.mark.map(scaled);
        self.print = self.print.map(scaled);
        Ok(())
    }
}
