"""New Runs: a recorded question with tables replaced, decided and appended."""

import datetime
from decimal import Decimal

import pytest
import samebits as sb
from conftest import need


@pytest.fixture
def new(tmp_path):
    with sb.open(tmp_path / "new.db", create=True) as store:
        yield store


def test_the_same_question_has_the_same_answer(new, run, cli):
    again = sb.record(new, run.question(account="again"), actor="test")
    assert (again.name, again.date, again.solver) == ("again/0", run.date, run.solver)
    assert again.result_id == run.result_id and again.inputs_id != run.inputs_id
    assert again.actor == "test" and again.replay().identical
    assert cli("replay", "--all", "--verify", store=new.place)["verdict"] == "IDENTICAL"
    assert len(new) == 1 and new.verify().verified


def test_the_next_days(new, run):
    polars = need("polars")
    first = sb.record(new, run.question(account="a"), actor="test", recorded_at_ns=1_500_000_000_000_000_000)
    assert first.recorded_at == datetime.datetime(2017, 7, 14, 2, 40, tzinfo=datetime.timezone.utc)
    assert first.next("2017-03-10").ids["account"] == first.stages["account after"]
    closes = polars.DataFrame(first.prices).with_columns((polars.col("price") * 2).cast(polars.Decimal(19, 8)))
    second = sb.record(new, first.next("2017-03-10").with_prices(closes), actor="test")
    assert second.prices["price"] == [2 * price for price in first.prices["price"]]
    third = sb.record(new, second.next(datetime.date(2017, 3, 13)).with_params({"risk_aversion": 40}, reason="desk"), actor="test")
    assert third.params["risk_aversion"] == 40.0 and third.sequence == 2
    assert third.record["params"]["risk_aversion"]["source"] == {"override": "desk"}
    assert new.verify().verified and {one.verdict for one in new.replay()} == {"IDENTICAL"}


def test_tables_round_trip(new, run, store):
    readers = [lambda table: table]
    for name, read in (
        ("pyarrow", lambda module: module.table),
        ("polars", lambda module: module.DataFrame),
    ):
        readers.append(read(need(name)))
    pandas = need("pandas")
    readers.append(pandas.DataFrame.from_arrow)
    for one in (run, store["02-ls-130-30/20"], store["03-di-ca/20"]):
        ids = one.question().ids
        for read in readers:
            question = one.question().with_lots(read(one.lots)).with_prices(read(one.prices))
            assert question.ids == ids, read
        assert one.question().with_cash(0).ids != ids


def test_cash_and_parameters(run):
    question = run.question("b")
    for cash in (Decimal("1234.5"), "1234.50", "1234.500000"):
        assert question.with_cash(cash).ids == question.with_cash("1234.5").ids
    with pytest.raises(sb.InputError, match="float"):
        question.with_cash(1234.5)
    with pytest.raises(sb.InputError) as caught:
        question.with_cash("lots")
    assert caught.value.code.startswith("units.")
    with pytest.raises(sb.InputError) as caught:
        question.with_params({"te_cap": 1.0}, reason="x")
    assert caught.value.code == "rebalance.unknown-parameter" and "te_cap" in str(caught.value)
    with pytest.raises(sb.InputError) as caught:
        question.with_params({"risk_aversion": -1.0}, reason="x")
    assert "risk_aversion" in str(caught.value)
    for wrong in (object(), {"a": 1}, b"x", float("nan"), float("inf")):
        with pytest.raises(sb.InputError, match="risk_aversion"):
            question.with_params({"risk_aversion": wrong}, reason="x")
    off = question.with_params({"turnover_max": None}, reason="x")
    assert off.ids["params"] != question.ids["params"] or run.params["turnover_max"] is None
    assert question.ids == run.question("b").ids


def test_another_solver_is_compared_by_the_inputs_id(new, run):
    ours = sb.record(new, run.question("s0"), actor="t")
    other = sb.record(new, run.question("s1").with_solver("ipm/1"), actor="t")
    assert other.solver == "ipm/1" and other.weights.tobytes() == ours.weights.tobytes()
    with pytest.raises(sb.InputError) as caught:
        sb.record(new, run.question("s2").with_solver("nope/1"), actor="t")
    assert caught.value.code == "replay.unknown-solver" and len(new) == 2


