//! Marginal rates, each computed by hand from the brackets of its year.

use crate::scene::{day, law, money, rate, rates};
use samebits_snapshot::record::Jurisdiction;
use samebits_tax::us::{Filing, loss_limit};
use samebits_tax::{MarginalRates, australia, canada, india, us};
use samebits_units::Bps;

fn american(on: &str, filing: Filing, income: i64, agi: Option<i64>, state: i32) -> MarginalRates {
    let modified_agi = agi.map(money);
    let taxpayer = us::Taxpayer { filing, ordinary_income: money(income), modified_agi, state: rate(state) };
    us::rates(day(on), &taxpayer).unwrap()
}

#[test]
fn united_states() {
    use Filing::{MarriedJointly, MarriedSeparately, Single};
    for (on, filing, income, agi, state, expected) in [
        // 39.6 and 20 %, and 3.8 % on both terms.
        ("2017-06-01", Single, 500_000, None, 0, rates(434_000, 238_000, 396_000)),
        ("2018-06-01", MarriedJointly, 700_000, None, 0, rates(408_000, 238_000, 370_000)),
        // 28 and 15 %, below the threshold of 200,000; a state of 9.3 %.
        ("2017-06-01", Single, 100_000, None, 93_000, rates(373_000, 243_000, 373_000)),
        // Over the threshold by income that deductions hide.
        ("2017-06-01", Single, 190_000, Some(205_000), 0, rates(318_000, 188_000, 280_000)),
        ("2017-06-01", Single, 20_000, None, 0, rates(150_000, 0, 150_000)),
        // The next dollar after the top of a bracket.
        ("2017-06-01", Single, 418_399, None, 0, rates(388_000, 188_000, 350_000)),
        ("2017-06-01", Single, 418_400, None, 0, rates(434_000, 238_000, 396_000)),
        // 33 % from 116,675; the threshold is 125,000.
        ("2017-06-01", MarriedSeparately, 124_999, None, 0, rates(330_000, 150_000, 330_000)),
        ("2017-06-01", MarriedSeparately, 125_000, None, 0, rates(368_000, 188_000, 330_000)),
        // Years after the table keep its last rows.
        ("2031-06-01", Single, 640_600, None, 0, rates(408_000, 238_000, 370_000)),
    ] {
        let found = american(on, filing, income, agi, state);
        let expected = MarginalRates { rates: expected, dividend: expected.long_term };
        assert_eq!(found, expected, "{on} {filing:?} {income}");
    }
    // The law's own limit is that of everybody else.
    let law = law(Jurisdiction::UnitedStates, "2017-06-01");
    for filing in Filing::ALL.into_iter().filter(|filing| *filing != MarriedSeparately) {
        assert_eq!(loss_limit(day("2017-06-01"), filing), Ok(law.loss_limit));
    }
    assert_eq!(loss_limit(day("2017-06-01"), MarriedSeparately), Ok(money(1_500)));
    assert!(loss_limit(day("2012-12-31"), Single).is_err());
}

#[test]
fn canada() {
    let check = |on, income, provincial, credit: Option<i32>, ordinary, gain, dividend| {
        let dividend_credit = credit.map(rate);
        let taxpayer =
            canada::Taxpayer { taxable_income: money(income), provincial: rate(provincial), dividend_credit };
        let expected = MarginalRates { rates: rates(gain, gain, ordinary), dividend: rate(dividend) };
        assert_eq!(canada::rates(day(on), &taxpayer), Ok(expected), "{on} {income}");
    };
    // Ontario's top rate: 33 + 20.53 %, half of it on gains; eligible dividends at 39.34 %.
    check("2019-06-01", 250_000, 205_300, None, 535_300, 267_650, 535_300);
    check("2019-06-01", 250_000, 205_300, Some(100_000), 535_300, 267_650, 393_441);
    // The plan of two thirds was given up.
    check("2024-12-01", 300_000, 205_300, None, 535_300, 267_650, 535_300);
    check("2017-06-01", 100_000, 0, None, 260_000, 130_000, 260_000);
    check("2025-06-01", 50_000, 0, None, 145_000, 72_500, 145_000);
    // Low incomes: the credits exceed the tax; the rate does not fall below zero.
    check("2025-06-01", 50_000, 50_500, Some(100_000), 195_500, 97_750, 0);
}

