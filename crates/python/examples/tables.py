"""A year of trades in one polars frame: turnover and realised gains by account and month."""

import sys

import polars as pl
import samebits as sb


def main(place: str) -> None:
    with sb.open(place) as store:
        trades = pl.concat([pl.DataFrame(run.trades) for run in store.runs()])
    by_month = trades.group_by("account", pl.col("as_of").dt.truncate("1mo").alias("month")).agg(
        pl.col("notional").sum(), pl.col("gain").sum(), pl.col("disallowed").sum(), pl.len().alias("trades")
    )
    print(by_month.sort("account", "month"))


if __name__ == "__main__":
    main(sys.argv[1])
