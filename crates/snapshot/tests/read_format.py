#!/usr/bin/env python3
"""Runs, blobs, sealed records and stores, read and verified by a second program.

    python3 -m venv target/format-venv
    target/format-venv/bin/pip install --quiet blake3 lz4 msgpack numpy pcodec zstandard
    target/format-venv/bin/python crates/snapshot/tests/read_format.py [--self-test] PATH...

The reader itself is reader.py, one file of less than 300 lines; here is what finds the bytes, and what tries the reader out. PATH
is a file (.run, .blob, .sealed, or .db: a store in SQLite with its blobs) or a folder with such files. Prints a line for each file;
exits with 1 at the first that is not as the documents say, and says what is wrong.

Ids are compared with those in NAME.id, or in the line that begins with NAME of an ids.txt, beside a file: the id of a blob; the ids
of Run, inputs, result and account. NAME of a sealed record is ACCOUNT-SEQUENCE.

--self-test then reads each file, record and blob with one bit flipped, at every byte (of more than 4 KiB: at some 400), and with
its end cut off: all has to be refused. With one bit flipped and the outermost checksum mended (the hash of a file, the CRC of a
blob) it is to be refused as well, or to have the same ids. A sealed record states no id but that of its outcome: with its hash
mended it is another one.
"""

import contextlib
import io
import operator
import pathlib
import sqlite3
import struct
import sys

import numpy

from reader import H, content_id, crc32c, decode, fma, head_of, held, in_lanes, ledoit_wolf, need, run, sealed, value, varint

BLOCK = 32  # sealed records of an account build upon one another within so many


class Bad(Exception):
    """What is wrong, and where."""


@contextlib.contextmanager
def at(where):
    try:
        yield
    except Exception as error:  # foreign bytes may trip any library
        raise Bad(f"{where}: {error if isinstance(error, (Bad, ValueError)) else repr(error)}") from None


class Blobs(dict):
    """Blobs by id, as bytes."""

    __hash__ = object.__hash__  # the reader keeps what a collection was found to hold


class Item:
    """Something that stands by itself: a file, a record or a blob of a store."""

    def __init__(self, name, data, read, mend):
        self.name, self.data, self.read, self.mend = name, data, read, mend

    def ids(self):
        with at(self.name):
            return self.read(self.data)


def mended_run(data):
    return data[:-40] + H("run file", data[:-40]) + data[-8:]


def blob_item(name, data, blobs):
    def read(data):
        value(head_of(data[:72]), data[72:], blobs)
        return (data[40:72],)

    return Item(name, data, read, lambda data: data[:16] + struct.pack("<I", crc32c(data[72:])) + data[20:])


def record_item(name, data, blobs, account, sequence, columns):
    """A Run in either form. `columns` are those of the account's sealed records so far, by sequence."""

    def before(distance):
        need(sequence - distance in columns, f"no sealed record {distance} Runs before run {sequence} of {account}")
        return columns[sequence - distance]

    def read(data):
        narrow = data[:4] == b"\x89SBS"
        found = sealed(blobs, data, before) if narrow else run(blobs, data)
        place = (found.question["account"], found.question["sequence"])
        need(account is None or place == (account, sequence), f"it is run {place[1]} of {place[0]}")
        if narrow:
            columns[sequence] = found.columns
        ids = (found.ids[name] for name in ("run_id", "inputs_id", "result_id"))
        return *ids, found.account_id, found.info_id, found.account_after

    return Item(name, data, read, None if data[:4] == b"\x89SBS" else mended_run)


def expected(path):
    """The ids that stand beside a file."""
    beside, listed = path.with_suffix(".id"), path.parent / "ids.txt"
    if beside.exists():
        return beside.read_text().split()
    if listed.exists():
        lines = [line.split()[1:] for line in listed.read_text().splitlines() if line.split()[0] == path.stem]
        need(len(lines) == 1, f"{listed} has {len(lines)} lines for it")
        return lines[0]
    return []


def of_files(paths):
    """The items of single files; each may refer to all blobs among them."""
    data = {path: path.read_bytes() for path in paths}
    blobs = Blobs({data[path][40:72]: data[path] for path in paths if path.suffix == ".blob"})
    columns = {}
    for path in sorted(paths, key=lambda path: (path.parent, *parted(path))):
        if path.suffix == ".blob":
            item = blob_item(str(path), data[path], blobs)
        else:
            account, sequence = parted(path) if path.suffix == ".sealed" else (None, None)
            past = columns.setdefault((path.parent, account), {})
            item = record_item(str(path), data[path], blobs, account, sequence, past)
        yield path, item


