//! The pieces of the year's tax: they cover the plane, agree on their borders, and equal the reference.

use crate::reference::{Gross, year};
use crate::scene::{law_without_system, money, rate, rates, small};
use proptest::prelude::*;
use samebits_snapshot::record::{Carry, Holder, Jurisdiction, Law, Rates, Realised};
use samebits_tax::{accrued, bucket, carry_over, piece_of, pieces, tax};
use samebits_units::{Bps, Money};

/// The limit and the exempt amount of the small laws.
const AMOUNT: i64 = 40;

fn jurisdictions() -> impl Strategy<Value = Jurisdiction> {
    use Jurisdiction::{Australia, Canada, India, UnitedStates};
    prop::sample::select(vec![UnitedStates, Canada, Australia, India])
}

/// Marginal rates and the value of a loss, in no order.
fn any_rates() -> impl Strategy<Value = (Rates, Bps)> {
    let one = 0..600_000;
    (one.clone(), one.clone(), one.clone(), one)
        .prop_map(|(short, long, ordinary, value)| (rates(short, long, ordinary), rate(value)))
}

/// Rates as systems have them: the value of a loss up to the long-term rate, that up to the short-term rate.
fn ordered_rates() -> impl Strategy<Value = (Rates, Bps)> {
    any_rates().prop_map(|(found, value)| {
        let short_term = found.short_term.max(found.long_term);
        let long_term = found.short_term.min(found.long_term);
        (Rates { short_term, long_term, ordinary: found.ordinary }, value.min(long_term))
    })
}

fn gross() -> impl Strategy<Value = Gross> {
    let amount = || prop_oneof![Just(0), 0..4_i64, 0..120_i64];
    (amount(), amount(), amount(), amount()).prop_map(|(short_gain, short_loss, long_gain, long_loss)| {
        Gross { short_gain, short_loss, long_gain, long_loss }
    })
}

/// The buckets that single results go to.
fn buckets(law: &Law, gross: Gross) -> Realised {
    let mut sums = (0, 0);
    for (long, gain) in [
        (false, gross.short_gain),
        (false, -gross.short_loss),
        (true, gross.long_gain),
        (true, -gross.long_loss),
    ] {
        let sum = if bucket(law, long, money(gain)) { &mut sums.1 } else { &mut sums.0 };
        *sum += gain;
    }
    Realised { short_term: money(sums.0), long_term: money(sums.1) }
}

