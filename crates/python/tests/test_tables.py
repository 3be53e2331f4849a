"""Tables: what they hold, and that every reader of Arrow reads it."""

import datetime
import json
from decimal import Decimal

import pytest
from conftest import need

TABLES = ["trades", "lots", "exposures", "holdings", "summary", "prices", "constraints", "locks"]


def micros(value):
    return int(value.scaleb(6))


def test_trades_are_those_of_the_record(run):
    market, trades = run.record["market"], run.record["outcome"]["trades"]
    rows = run.trades.to_pylist()
    assert len(rows) == len(trades) == len(run.trades) > 0
    for row, trade in zip(rows, trades):
        assert row["ticker"] == market["securities"][trade["security"]]["ticker"]
        assert (row["side"], row["lot"], row["as_of"]) == (trade["side"], trade["lot"], run.date)
        assert row["run_id"].hex() == run.id and row["account"] == run.account
        for name in ("quantity", "notional", "cost"):
            assert isinstance(row[name], Decimal) and micros(row[name]) == int(trade[name])
        if trade["side"] == "sell":
            assert micros(row["gain"]) == int(trade["gain"]) and row["long_term"] is trade["long_term"]
        else:
            assert row["gain"] is None and row["long_term"] is None
    assert run.trades["side"] == [row["side"] for row in rows]
    with pytest.raises(KeyError):
        run.trades["nothing"]


def test_lots_before_and_after(run, store):
    rows = run.lots.to_pylist()
    before = [row for row in rows if row["state"] == "before"]
    assert [row["lot"] for row in before] == [lot["id"] for lot in run.record["account"]["lots"]]
    after = [row for row in rows if row["state"] == "after"]
    bought = sum(trade["side"] == "buy" for trade in run.record["outcome"]["trades"])
    assert bought and {row["acquired"] for row in after} - {row["acquired"] for row in before} <= {run.date}
    assert all(row["quantity"] > 0 and row["basis"] > 0 for row in rows)
    short = store["02-ls-130-30/20"].lots.to_pylist()
    assert {row["side"] for row in short} == {"long", "short"}
    assert all((row["proceeds"] is None) == (row["side"] == "long") for row in short)


def test_other_tables(run):
    record = run.record
    assert run.prices["ticker"] == run.tickers
    assert [int(price.scaleb(8)) for price in run.prices["price"]] == [int(price) for price in record["market"]["prices"]]
    assert run.constraints["multiplier"] == [row["multiplier"] for row in record["outcome"]["rows"]]
    assert len(run.locks) == len(record["account"]["locks"])
    (row,) = run.summary.to_pylist()
    assert micros(row["nav_before"]) == int(record["outcome"]["totals"]["nav_before"])
    assert row["recorded_at"] == run.recorded_at and row["tolerance"] == record["manifest"]["method"]["tolerance"]
    assert run.holdings["target_weight"] == list(record["outcome"]["weights"])
    assert {kind for kind in run.exposures["kind"]} == {"factor", "sector"}


@pytest.mark.parametrize("name", TABLES)
def test_pyarrow(run, name):
    pyarrow = need("pyarrow")
    table = getattr(run, name)
    read = pyarrow.table(table)
    read.validate(full=True)
    assert read.column_names == table.column_names and read.num_rows == len(table)
    known = {"string": "string", "bool": "bool", "double": "double", "int64": "int64", "uint64": "uint64"}
    for field in read.schema:
        wanted = table.types[field.name]
        wanted = {"fixed_size_binary(32)": "fixed_size_binary[32]", "date32": "date32[day]",
                  "timestamp(ns, UTC)": "timestamp[ns, tz=UTC]"}.get(wanted, known.get(wanted, wanted))
        assert str(field.type) == wanted, field
    ours, theirs = table.to_pylist(), read.to_pylist()
    for one, other in zip(ours, theirs):
        moment = other.get("recorded_at")
        if moment is not None:
            one["recorded_at"] = other["recorded_at"] = None
        assert one == other
    assert pyarrow.schema(table) == read.schema


def test_the_columns_of_the_export(store, tmp_path):
    """The rows of all Runs are those of `samebits export --parquet`."""
    import os
    import subprocess

    pyarrow, parquet = need("pyarrow"), need("pyarrow.parquet")
    account = "02-ls-130-30"
    command = [os.environ["SAMEBITS"], "export", "--parquet", str(tmp_path / "out"), "--account", account, "--lots", "every"]
    subprocess.run([*command, "--store", store.place], check=True, capture_output=True)
    runs = store.runs(account=account)
    for file, name in (("trades", "trades"), ("lots", "lots"), ("exposures", "exposures"), ("weights", "holdings"), ("runs", "summary")):
        ours = pyarrow.concat_tables([pyarrow.table(getattr(run, name)) for run in runs])
        if name == "lots":
            # The export has the state after trading of the last Run only.
            last = ours["run_id"].combine_chunks().to_pylist()[-1]
            ours = pyarrow.Table.from_pylist(
                [row for row in ours.to_pylist() if row["state"] == "before" or row["run_id"] == last], schema=ours.schema
            )
        theirs = parquet.read_table(tmp_path / "out" / f"{file}.parquet")
        assert ours.equals(theirs.cast(ours.schema)), name
        assert theirs.schema.remove_metadata().equals(ours.schema), name


def test_polars(run):
    polars = need("polars")
    frame = polars.DataFrame(run.trades)
    assert frame["notional"].to_list() == run.trades["notional"]
    assert frame["as_of"].to_list() == run.trades["as_of"] and frame["run_id"].to_list() == run.trades["run_id"]
    assert frame.schema["notional"] == polars.Decimal(19, 6)
    both = polars.concat([polars.DataFrame(one.trades) for one in (run, run)])
    assert len(both) == 2 * len(frame)


def test_pandas(run):
    pandas = need("pandas")
    need("pyarrow")
    frame = pandas.DataFrame.from_arrow(run.lots)
    assert frame["lot"].tolist() == run.lots["lot"] and frame["basis"].tolist()[0] == run.lots["basis"][0]


def test_duckdb(run):
    duckdb = need("duckdb")
    need("pyarrow")
    trades = run.trades
    (total,) = duckdb.sql("select sum(notional) from trades where side = 'sell'").fetchall()[0]
    assert total == sum(n for n, side in zip(trades["notional"], trades["side"]) if side == "sell")


def test_a_list_of_runs_is_a_table(store):
    pyarrow = need("pyarrow")
    runs = store.runs(account="01-di-us")
    read = pyarrow.table(runs)
    assert read["sequence"].to_pylist() == [run.sequence for run in runs]
    assert [one.hex() for one in read["run_id"].to_pylist()] == [run.id for run in runs]
    assert runs.table["as_of"] == read["as_of"].to_pylist()


def test_an_exported_stream_outlives_its_table(store):
    pyarrow = need("pyarrow")
    capsule = store["01-di-us/7"].trades.__arrow_c_stream__()
    reader = pyarrow.RecordBatchReader._import_from_c_capsule(capsule)
    assert reader.read_all()["ticker"].to_pylist() == store["01-di-us/7"].trades["ticker"]
    del reader, capsule
    # One that nobody takes over is released by its capsule.
    for _ in range(100):
        store["01-di-us/7"].trades.__arrow_c_stream__()


def test_parameters_and_days(run):
    settings = run.record["params"]
    assert run.params["risk_aversion"] == 60.0 and set(run.params) == set(settings)
    assert isinstance(run.date, datetime.date)
    json.dumps({name: value for name, value in run.params.items()})
