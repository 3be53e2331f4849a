"""Stores: names of Runs, lists, verification, closing."""

import datetime
import pathlib

import pytest
import samebits as sb
from conftest import ROOT


def test_a_run_by_every_name(store):
    run = store["01-di-us/20"]
    assert (run.account, run.sequence, run.name) == ("01-di-us", 20, "01-di-us/20")
    assert store[run.id] == run == store[run.id[:12]]
    assert store["latest"] == store.runs()[-1] or store["latest"].date == store.runs()[-1].date
    assert run.id in store and "01-di-us/20" in store
    assert "01-di-us/9999" not in store and "" not in store
    assert len({run, store[run.id]}) == 1 and run != store["01-di-us/19"] and run != run.id


def test_lists_are_those_of_the_command(store, cli):
    listed = cli("runs", "--limit", "1000000")
    assert len(store) == listed["total"] == len(store.runs()) == len(list(store))
    for mine, its in zip(store.runs(), listed["runs"], strict=True):
        assert (mine.id, mine.inputs_id, mine.result_id) == (its["run_id"], its["inputs_id"], its["result_id"])
        assert (mine.account, mine.sequence, str(mine.date)) == (its["account"], its["sequence"], its["as_of"])
        assert (mine.status, mine.solver, mine.actor) == (its["status"], its["solver"], its["actor"])
    seen = mine.recorded_at
    assert seen.tzinfo is datetime.timezone.utc and f"{seen:%Y-%m-%dT%H:%M:%S}" in its["recorded_at"]


def test_filters(store):
    day = datetime.date(2017, 2, 15)
    one = store.runs(account="04-pairs", start=day, end="2017-02-20")
    assert [run.account for run in one] == ["04-pairs"] * len(one) and len(one) == 3
    assert all(day <= run.date <= datetime.date(2017, 2, 20) for run in one)
    assert [run.id for run in store.runs(account="04-pairs", limit=2)] == [run.id for run in store.runs(account="04-pairs")][-2:]
    assert len(store.runs(account="nobody")) == 0 == len(store.runs(limit=0))
    stamped = datetime.datetime(2017, 2, 15, 23, 59)
    assert len(store.runs(start=stamped, end=stamped)) == len(store.runs(start=day, end=day)) > 0


def test_a_list_is_a_sequence(store):
    runs = store.runs(account="01-di-us")
    assert runs[0] == runs[-len(runs)] and runs[-1] == runs[len(runs) - 1]
    assert [run.id for run in runs[1:5:2]] == [runs[1].id, runs[3].id]
    assert [run.id for run in runs[::-1]] == [run.id for run in reversed(runs)]
    for wrong in (len(runs), -len(runs) - 1):
        with pytest.raises(IndexError):
            runs[wrong]
    with pytest.raises(TypeError):
        runs["01-di-us/0"]


def test_verify_says_what_the_command_says(store, cli):
    report, its = store.verify(), cli("verify")
    assert (report.runs, report.blobs, report.accounts) == (its["runs"], its["blobs"], its["accounts"])
    assert report.verified and report.problems == ()
    with pytest.raises(TypeError, match="verified"):
        bool(report)


def test_a_closed_store_refuses(path):
    with sb.open(pathlib.Path(path)) as store:
        run = store["latest"]
        assert not store.closed
    assert store.closed
    store.close()
    for use in (lambda: store["latest"], lambda: len(store), store.runs, store.verify, store.replay, lambda: run.trades):
        with pytest.raises(sb.InputError) as caught:
            use()
        assert caught.value.code == "python.closed"
    # What was read before stays.
    assert run.account and "closed" in repr(store)


def test_a_run_that_was_read_outlives_its_store(path):
    store = sb.open(path)
    run = store["01-di-us/3"]
    weights = run.weights
    store.close()
    assert run.replay().identical and weights.sum() == run.weights.sum()


def test_a_store_of_an_earlier_release(tmp_path, run):
    """Read, verified and replayed; not appended to."""
    place = tmp_path / "v1.db"
    place.write_bytes((ROOT / "fixtures/store/v1/sample.db").read_bytes())
    with sb.open(place, append=True) as store:
        assert store.verify().verified and len(store) == len(store.runs()) > 0
        old = store["latest"]
        assert len(old.tickers) == len(old.prices) and old.sigma.shape[0] == len(old.tickers)
        with pytest.raises(sb.InputError) as caught:
            sb.record(store, run.question(account="new"), actor="test")
        assert caught.value.code == "store.old-schema"
