"""Broken files and broken producers: exceptions, never a crash."""

import ctypes
import random
import sqlite3

import pytest
import samebits as sb
from conftest import ROOT


def touch(store):
    """Reads and replays what there is."""
    store.verify()
    for run in store.runs(limit=30):
        try:
            run.replay(), run.trades, run.lots, run.sigma, run.record, run.why()
        except sb.Error:
            pass
    store.replay(threads=2, account="01-di-us")


def test_flipped_bytes_of_the_file(path, tmp_path):
    whole = open(path, "rb").read()
    draw = random.Random(20261122)
    target = tmp_path / "broken.db"
    refused = 0
    for k in range(40):
        broken = bytearray(whole)
        for _ in range(1 + 200 * (k % 4)):
            broken[draw.randrange(100 if k % 8 == 7 else len(broken))] = draw.randrange(256)
        target.write_bytes(bytes(broken))
        try:
            with sb.open(target) as store:
                touch(store)
        except sb.Error as error:
            refused += 1
            assert error.code
    assert refused > 0


@pytest.mark.parametrize("length", [0, 1, 15, 16, 99, 100, 4096, 100_000])
def test_cut_files(path, tmp_path, length):
    target = tmp_path / "cut.db"
    target.write_bytes(open(path, "rb").read(length))
    with pytest.raises(sb.Error):
        with sb.open(target) as store:
            touch(store)
            if not store.verify().verified:
                raise sb.DamagedError("as it should be")


def test_what_is_no_store(tmp_path):
    places = [tmp_path, ROOT / "README.md", ROOT / "fixtures/snapshot/v1/sample.run", "", "\0", "postgres://", "postgres://nobody@127.0.0.1:1/x"]
    for place in places:
        with pytest.raises((sb.Error, ValueError)):
            sb.open(place)


def test_rows_that_are_not_as_a_store_writes_them(copy):
    with sqlite3.connect(copy) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE runs SET record = x'' WHERE sequence = 1")
        database.execute("UPDATE runs SET record = zeroblob(1000) WHERE sequence = 2")
        database.execute("UPDATE runs SET solver = '\u202e<script>' WHERE sequence = 3")
    with sb.open(copy) as store:
        assert not store.verify().verified
        replays = store.replay(threads=2)
        assert {one.verdict for one in replays} == {"IDENTICAL", "DAMAGED"}
        for one in replays:
            assert (one.verdict == "DAMAGED") == (int(one.name.split("/")[1]) in (1, 2, 3)), one
            assert one.verdict == "IDENTICAL" or isinstance(one.error, sb.DamagedError)
        unit = next(unit for unit in store.units() if store[unit.runs[0]].sequence == 2)
        assert all(answer.problem and answer.result_id is None for answer in store.answer(unit))


class Stream:
    """A producer whose answer is not what the protocol wants."""

    def __init__(self, answer):
        self.answer = answer

    def __arrow_c_stream__(self, requested_schema=None):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def capsule(name):
    make = ctypes.pythonapi.PyCapsule_New
    make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
    return make(ctypes.addressof(memory), name, None)


memory = ctypes.create_string_buffer(64)
NAME = b"arrow_array_stream"


def test_producers_that_break_the_protocol(run):
    question = run.question("h")
    for answer in (None, 5, "capsule", capsule(b"arrow_schema"), capsule(None), capsule(NAME)):
        with pytest.raises(sb.InputError) as caught:
            question.with_prices(Stream(answer))
        assert caught.value.code == "python.table"
    with pytest.raises(ZeroDivisionError):
        question.with_prices(Stream(ZeroDivisionError()))
    taken = run.prices.__arrow_c_stream__()
    assert question.with_prices(Stream(taken)).ids == question.ids
    # The second time it is a stream that was released.
    with pytest.raises(sb.InputError):
        question.with_prices(Stream(taken))


def test_names_of_any_kind(store):
    for name in ("\0", "a" * 1_000_000, "\u202e", "'; drop table runs; --", "/", "//", "01-di-us/-1", "01-di-us/99999999999999999999", "%", "latest/"):
        with pytest.raises(sb.InputError):
            store[name]
        assert len(store.runs(account=name)) == 0
    with pytest.raises((UnicodeEncodeError, TypeError)):
        store["\ud800"]
