"""The last question of an account with other closes and a higher aversion to risk, recorded in a store of its own."""

import sys
from decimal import Decimal

import polars as pl
import samebits as sb


def main(place: str, account: str, target: str) -> None:
    with sb.open(place) as store, sb.open(target, create=True) as what_if:
        run = store.runs(account=account)[-1]
        closes = pl.DataFrame(run.prices).with_columns((pl.col("price") * Decimal("0.95")).cast(pl.Decimal(19, 8)))
        question = run.question(account=f"{account}-5-percent-lower").with_prices(closes)
        new = sb.record(what_if, question.with_params({"risk_aversion": 90.0}, reason="stress"), actor="example")
        for one in (run, new):
            (summary,) = one.summary.to_pylist()
            print(one.name, len(one.trades), "trades, harvested", summary["harvested"], "tax", summary["tax_change"])
        print(new.replay().verdict, what_if.verify().verified)


if __name__ == "__main__":
    main(*sys.argv[1:4])
