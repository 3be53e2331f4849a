//! The report as text.

use crate::{Exact, Year};
use samebits_units::{Money, rate};
use std::fmt::Write as _;

/// Days and figures of one account as Markdown; it shows the plots of [`plots`](crate::plots) by the names
/// `ACCOUNT-NAME`, beside it.
pub fn markdown(year: &Year) -> String {
    let mut text = String::new();
    head(&mut text, year);
    returns(&mut text, year);
    value(&mut text, year);
    taxes(&mut text, year);
    trading(&mut text, year);
    checks(&mut text, year);
    text
}

/// One table over all accounts.
pub fn summary(years: &[Year]) -> String {
    let mut text = String::from(
        "| account | value | return | after tax | benchmark | alpha after tax | TE realised | TE predicted | turnover | \
         harvested ST | harvested LT | of value | realised | tax accrued | costs | relaxed | unsolved |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for year in years {
        let sums = &year.sums;
        let realised = Exact::from(sums.realised[0]) + sums.realised[1].into();
        let cells = [
            year.account.clone(),
            exact(sums.end),
            percent(year.account()),
            percent(year.account_after_tax()),
            percent(year.benchmark()),
            percent(year.after_tax_alpha()[0]),
            percent(year.realised_tracking_error()),
            percent(year.predicted_tracking_error()),
            percent(year.turnover),
            money(sums.harvested[0]),
            money(sums.harvested[1]),
            percent(year.harvested_part()),
            exact(realised),
            money(sums.tax),
            money(sums.costs),
            year.relaxed.to_string(),
            year.unsolved.to_string(),
        ];
        line(&mut text, &cells);
    }
    text.push_str("\nNot tax advice.");
    text.push_str(made_up(years.iter().any(|y| y.borrow_fees), years.iter().any(|y| y.expected_returns)));
    text.push('\n');
    text
}

fn made_up(fees: bool, returns: bool) -> &'static str {
    match (fees, returns) {
        (true, true) => " Made-up borrow fees and expected returns.",
        (true, false) => " Made-up borrow fees.",
        (false, true) => " Made-up expected returns.",
        (false, false) => "",
    }
}

fn line(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn rows(text: &mut String, title: &str, rows: &[(&str, String)]) {
    let _ = writeln!(text, "\n## {title}\n\n| | |\n|---|---:|");
    for (name, value) in rows {
        line(text, &[(*name).to_owned(), value.clone()]);
    }
}

/// Two decimals, thousands apart, rounded half away from zero.
fn money(money: Money) -> String {
    exact(money.into())
}

fn exact(exact: Exact) -> String {
    let cent = 1_000_000_000_000_u128;
    let cents = (exact.size() + cent / 2) / cent;
    let digits = (cents / 100).to_string();
    let mut whole = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            whole.push(',');
        }
        whole.push(digit);
    }
    let sign = if exact < Exact::ZERO && cents > 0 { "-" } else { "" };
    format!("{sign}{whole}.{:02}", cents % 100)
}

fn percent(fraction: f64) -> String {
    format!("{:.2} %", 100.0 * fraction)
}

fn head(text: &mut String, year: &Year) {
    let (first, last) = (year.days.first(), year.days.last());
    let date = |day: Option<&crate::DayFigures>| day.map_or_else(String::new, |day| day.date.to_string());
    let _ = writeln!(
        text,
        "# {}\n\n{} to {}, {} Runs; amounts in {}. Figures are defined in `docs/report.md`.",
        year.account,
        date(first),
        date(last),
        year.days.len(),
        year.currency,
    );
    let _ = writeln!(text, "\nNot tax advice.{}", made_up(year.borrow_fees, year.expected_returns));
    let or = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let (strategy, holder) = (or(&year.strategy), or(&year.holder));
    let (benchmark, laws) = (or(&year.benchmark), year.laws.join(", "));
    rows(
        text,
        "Account",
        &[("strategy", strategy), ("holder", holder), ("tax law", laws), ("benchmark", benchmark)],
    );
}

fn plot(text: &mut String, year: &Year, name: &str) {
    let _ = writeln!(text, "\n![{name}]({}-{name}.svg)", crate::pages::file_name(&year.account));
}

