#!/usr/bin/env python3
"""Tables of `samebits export --parquet`, read by pyarrow, pandas, polars and DuckDB.

    python3 -m venv target/parquet-venv
    target/parquet-venv/bin/pip install --quiet pyarrow pandas polars duckdb
    target/parquet-venv/bin/python crates/analytics/tests/read_parquet.py SAMEBITS STORE FOLDER

SAMEBITS is the command, STORE what `--store` takes, FOLDER is made, or its tables are replaced. Exports twice (the bytes must be
the same), then compares in every reader: rows, types, exact sums of all columns of money and shares with what the export said;
ids with `samebits runs`; trades, lots, weights by their bits, and figures of some Runs with `samebits show`.
"""

import datetime
import decimal
import json
import pathlib
import struct
import subprocess
import sys
import time

import duckdb
import pandas
import polars
import pyarrow
import pyarrow.parquet

# Sums have more digits than the default of 28 in the worst case.
decimal.getcontext().prec = 60

ARROW = {
    "fixed_size_binary(32)": "fixed_size_binary[32]",
    "date32": "date32[day]",
    "timestamp(ns, UTC)": "timestamp[ns, tz=UTC]",
}
POLARS = {
    "fixed_size_binary(32)": "Binary",
    "string": "String",
    "bool": "Boolean",
    "int64": "Int64",
    "uint64": "UInt64",
    "date32": "Date",
    "timestamp(ns, UTC)": "Datetime(time_unit='ns', time_zone='UTC')",
    "decimal128(19, 6)": "Decimal(precision=19, scale=6)",
    "decimal128(19, 8)": "Decimal(precision=19, scale=8)",
    "double": "Float64",
}
DUCKDB = {
    "fixed_size_binary(32)": "BLOB",
    "string": "VARCHAR",
    "bool": "BOOLEAN",
    "int64": "BIGINT",
    "uint64": "UBIGINT",
    "date32": "DATE",
    "timestamp(ns, UTC)": ("TIMESTAMPTZ_NS", "TIMESTAMP WITH TIME ZONE"),
    "decimal128(19, 6)": "DECIMAL(19,6)",
    "decimal128(19, 8)": "DECIMAL(19,8)",
    "double": "DOUBLE",
}


def same(what, found, expected):
    if found != expected:
        sys.exit(f"{what}: found {found!r}, expected {expected!r}")