def test_chains_are_kept(new, run):
    first = sb.record(new, run.question("c"), actor="t")
    for wrong, code in (
        (run.question("c"), "store.not-next"),
        (first.next("2017-03-10").with_cash(5), "python.not-continued"),
        (first.next("2017-03-10").with_lots(run.lots), "python.not-continued"),
        (run.question(), "store.not-next"),
    ):
        with pytest.raises(sb.InputError) as caught:
            sb.record(new, wrong, actor="t")
        assert caught.value.code == code
    with pytest.raises(sb.InputError, match="does not follow"):
        first.next(run.date)
    assert len(new) == 1 and new.verify().verified


def test_a_store_opened_for_reading(store, run):
    with pytest.raises(sb.InputError) as caught:
        sb.record(store, run.question("d"), actor="t")
    assert caught.value.code == "python.read-only"


def rows(**columns):
    return need("pyarrow").table(columns)


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (lambda pa: rows(ticker=["XOM"], price=[80.5]), "prices column `price` row 0: expected .* found the float 80.5"),
        (lambda pa: rows(ticker=["XOM", "ZZZZ"], price=[1, 2]), "column `ticker` row 1: unknown ticker `ZZZZ`"),
        (lambda pa: rows(ticker=["XOM", None], price=[1, 2]), "column `ticker` row 1: expected text, found null"),
        (lambda pa: rows(ticker=["XOM", "XOM"], price=[1, 2]), "column `ticker` row 1: was in row 0 already"),
        (lambda pa: rows(ticker=["XOM"], price=[0]), "column `price` row 0: expected a positive"),
        (lambda pa: rows(ticker=["XOM"], price=["-1.5"]), "column `price` row 0"),
        (lambda pa: rows(ticker=["XOM"], price=["cheap"]), 'column `price` row 0: .* found "cheap"'),
        (lambda pa: rows(ticker=["XOM"], price=["1.123456789"]), "column `price` row 0"),
        (lambda pa: rows(ticker=["XOM"], close=[1]), "column `price`: missing; .* the table has ticker, close"),
        (lambda pa: rows(ticker=[5], price=[1]), "column `ticker` row 0: expected text, found 5"),
        (lambda pa: rows(ticker=["XOM"], price=pa.array([2**62])), "column `price` row 0"),
        (lambda pa: rows(ticker=["XOM"], price=[[1]]), "column `price`: expected .* found List"),
        (lambda pa: {"ticker": ["XOM"], "price": [1]}, "found dict"),
        (lambda pa: None, "found NoneType"),
    ],
)
def test_wrong_prices_are_named(run, table, part):
    with pytest.raises(sb.InputError, match=part) as caught:
        run.question("e").with_prices(table(need("pyarrow")))
    assert caught.value.code in ("python.column", "python.table") and caught.value.help


@pytest.mark.parametrize(
    ("column", "values", "part"),
    [
        ("quantity", [Decimal("-1"), Decimal("1")], "column `quantity` row 0: expected a positive"),
        ("quantity", [1.5, 2.5], "column `quantity` row 0: expected .* found the float 1.5"),
        ("lot", [1.5, 2.0], "column `lot` row 0: .* found the float 1.5"),
        ("lot", [float("nan"), 2.0], "column `lot` row 0"),
        ("lot", [1e300, 2.0], "column `lot` row 0"),
        ("lot", [1, 1], "column `lot` row 1: lot 1 is there twice"),
        ("lot", [-1, 1], "column `lot` row 0"),
        ("side", ["long", "sideways"], "column `side` row 1: expected long or short"),
        ("basis", [Decimal(1), None], "column `basis` row 1: .* found null"),
        ("acquired", ["2017-13-01", "2017-01-01"], "column `acquired` row 0"),
        ("lot", [2**64 - 1, 1], "column `lot`: no number is left"),
    ],
)
def test_wrong_lots_are_named(run, column, values, part):
    pyarrow = need("pyarrow")
    columns = {
        "ticker": ["XOM", "AAPL"], "lot": [1, 2], "quantity": [Decimal(1), Decimal(2)],
        "basis": [Decimal(10), Decimal(20)], "acquired": [datetime.date(2016, 1, 4)] * 2,
    }
    question = run.question("f").with_lots(pyarrow.table(columns))
    assert question.ids["account"] != run.question("f").ids["account"]
    columns[column] = pyarrow.array(values, type=pyarrow.uint64()) if values[0] == 2**64 - 1 else values
    with pytest.raises(sb.InputError, match=part):
        run.question("f").with_lots(pyarrow.table(columns))
