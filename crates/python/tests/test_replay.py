"""Replays, comparisons and explanations: the same bits as the command's."""

import math
import os

import pytest
import samebits as sb
from conftest import need
from samebits import _fleet

np = need("numpy")


def test_one_replay(run, cli):
    mine, its = run.replay(), cli("replay", run.name)["runs"][0]
    assert (mine.verdict, mine.run_id, mine.first_stage) == (its["verdict"], its["run_id"], its["first_stage"])
    assert mine.identical and mine.weights_equal and mine.trades_equal and mine.differences == ()
    assert mine.largest_weight_difference == its["largest_weight_difference"] == 0.0
    assert 0 < mine.ms < 10_000 and mine.error is None
    assert mine.stages == run.stages
    with pytest.raises(TypeError, match="verdict"):
        bool(mine)


def test_the_digests_are_those_of_the_record(run, cli):
    shown = cli("show", run.name)
    stages = {name.replace("_", " "): digest for name, digest in shown["outcome"]["stages"].items()}
    assert run.stages == stages and len(stages) == 8
    assert run.record == shown
    assert run.result_id == shown["manifest"]["result_id"] and run.link == shown["link"]


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_all_replays(store, threads):
    replays = store.replay(threads=threads)
    assert [one.run_id for one in replays] == [run.id for run in store.runs()]
    assert {one.verdict for one in replays} == {"IDENTICAL"}
    assert all(one.stages["account after"] for one in replays)


def test_some_replays(store, run):
    names = [run, "04-pairs/3", "latest"]
    assert [one.name for one in store.replay(names)] == [run.name, "04-pairs/3", store["latest"].name]
    assert store.replay([]) == []
    day = [one.name for one in store.replay(start=run.date, end=run.date)]
    assert day == [one.name for one in store.runs(start=run.date, end=run.date)]


def test_why_is_the_commands(run, cli):
    assert run.why("XOM") == cli("why", run.name, "XOM")
    assert run.why() == cli("why", run.name)
    ours = run.why("aapl", cap_bp=90.0, rate_bp=[100, -100])
    assert ours == cli("why", run.name, "AAPL", "--cap", "90", "--rate", "100", "--rate=-100")
    assert [one["basis"] for one in ours["counterfactuals"]] == ["decided again"] * 3


def test_why_with_a_lot_and_a_lock(store, cli):
    for run in store.runs(account="01-di-us")[5:]:
        trades, locks = run.trades, run.locks
        sold = [lot for side, lot in zip(trades["side"], trades["lot"]) if side == "sell"]
        if sold and len(locks):
            name = locks["ticker"][0]
            mine = run.why(keep_lot=sold[0], without_lock=name)
            assert mine == cli("why", run.name, "--keep-lot", str(sold[0]), "--without-lock", name)
            assert len(mine["counterfactuals"]) == 2
            return
    raise AssertionError("the demo has no such day")


def test_compare(run, cli):
    found = sb.compare(run)
    assert [one.solver for one in found] == ["active-set", "ipm", "clarabel"]
    its = cli("compare", "--runs", run.name, "--each")["each"]
    for mine, its in zip(found, its, strict=True):
        assert (mine.solver, mine.solved, mine.weights_equal) == (its["solver"], its["solved"], its["weights_bit_equal"])
        assert (mine.difference, mine.raw_difference) == (its["weight_difference"], its["raw_weight_difference"])
        assert (mine.objective_bp, mine.after_tax_bp) == (its["objective_bp"], its["after_tax_bp"])
        assert mine.weights_equal and math.isfinite(mine.ms)
    assert sb.compare(run, solvers=["ipm/1"])[0].solved and sb.compare(run, []) == []


def test_another_answer_is_named(cli):
    """Two Runs whose recorded answers were changed, and every id made right again."""
    place = os.environ["SAMEBITS_FORGED"]
    with sb.open(place) as store:
        assert store.verify().verified
        ulp, tax = store["ulp/0"].replay(), store["tax/0"].replay()
        assert (ulp.verdict, tax.verdict) == ("EQUIVALENT", "DIVERGED") and not ulp.identical and not tax.identical
        assert not ulp.weights_equal and ulp.trades_equal and tax.weights_equal and not tax.trades_equal
        (one,) = ulp.differences
        assert one.field == "weights[3]" and one.ulps == 1
        assert float(one.recorded) == store["ulp/0"].weights[3] == np.nextafter(float(one.replayed), 1)
        (one,) = tax.differences
        assert (one.field, one.recorded, one.ulps) == ("tax.accrued", "1", None) and one.replayed != "1"
        its = {row["account"]: row for row in cli("replay", "--all", store=place)["runs"]}
        for mine in (ulp, tax):
            row = its[mine.name.split("/")[0]]
            assert (mine.verdict, mine.first_stage) == (row["verdict"], row["first_stage"])
            assert [dict(one._asdict()) for one in mine.differences] == row["differences"]
        answers = _fleet.local(store)
        assert {one.stage for one in answers.others} == {"outcome"} and not answers.identical


def test_damaged_runs_are_answers_of_their_own(copy):
    """One byte of one record: that Run is damaged, the others are identical."""
    import sqlite3

    with sqlite3.connect(copy) as database:
        database.execute("DROP TRIGGER records_are_final")
        (record,) = database.execute("SELECT record FROM runs WHERE account = '04-pairs' AND sequence = 3").fetchone()
        broken = bytearray(record)
        broken[len(broken) // 2] ^= 1
        database.execute("UPDATE runs SET record = ? WHERE account = '04-pairs' AND sequence = 3", (bytes(broken),))
    with sb.open(copy) as store:
        replays = {one.name: one for one in store.replay(account="04-pairs")}
        bad = replays.pop("04-pairs/3")
        assert bad.verdict == "DAMAGED" and isinstance(bad.error, sb.DamagedError) and not bad.identical
        assert {one.verdict for one in replays.values()} == {"IDENTICAL"}
        with pytest.raises(sb.DamagedError, match="04-pairs/3"):
            store["04-pairs/3"].replay()
        report = store.verify()
        assert not report.verified and {one.run for one in report.problems} >= {"04-pairs/3"}
