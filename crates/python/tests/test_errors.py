"""Errors: one base, a code, help, and their family."""

import pickle

import pytest
import samebits as sb
from samebits import _samebits


@pytest.mark.parametrize(
    ("call", "family", "code"),
    [
        (lambda store, run: store["nope"], sb.InputError, "store.not-found"),
        (lambda store, run: store["01-di-us/x"], sb.InputError, "store.not-found"),
        (lambda store, run: store[""], sb.InputError, "store.not-found"),
        (lambda store, run: sb.open("/no/such/store.db"), sb.InputError, "store.no-store"),
        (lambda store, run: sb.open(__file__), sb.DamagedError, "store.not-a-store"),
        (lambda store, run: run.why("NOPE"), sb.InputError, "replay.unknown-ticker"),
        (lambda store, run: run.why(keep_lot=2**63), sb.InputError, "replay.unknown-lot"),
        (lambda store, run: run.why(without_lock="XOM", cap_bp=-1), sb.InputError, "python.argument"),
        (lambda store, run: run.why(rate_bp=100_000), sb.InputError, "python.argument"),
        (lambda store, run: sb.compare(run, ["nope"]), sb.InputError, "replay.unknown-solver"),
        (lambda store, run: run.replay(backend="abacus"), sb.InputError, "python.backend"),
        (lambda store, run: store.runs(start="yesterday"), sb.InputError, "python.date"),
        (lambda store, run: store.runs(start=20170215), sb.InputError, "python.date"),
        (lambda store, run: store.answer(sb.Unit(run.date, ("zz",))), sb.InputError, "python.id"),
        (lambda store, run: store.answer(sb.Unit(run.date, ("0" * 64,))), sb.InputError, "store.not-found"),
        (lambda store, run: _samebits._fault(), sb.InternalError, "python.internal"),
    ],
)
def test_families_codes_and_help(store, run, call, family, code):
    with pytest.raises(family) as caught:
        call(store, run)
    error = caught.value
    assert isinstance(error, sb.Error) and error.code == code
    assert len(error.help) > 10 and str(error) and error.help not in str(error)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.code, again.help) == (family, str(error), code, error.help)


def test_wrong_types_are_type_errors(store, run):
    for call in (
        lambda: store[5],
        lambda: store[None],
        lambda: sb.open(5),
        lambda: sb.open(None),
        lambda: store.runs(limit=-1),
        lambda: store.runs(limit="many"),
        lambda: store.replay(threads=-1),
        lambda: store.replay(5),
        lambda: run.why(5),
        lambda: run.why(cap_bp="wide"),
        lambda: sb.compare("01-di-us/20"),
        lambda: sb.record(store, run, actor="x"),
        lambda: sb.Run(),
        lambda: sb.Store(),
        lambda: sb.Question(),
    ):
        with pytest.raises((TypeError, OverflowError)):
            call()


def test_a_device_that_is_not_there(run):
    try:
        assert run.replay(backend="cuda").identical
    except sb.MachineError as error:
        assert error.code.startswith("device.")
    assert run.replay(backend="auto").identical


def test_the_catalogue_has_the_codes(cli):
    import os
    import subprocess

    for code in ("store.not-found", "replay.unknown-ticker"):
        done = subprocess.run([os.environ["SAMEBITS"], "explain", code], capture_output=True, text=True)
        assert done.returncode == 0 and code in done.stdout


def test_a_store_of_a_later_release(copy):
    import sqlite3

    with sqlite3.connect(copy) as database:
        database.execute("UPDATE meta SET value = 9 WHERE key = 'schema'")
    with pytest.raises(sb.TooNewError) as caught:
        sb.open(copy)
    assert caught.value.code == "store.too-new" and "9" in str(caught.value)