#[test]
fn australia() {
    let check = |on, kind, franked, announced, expected: (i32, i32, i32)| {
        let taxpayer = australia::Taxpayer { kind, franked: rate(franked) };
        let (short, long, dividend) = expected;
        let expected = MarginalRates { rates: rates(short, long, short), dividend: rate(dividend) };
        assert_eq!(australia::rates(day(on), &taxpayer, announced), Ok(expected), "{on} {kind:?}");
    };
    let person = |income| australia::Kind::Individual { taxable_income: money(income) };
    // 45 + 2 %; with the repair levy another 2 %.
    check("2017-08-01", person(200_000), 0, false, (470_000, 235_000, 470_000));
    check("2017-06-30", person(200_000), 0, false, (490_000, 245_000, 490_000));
    check("2025-08-01", person(100_000), 0, false, (320_000, 160_000, 320_000));
    // Franked in full: 47 - 30 x 53 / 70 %.
    check("2017-08-01", person(200_000), 1_000_000, false, (470_000, 235_000, 242_858));
    check("2017-08-01", australia::Kind::SuperFund, 0, false, (150_000, 100_000, 150_000));
    check("2017-08-01", australia::Kind::SuperFund, 1_000_000, false, (150_000, 100_000, -214_285));
    check("2017-08-01", australia::Kind::Company, 1_000_000, false, (300_000, 300_000, 0));
    // Announced: no discount, 30 % at least; funds keep theirs.
    check("2028-08-01", person(30_000), 0, true, (160_000, 300_000, 160_000));
    check("2028-08-01", person(200_000), 0, true, (470_000, 470_000, 470_000));
    check("2028-08-01", person(30_000), 0, false, (160_000, 80_000, 160_000));
    check("2028-08-01", australia::Kind::SuperFund, 0, true, (150_000, 100_000, 150_000));
}

#[test]
fn india() {
    use india::Regime::{New, Old};
    let check = |on, regime, income, expected: (i32, i32, i32, i32)| {
        let taxpayer = india::Taxpayer { regime, total_income: money(income) };
        let (short, long, ordinary, dividend) = expected;
        let expected = MarginalRates { rates: rates(short, long, ordinary), dividend: rate(dividend) };
        assert_eq!(india::rates(day(on), &taxpayer), Ok(expected), "{on} {income}");
    };
    // 15, 10 and 30 % with the cess of 4 %; 3 % a year before, and no tax on long-term gains.
    check("2018-05-01", Old, 3_000_000, (156_000, 104_000, 312_000, 0));
    check("2017-05-01", Old, 3_000_000, (154_500, 0, 309_000, 0));
    // 20, 12.5 and 30 % with a surcharge of 15 %.
    check("2024-08-01", Old, 12_000_000, (239_200, 149_500, 358_800, 358_800));
    // A surcharge of 37 %, 15 % on gains and dividends.
    check("2023-05-01", Old, 60_000_000, (179_400, 119_600, 427_440, 358_800));
    check("2023-05-01", New, 60_000_000, (179_400, 119_600, 390_000, 358_800));
    check("2025-05-01", New, 1_700_000, (208_000, 130_000, 208_000, 208_000));
}

#[test]
fn the_tables_begin_somewhere() {
    let taxpayer = us::Taxpayer {
        filing: Filing::Single,
        ordinary_income: money(1),
        modified_agi: None,
        state: Bps::ZERO,
    };
    let error = us::rates(day("2012-12-31"), &taxpayer).unwrap_err().to_string();
    assert!(error.contains("us-federal") && error.contains("2012-12-31"), "{error}");
    let taxpayer = india::Taxpayer { regime: india::Regime::New, total_income: money(1) };
    assert!(india::rates(day("2020-03-31"), &taxpayer).is_err());
}