def samebits(command, store, *arguments):
    done = subprocess.run([command, "--json", "--store", store, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit code {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def micros(amount):
    """An exact decimal as an integer of millionths; an empty sum is zero."""
    if amount is None:
        return 0
    scaled = decimal.Decimal(str(amount)) * 1_000_000
    same("decimals of a sum", scaled, scaled.to_integral_value())
    return int(scaled)


def with_pyarrow(table):
    read = pyarrow.parquet.read_table(table["file"])
    same(f"{table['table']}: columns", read.column_names, [column["name"] for column in table["columns"]])
    for column in table["columns"]:
        name, kind = column["name"], column["type"]
        same(f"pyarrow: {table['table']}.{name}", str(read.schema.field(name).type), ARROW.get(kind, kind))
        same(f"pyarrow: {table['table']}.{name}: null", read.schema.field(name).nullable, column["null"])
    return read.num_rows, lambda name: read.column(name).combine_chunks(), lambda column: pyarrow.compute.sum(column).as_py()


def with_pandas(table):
    read = pandas.read_parquet(table["file"], dtype_backend="pyarrow")
    total = lambda column: None if column.dropna().empty else column.sum()
    return len(read), lambda name: read[name], total


def with_polars(table):
    read = polars.read_parquet(table["file"])
    for column in table["columns"]:
        found, kind = str(read.schema[column["name"]]), column["type"]
        same(f"polars: {table['table']}.{column['name']}", found, POLARS[kind])
    return read.height, lambda name: read[name], lambda column: column.sum()


def with_duckdb(table):
    source = f"read_parquet('{table['file']}')"
    types = {name: kind for name, kind, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    for column in table["columns"]:
        allowed = DUCKDB[column["type"]]
        allowed = allowed if isinstance(allowed, tuple) else (allowed,)
        if types[column["name"]] not in allowed:
            same(f"duckdb: {table['table']}.{column['name']}", types[column["name"]], allowed)
    rows = duckdb.sql(f"SELECT count(*) FROM {source}").fetchall()[0][0]
    return rows, lambda name: name, lambda name: duckdb.sql(f'SELECT sum("{name}") FROM {source}').fetchall()[0][0]


def totals(tables):
    for reader in (with_pyarrow, with_pandas, with_polars, with_duckdb):
        began, compared = time.perf_counter(), 0
        for table in tables:
            rows, column, total = reader(table)
            same(f"{reader.__name__}: rows of {table['table']}", rows, table["rows"])
            for name, expected in table["sums"].items():
                same(f"{reader.__name__}: sum of {table['table']}.{name}", micros(total(column(name))), int(expected))
                compared += 1
        print(f"{reader.__name__}: {compared} sums of {len(tables)} tables, {time.perf_counter() - began:.2f} s")


def text(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


def bits(value):
    return struct.pack("<d", value).hex()


def ids(tables, runs):
    """Every Run of the list is there, with what the list says of it."""
    read = pyarrow.parquet.read_table(tables["runs"]["file"]).to_pylist()
    found = {row["run_id"].hex(): row for row in read if row["supersedes"] is None}
    same("ids", set(found), {run["run_id"] for run in runs})
    for run in runs:
        row = found[run["run_id"]]
        for name in ("account", "sequence", "status", "solver", "actor"):
            same(f"{run['run_id']}.{name}", row[name], run[name])
        for name in ("inputs_id", "result_id"):
            same(f"{run['run_id']}.{name}", row[name].hex(), run[name])
        same(f"{run['run_id']}.as_of", row["as_of"].isoformat(), run["as_of"])
    known = set(row["run_id"] for row in read)
    for name, table in tables.items():
        of = duckdb.sql(f"SELECT DISTINCT run_id FROM read_parquet('{table['file']}')").fetchall()
        same(f"{name}: Runs that are not in runs", [row for row, in of if bytes(row) not in known], [])
    return found


def one(tables, row, shown):
    """The rows of a Run against what `samebits show` prints of the record."""
    run_id, outcome, market = row["run_id"], shown["outcome"], shown["market"]
    name = f"{row['account']}/{row['sequence']}"
    of = lambda table: pyarrow.parquet.read_table(tables[table]["file"], filters=[("run_id", "=", run_id)]).to_pylist()
    tickers = [security["ticker"] for security in market["securities"]]
    for column in ("nav_before", "nav_after", "cash_after", "bought", "sold", "costs"):
        same(f"{name}.{column}", micros(row[column]), outcome["totals"][column])
    for column in ("harvested", "disallowed"):
        same(f"{name}.{column}", micros(row[column]), outcome["tax"][column])
    same(f"{name}.objective", bits(row["final_objective"]), bits(outcome["final_objective"]["total"]))
    recorded = [(trade["side"], tickers[trade["security"]], trade["lot"], trade["quantity"], trade["notional"], trade["cost"])
                for trade in outcome["trades"]]
    same(f"{name}: trades", [(trade["side"], trade["ticker"], trade["lot"], micros(trade["quantity"]), micros(trade["notional"]),
                              micros(trade["cost"])) for trade in of("trades")], recorded)
    weights = of("weights")
    same(f"{name}: tickers", [weight["ticker"] for weight in weights], tickers)
    same(f"{name}: prices", [int(weight["price"].scaleb(8)) for weight in weights], market["prices"])
    same(f"{name}: weights", [bits(weight["target_weight"]) for weight in weights], [bits(w) for w in outcome["weights"]])
    benchmark = market["benchmark"]["weights"]
    same(f"{name}: benchmark", [bits(weight["benchmark_weight"]) for weight in weights], [bits(w) for w in benchmark])
    lots = [(lot["ticker"], lot["lot"], micros(lot["quantity"]), micros(lot["basis"]), lot["acquired"].isoformat())
            for lot in of("lots") if lot["state"] == "before" and lot["side"] == "long"]
    same(f"{name}: lots", lots, [(tickers[lot["security"]], lot["id"], lot["quantity"], lot["basis"], text(lot["acquired"]))
                                 for lot in shown["account"]["lots"]])


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    command, store, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
    export = ["export", "--force", "--lots", "every", "--parquet"]
    began = time.perf_counter()
    answer = samebits(command, store, *export, str(folder))
    seconds = time.perf_counter() - began
    rows = sum(table["rows"] for table in answer["tables"])
    size = sum(table["bytes"] for table in answer["tables"])
    print(f"export: {answer['records']} records, {rows} rows, {size} bytes, {seconds:.1f} s, {rows / seconds:,.0f} rows/s")
    for table in answer["tables"]:
        print(f"  {table['table']}: {table['rows']} rows, {table['bytes']} bytes")
    again = folder / "again"
    samebits(command, store, *export, str(again))
    for table in answer["tables"]:
        first = pathlib.Path(table["file"])
        same(f"{table['table']}: the same bytes again", first.read_bytes() == (again / first.name).read_bytes(), True)
        (again / first.name).unlink()
    again.rmdir()
    totals(answer["tables"])
    tables = {table["table"]: table for table in answer["tables"]}
    runs = samebits(command, store, "runs", "--limit", "1000000000")["runs"]
    found = ids(tables, runs)
    some = runs[:: max(1, len(runs) // 20)]
    for run in some:
        one(tables, found[run["run_id"]], samebits(command, store, "show", run["run_id"]))
    print(f"SAME: {len(runs)} ids; {len(some)} Runs by every trade, lot and weight")


main()