def parted(path):
    """Account and sequence of a sealed record's file; the name and 0 of another one's."""
    account, _, sequence = path.stem.rpartition("-")
    return (account, int(sequence)) if path.suffix == ".sealed" else (path.stem, 0)


def of_store(path):
    """The items of a store; before each Run's, its row and link are compared (docs/store.md)."""
    database = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    meta = dict(database.execute("SELECT key, value FROM meta"))
    need(meta["schema"] in ("1", "2") and "blobs" not in meta, f"meta {meta}")
    blobs = Blobs(database.execute("SELECT id, bytes FROM blobs"))
    for id, data in blobs.items():
        yield blob_item(f"{path} blob {id.hex()[:8]}", data, blobs)
    fields = "account, sequence, as_of, run_id, inputs_id, result_id, recorded_at, actor, previous, link, record"
    heads, columns, last = {}, {}, None
    for row in database.execute(f"SELECT {fields} FROM runs ORDER BY account, sequence"):
        account, sequence, as_of, *ids, recorded_at, actor, previous, link, data = row
        if sequence % BLOCK == 0:
            columns = {}
        item = record_item(f"{path} {account}/{sequence}", data, blobs, account, sequence, columns)
        found = item.ids()
        with at(item.name):
            number = lambda value: value.to_bytes(8, "little")
            front, middle = [previous, account.encode(), number(sequence), ids[0]], [number(recorded_at), actor.encode()]
            if meta["schema"] == "1":
                worked_out = H("chain link", *front, *middle, H("record bytes", data))
            else:
                worked_out = H("chain link 2", *front, found[4], *middle)
            need(link == worked_out, "the link")
            before, account_before = heads.get(account, (bytes(32), found[3]))
            need(previous == before and sequence == (last + 1 if account in heads else 0), "the place in the chain")
            need(found[3] == account_before, "the account is not what the Run before left")
            need(list(found[:3]) == ids, "an id in the row")
        heads[account], last = (link, found[5]), sequence
        yield item
    ends = dict(database.execute("SELECT account, link FROM heads"))
    need(ends == {account: link for account, (link, _) in heads.items()}, f"{path}: where the chains end")


def self_test(item):
    """Flips and cuts; returns how many were tried."""
    good, size = item.ids(), len(item.data)
    step = 1 if size <= 4096 else size // 200
    places = sorted({*range(0, size, step), *range(min(size, 128)), *range(max(0, size - 48), size)})
    for place in places:
        bad = bytearray(item.data)
        bad[place] ^= 1 << place % 8
        for what, data in (("flipped", bytes(bad)), ("cut off", item.data[:place])):
            need(refused(item, data), f"{item.name}: byte {place} {what}, and it was read")
        if place % 5 == 0 and item.mend:
            need(refused(item, item.mend(bytes(bad)), good), f"{item.name}: byte {place} flipped and mended: other ids were read")
    return 2 * len(places) + (sum(place % 5 == 0 for place in places) if item.mend else 0)


# Each is one rule broken: shortest forms, nothing left over, finite floats, text as keys, their order, twice a key, types, depth.
NOT_CANONICAL = [b"\xcc\x05", b"\xd0\xff", b"\xcd\x00\xff", b"\xd9\x01a", b"\xdc\x00\x01\xc0", b"\xca\x00\x00\x00\x00", b"\xc0\xc0"]
NOT_CANONICAL += [b"\xcb\x7f\xf0" + bytes(6), b"\x81\x01\x01", b"\x81\xc4\x01a\x01", b"\x82\xa1b\x01\xa1a\x01"]
NOT_CANONICAL += [b"\x82\xa1a\x01\xa1a\x01", b"\xd4\x01\x00", b"\xd6\xff\x00\x00\x00\x01", b"\x91" * 32 + b"\xc0", b"\x91" * 32 + b"\x90"]