/// A point in millionths, often on a border or next to one.
fn point() -> impl Strategy<Value = (i64, i64)> {
    let border = AMOUNT * 1_000_000;
    let any = -200_000_000..200_000_000_i64;
    let near = prop_oneof![3 => Just(0_i64), 1 => -2..3_i64];
    let short = prop_oneof![Just(0), any.clone()];
    (short, any, 0..6, near).prop_map(move |(short, any, which, near)| {
        let long = match which {
            0 => any,
            1 => 0,
            2 => -short,
            3 => -short - border,
            4 => border,
            _ => border - short,
        };
        (short, long + near)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_year_equals_the_reference(
        whose in jurisdictions(),
        (rates, value) in any_rates(),
        gross in gross(),
        outside in gross(),
        carried in (0..60_i64, 0..60_i64),
    ) {
        let law = small(whose, AMOUNT);
        // A carried loss is one more loss of its term; of a single one where a system keeps no terms.
        let keeps_terms = matches!(whose, Jurisdiction::UnitedStates | Jurisdiction::India);
        let carried = if keeps_terms { carried } else { (carried.0, 0) };
        let all = Gross {
            short_gain: gross.short_gain + outside.short_gain,
            short_loss: gross.short_loss + outside.short_loss + carried.0,
            long_gain: gross.long_gain + outside.long_gain,
            long_loss: gross.long_loss + outside.long_loss + carried.1,
        };
        let expected = year(whose, all, &rates, value, AMOUNT);
        let carry = Carry { short_term: money(carried.0), long_term: money(carried.1) };
        let (realised, outside) = (buckets(&law, gross), buckets(&law, outside));
        let holder = Holder {
            jurisdiction: whose,
            profile: String::new(),
            outside,
            loss_value: value,
            dividend_rate: Bps::ZERO,
        };
        prop_assert_eq!(
            accrued(&law, &rates, Some(&holder), &realised, &carry),
            Ok(Money::from_micros(expected.tax))
        );
        let next = Carry { short_term: money(expected.carried.0), long_term: money(expected.carried.1) };
        prop_assert_eq!(carry_over(&law, &realised, &outside, &carry), Ok(next));
    }

    #[test]
    fn the_pieces_cover_the_plane_and_agree_on_borders(
        whose in jurisdictions(),
        (rates, value) in any_rates(),
        (short, long) in point(),
    ) {
        let pieces = pieces(&small(whose, AMOUNT), &rates, value).unwrap();
        let (short, long) = (Money::from_micros(short), Money::from_micros(long));
        let found: Vec<_> = pieces.iter().filter(|piece| piece.holds(short, long)).collect();
        prop_assert!(!found.is_empty());
        prop_assert_eq!(piece_of(&pieces, short, long), Some(found[0]));
        let first = tax(&pieces, short, long).unwrap().micros();
        for piece in &found {
            let other = piece.tax(short, long).unwrap().micros();
            // Two products and a constant of two products round on either side, each by a half at most.
            prop_assert!((first - other).abs() <= 2, "{} at {first}, {} at {other}", found[0].name, piece.name);
        }
    }

    #[test]
    fn one_unit_moves_the_tax_by_one_rate_at_most(
        whose in jurisdictions(),
        (rates, value) in any_rates(),
        (short, long) in point(),
        step in prop::sample::select(vec![(1_i64, 0_i64), (0, 1), (1, -1)]),
    ) {
        let pieces = pieces(&small(whose, AMOUNT), &rates, value).unwrap();
        let at = |times: i64| {
            let (short, long) = (short + times * step.0, long + times * step.1);
            tax(&pieces, Money::from_micros(short), Money::from_micros(long)).unwrap().micros()
        };
        prop_assert!((at(0) - at(1)).abs() <= 3, "{} and {}", at(0), at(1));
    }

    #[test]
    fn three_systems_are_convex(
        whose in jurisdictions(),
        (rates, value) in ordered_rates(),
        a in (-80..80_i64, -80..80_i64),
        b in (-80..80_i64, -80..80_i64),
    ) {
        prop_assume!(whose != Jurisdiction::UnitedStates);
        let value = if whose == Jurisdiction::India { Bps::ZERO } else { value };
        let pieces = pieces(&small(whose, AMOUNT), &rates, value).unwrap();
        // Every loss is in the first bucket in Australia.
        let long = |long: i64| if whose == Jurisdiction::Australia { long.abs() } else { long };
        let (a, b) = ((2 * a.0, 2 * long(a.1)), (2 * b.0, 2 * long(b.1)));
        let at = |(short, long): (i64, i64)| tax(&pieces, money(short), money(long)).unwrap().micros();
        let middle = at((i64::midpoint(a.0, b.0), i64::midpoint(a.1, b.1)));
        prop_assert!(at(a) + at(b) >= 2 * middle);
    }
}

/// Takes the middle of two points.
fn sags(law: &Law, rates: &Rates, value: Bps, a: (i64, i64), b: (i64, i64)) -> bool {
    let pieces = pieces(law, rates, value).unwrap();
    let at = |(short, long): (i64, i64)| tax(&pieces, money(short), money(long)).unwrap().micros();
    at(a) + at(b) < 2 * at((i64::midpoint(a.0, b.0), i64::midpoint(a.1, b.1)))
}

#[test]
fn the_united_states_are_not_convex() {
    // A long-term loss saves the short-term rate, a long-term gain pays the lower one.
    let (rates, law) = (rates(400_000, 200_000, 350_000), law_without_system());
    assert!(sags(&law, &rates, Bps::ZERO, (1_000, -1_000), (1_000, 1_000)));
}

#[test]
fn india_is_not_convex_when_a_carried_loss_has_a_value() {
    let (rates, law) = (rates(200_000, 125_000, 300_000), small(Jurisdiction::India, AMOUNT));
    assert!(sags(&law, &rates, rate(50_000), (0, -30), (0, 30)));
    assert!(!sags(&law, &rates, Bps::ZERO, (0, -30), (0, 30)));
}

fn grid() -> impl Iterator<Item = (Money, Money)> {
    (-90..90).flat_map(|short| (-90..90).map(move |long| (money(short), money(long))))
}

#[test]
fn every_piece_is_met_and_every_limit_cuts() {
    for (whose, count) in [
        (Jurisdiction::UnitedStates, 5),
        (Jurisdiction::Canada, 2),
        (Jurisdiction::Australia, 4),
        (Jurisdiction::India, 6),
    ] {
        let pieces = pieces(&small(whose, AMOUNT), &rates(300_000, 200_000, 250_000), rate(1_000)).unwrap();
        assert_eq!(pieces.len(), count);
        let mut names: Vec<_> =
            grid().filter_map(|(short, long)| Some(piece_of(&pieces, short, long)?.name)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
        for piece in &pieces {
            for limit in &piece.limits {
                let others = piece.limits.iter().filter(|other| *other != limit);
                let mut cut = grid().filter(|(short, long)| !limit.holds(*short, *long));
                let cuts = cut.any(|(short, long)| others.clone().all(|other| other.holds(short, long)));
                assert!(cuts, "{}: {limit:?} follows from the others", piece.name);
            }
        }
    }
}