fn returns(text: &mut String, year: &Year) {
    let [alpha, alpha_taxed] = year.after_tax_alpha();
    let [gross, net] = year.exposure();
    rows(
        text,
        "Returns",
        &[
            ("account, before tax", percent(year.account())),
            ("account, after accrued tax", percent(year.account_after_tax())),
            ("benchmark", percent(year.benchmark())),
            ("benchmark, after tax on its dividends", percent(year.benchmark_after_tax())),
            ("account after tax less benchmark", percent(alpha)),
            ("account after tax less benchmark after tax", percent(alpha_taxed)),
            ("tracking error realised, annualised", percent(year.realised_tracking_error())),
            ("tracking error predicted, mean", percent(year.predicted_tracking_error())),
            ("gross exposure, mean", percent(gross)),
            ("net exposure, mean", percent(net)),
        ],
    );
    plot(text, year, "value");
    plot(text, year, "tracking-error");
    if year.days.iter().any(|day| day.short > 0.0) {
        plot(text, year, "exposure");
    }
}

fn value(text: &mut String, year: &Year) {
    let sums = &year.sums;
    let less = |money: Money| exact(-Exact::from(money));
    rows(
        text,
        "Value",
        &[
            ("at the beginning", exact(sums.start)),
            ("contributions", money(sums.contributions)),
            ("withdrawals", less(sums.withdrawals)),
            ("gifts", exact(-sums.gifts)),
            ("dividends", money(sums.dividends)),
            ("payments in lieu of dividends", less(sums.in_lieu)),
            ("borrow fees", less(sums.borrow)),
            ("price gains", exact(sums.price_gains)),
            ("execution against the prices of the decisions", exact(sums.execution)),
            ("trading costs", less(sums.costs)),
            ("levies", less(sums.levies)),
            ("at the end", exact(sums.end)),
            ("not explained", exact(sums.unexplained_value())),
        ],
    );
}

fn taxes(text: &mut String, year: &Year) {
    let sums = &year.sums;
    let less = |money: Money| exact(-Exact::from(money));
    let flows = Exact::from(sums.contributions) - sums.withdrawals.into() - sums.gifts;
    let income = Exact::from(sums.dividends) - sums.in_lieu.into() - sums.borrow.into() - sums.levies.into();
    rows(
        text,
        "Value in terms of tax",
        &[
            ("at the beginning", exact(sums.start)),
            ("flows", exact(flows)),
            ("income less fees and levies", exact(income)),
            ("realised short-term, after disallowed losses", money(sums.realised[0])),
            ("realised long-term, after disallowed losses", money(sums.realised[1])),
            ("change of unrealised gains", exact(sums.unrealised[1] - sums.unrealised[0])),
            ("gains given away", exact(sums.given_gains)),
            ("disallowed losses in no basis here", less(sums.gone)),
            ("basis counted beyond cost", money(sums.deemed)),
            ("tax accrued", less(sums.tax)),
            ("at the end, after tax", exact(sums.end - sums.tax.into())),
            ("not explained", exact(sums.unexplained_tax())),
        ],
    );
    rows(
        text,
        "Losses",
        &[
            ("harvested short-term", money(sums.harvested[0])),
            ("harvested long-term", money(sums.harvested[1])),
            ("harvested, of mean value", percent(year.harvested_part())),
            ("disallowed", money(sums.disallowed)),
        ],
    );
    plot(text, year, "harvest");
}

fn trading(text: &mut String, year: &Year) {
    let mut all = vec![
        ("trades", year.trades.to_string()),
        ("turnover, one-way", percent(year.turnover)),
        ("Runs relaxed", year.relaxed.to_string()),
        ("Runs unsolved", year.unsolved.to_string()),
    ];
    if let Some((name, exposure, day)) = &year.largest_factor {
        all.push(("largest factor exposure after rounding", format!("{exposure:.3} ({name}, {day})")));
    }
    for (name, budget, used) in &year.budgets {
        let part = percent(rate::fraction(*used, *budget));
        all.push((
            "gain budget, most used",
            format!("{} of {} ({part}, `{name}`)", money(*used), money(*budget)),
        ));
    }
    rows(text, "Trading", &all);
}

fn checks(text: &mut String, year: &Year) {
    let checked = &year.checked;
    let _ = writeln!(
        text,
        "\n## Checks\n\nBoth identities hold on each of {} days and for their sum, to 1e-14 of the currency. {} trades agree \
         with price, event and recounted gain; {} open lots agree with a recount from the trade list.",
        checked.runs, checked.trades, checked.lots
    );
    if checked.taken_from_events > 0 {
        let _ = writeln!(
            text,
            "Corporate actions (spin-off, return of capital, merger) whose shares and basis the recount took from the \
             ledger's events: {}.",
            checked.taken_from_events
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_decimals() {
        for (text, expected) in [
            ("0", "0.00"),
            ("1234567.891", "1,234,567.89"),
            ("-1234.5", "-1,234.50"),
            ("-0.004999", "0.00"),
            ("999.995", "1,000.00"),
            ("100000", "100,000.00"),
        ] {
            assert_eq!(money(text.parse().unwrap()), expected, "{text}");
        }
    }
}
