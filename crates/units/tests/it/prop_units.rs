//! Text round trips, conservation of a split amount, and products against `i128` arithmetic.

use proptest::prelude::*;
use samebits_units::{Bps, Date, Money, Price, Qty, decimal};

proptest! {
    #[test]
    fn text_round_trips(value in any::<i64>(), decimals in 0_u32..=12, shown in 0_u32..=12) {
        let text = decimal::format(value, decimals, shown);
        prop_assert_eq!(decimal::parse(&text, decimals, "number"), Ok(value));
    }

    #[test]
    fn any_text_is_a_number_or_an_error(text in "[-+0-9.eE ]{0,24}") {
        let _ = text.parse::<Money>();
        let _ = text.parse::<Date>();
    }

    #[test]
    fn a_split_amount_is_conserved(basis in any::<i64>(), whole in 1..i64::MAX, part in 0..i64::MAX) {
        prop_assume!(part <= whole);
        let basis = Money::from_micros(basis);
        let sold = basis.share(Qty::from_micros(part), Qty::from_micros(whole)).unwrap();
        let kept = basis.minus(sold).unwrap();
        prop_assert_eq!(sold.plus(kept).unwrap(), basis);
        prop_assert!(sold.micros().unsigned_abs() <= basis.micros().unsigned_abs());
    }

    #[test]
    fn products_are_the_nearest_integer(price in any::<i64>(), quantity in any::<i64>()) {
        let exact = i128::from(price) * i128::from(quantity);
        match Price::from_e8(price).value(Qty::from_micros(quantity)) {
            Ok(value) => {
                let error = i128::from(value.micros()) * 100_000_000 - exact;
                prop_assert!(error.abs() <= 50_000_000);
            }
            Err(_) => prop_assert!(exact.abs() / 100_000_000 >= i128::from(i64::MAX)),
        }
    }

    #[test]
    fn rates_are_odd(amount in any::<i32>(), rate in any::<i32>()) {
        let amount = Money::from_micros(i64::from(amount));
        let up = amount.times(Bps::from_hundredths(rate)).unwrap();
        let down = amount.negated().unwrap().times(Bps::from_hundredths(rate)).unwrap();
        prop_assert_eq!(up, down.negated().unwrap());
    }

    #[test]
    fn dates_round_trip(days in -4_000_000_i32..2_900_000) {
        let date = Date::from_days(days).unwrap();
        if (0..=9999).contains(&date.year()) {
            prop_assert_eq!(date.to_string().parse::<Date>(), Ok(date));
        }
        prop_assert_eq!(date.plus_days(31).unwrap().days_since(date), 31);
    }
}