def test_rules():
    """What no frozen file shows: forms that are refused, operations that are rounded once, sums in their order."""
    for data in NOT_CANONICAL:
        need(refused(Item("canonical MessagePack", data, decode, None), data), f"{data.hex()} was read")
    need(decode(b"\x91" * 31 + b"\xc0"), "32 levels")
    number = Item("number", b"", lambda data: varint(io.BytesIO(data)), None)
    need(refused(number, b"\x80\x00"), "a number in too many bytes was read")
    need(fma(1 + 2**-30, 1 + 2**-30, -1 - 2**-29) == 2**-60, "fma rounds twice")
    need(in_lanes(operator.add, [1.0, 2**-53] + [0.0] * 30 + [2**-53]) == 1.0, "lanes are not added in their order")
    need(in_lanes(operator.add, [1.0] + [0.0] * 16 + [2**-53] * 2) == 1.0, "lanes are not folded in their order")
    settings = {"id": {"text": "ledoit-wolf-identity/2"}, "window_days": {"integer": 9}, "annualisation": {"integer": 252}}
    recipe = {name: {"source": "made up", "value": value} for name, value in settings.items()}
    own = lambda t, j, seed: (31 * t + 7 * j) * seed % 10**8 + 37 * t * seed % 10**8 * (j + 9)
    closes = [[[10**10 + own(t, j, seed) for j in range(37)] for t in range(10)] for seed in (1_001_243, 2_654_435_761)]
    found = H("made up", *(ledoit_wolf(recipe, numpy.array(panel)).tobytes() for panel in closes)).hex()[:16]
    need(found == "5fed53c618d31f2d", f"the entries of codec 19, before they are rounded to f32, hash to {found}")


def test_panels():
    """Panels of one column: the settings of an append, and how far it may be from its keyframe."""
    steps = [7, 45] + [40, -40] * 15 + [10]  # the last 32: unit 5, parameter 3, as 32 * 2^3 is at least 251
    closes = [sum(steps[:n]) for n in range(len(steps) + 1)]
    blobs = Blobs()
    base = keyframe(blobs, closes)
    append(blobs, base, [*closes[1:], closes[-1] - 15], b"\x0b")  # the code of 5: no zero, a one, 101
    last = keyframe(blobs, [0, 10])
    for n in range(32):
        last = append(blobs, last, [10 * n + 10, 10 * n + 20], b"\x04")
    held(blobs, last, 11)
    item = Item("panel", b"", lambda data: append(blobs, last, [330, 340], data), None)
    need(refused(item, b"\x04"), "33 steps from base to base were taken")


def keyframe(blobs, closes):
    """The id of a panel that consists of escapes."""
    return panel(blobs, closes, b"\x00\x01\x00" + b"".join(struct.pack("<3xq", close) for close in closes))


def append(blobs, base, closes, stream):
    return panel(blobs, closes, b"\x01" + base + struct.pack("<I", 1) + stream)


def panel(blobs, closes, stored):
    """Reads a panel that was made up; its id."""
    raw = struct.pack(f"<{len(closes)}q", *closes)
    id = content_id(11, raw, len(closes), 1)
    head = struct.pack("<HHHHIIIIQQ32s", 11, 19, 0, 0, len(closes), 1, crc32c(stored), 0, len(raw), len(stored), id)
    value(head_of(head), stored, blobs)
    blobs[id] = head + stored
    return id


def test_size():
    lines = (pathlib.Path(__file__).parent / "reader.py").read_text().splitlines()
    longest = max(map(len, lines))
    need(len(lines) < 300 and longest <= 120, f"reader.py has {len(lines)} lines of up to {longest} characters")


def refused(item, data, same=None):
    try:
        with at(item.name):
            return item.read(data) == same
    except Bad:
        return True


def main(arguments):
    test, paths = "--self-test" in arguments, [pathlib.Path(name) for name in arguments if name != "--self-test"]
    need(paths, __doc__)
    found = [path for name in paths for path in (sorted(name.rglob("*")) if name.is_dir() else [name])]
    files = [path for path in found if path.suffix in (".run", ".blob", ".sealed")]
    stores = [path for path in found if path.suffix == ".db"]
    need(files or stores, "no .run, .blob, .sealed or .db among these paths")
    items = tried = 0
    if test:
        test_size()
        test_rules()
        test_panels()
    for path, item in of_files(files):
        ids = [id.hex() for id in item.ids()]
        wanted = expected(path)
        need(ids[: len(wanted)] == wanted, f"{path}: the ids are {ids}, not {wanted}")
        tried += self_test(item) if test else 0
        items += 1
        print(f"{path}: {len(item.data)} bytes, {ids[0]}{', as listed' if wanted else ''}")
    for path in stores:
        count = 0
        for item in of_store(path):
            item.ids()
            tried += self_test(item) if test else 0
            count += 1
        items += count
        print(f"{path}: {count} records and blobs")
    print(f"{items} read and verified" + (f", {tried} changed ones refused" if test else ""))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Bad, ValueError) as bad:
        sys.exit(f"WRONG {bad}")
