//! The slow, obvious reference: the words of each statute, one unit of money at a time.
//!
//! Amounts are whole units and rates millionths, so that every product is exact and nothing rounds.

use samebits_snapshot::record::{Jurisdiction, Rates};
use samebits_units::Bps;

/// Gains and losses of a year before any netting, in whole units, none negative.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gross {
    pub(crate) short_gain: i64,
    pub(crate) short_loss: i64,
    pub(crate) long_gain: i64,
    pub(crate) long_loss: i64,
}

/// What comes of them: tax in millionths, and unused losses.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) tax: i64,
    pub(crate) carried: (i64, i64),
}

/// Sets a loss against a gain, unit by unit.
fn set_off(loss: &mut i64, gain: &mut i64) {
    while *loss > 0 && *gain > 0 {
        *loss -= 1;
        *gain -= 1;
    }
}

fn each(units: i64, rate: Bps) -> i64 {
    let mut sum = 0;
    for _ in 0..units {
        sum += i64::from(rate.hundredths());
    }
    sum
}

/// `amount` is the limit against ordinary income or the exempt gain, in whole units.
pub(crate) fn year(whose: Jurisdiction, gross: Gross, rates: &Rates, value: Bps, amount: i64) -> Answer {
    match whose {
        Jurisdiction::UnitedStates => united_states(gross, rates, value, amount),
        Jurisdiction::Canada => canada(gross, rates, value),
        Jurisdiction::Australia => australia(gross, rates, value),
        Jurisdiction::India => india(gross, rates, value, amount),
    }
}

/// IRC 1222: net short-term, net long-term, then one against the other; 1211(b): the excess of losses against other income
/// up to the limit; 1212(b): the rest is carried, the short-term loss being used first.
fn united_states(mut gross: Gross, rates: &Rates, value: Bps, limit: i64) -> Answer {
    set_off(&mut gross.short_loss, &mut gross.short_gain);
    set_off(&mut gross.long_loss, &mut gross.long_gain);
    set_off(&mut gross.short_loss, &mut gross.long_gain);
    set_off(&mut gross.long_loss, &mut gross.short_gain);
    let mut tax = each(gross.short_gain, rates.short_term) + each(gross.long_gain, rates.long_term);
    let mut allowed = limit;
    while allowed > 0 && gross.short_loss + gross.long_loss > 0 {
        if gross.short_loss > 0 {
            gross.short_loss -= 1;
        } else {
            gross.long_loss -= 1;
        }
        allowed -= 1;
        tax -= each(1, rates.ordinary);
    }
    tax -= each(gross.short_loss + gross.long_loss, value);
    Answer { tax, carried: (gross.short_loss, gross.long_loss) }
}

/// ITA 3(b): taxable gains less allowable losses, not below zero; the holding period says nothing.
fn canada(gross: Gross, rates: &Rates, value: Bps) -> Answer {
    let mut gain = gross.short_gain + gross.long_gain;
    let mut loss = gross.short_loss + gross.long_loss;
    set_off(&mut loss, &mut gain);
    Answer { tax: each(gain, rates.short_term) - each(loss, value), carried: (loss, 0) }
}

/// ITAA 1997 102-5: losses reduce gains in the order that suits the holder, which is those without discount first; what is
/// left of discount gains is then reduced by the discount, here inside their rate.
fn australia(mut gross: Gross, rates: &Rates, value: Bps) -> Answer {
    let mut loss = gross.short_loss + gross.long_loss;
    set_off(&mut loss, &mut gross.short_gain);
    set_off(&mut loss, &mut gross.long_gain);
    let tax = each(gross.short_gain, rates.short_term) + each(gross.long_gain, rates.long_term);
    Answer { tax: tax - each(loss, value), carried: (loss, 0) }
}

/// Section 70(2): a short-term loss against any capital gain; 70(3): a long-term loss against long-term gains only; 112A:
/// the rate on long-term gains above the exempt amount; section 74: what is left is carried.
fn india(mut gross: Gross, rates: &Rates, value: Bps, exempt: i64) -> Answer {
    set_off(&mut gross.short_loss, &mut gross.short_gain);
    set_off(&mut gross.long_loss, &mut gross.long_gain);
    set_off(&mut gross.short_loss, &mut gross.long_gain);
    let mut tax = each(gross.short_gain, rates.short_term);
    let mut free = exempt;
    for _ in 0..gross.long_gain {
        if free > 0 {
            free -= 1;
        } else {
            tax += each(1, rates.long_term);
        }
    }
    tax -= each(gross.short_loss + gross.long_loss, value);
    Answer { tax, carried: (gross.short_loss, gross.long_loss) }
}
