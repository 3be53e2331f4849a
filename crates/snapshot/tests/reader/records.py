"""Sections, blobs, files and sealed records (docs/format.md).

Left out: the schema of records (names and types of their fields), the engine that derives an outcome from what is kept of it, and
the numbers behind `outcome.stages.problem`."""

import collections
import struct

import lz4.block
import numpy

from .canonical import Bad, Bytes, H, at, content_id, crc32c, decode, encode, need, unzstd
from .columns import document
from .matrices import covariance, mirrored, panel, unshuffled

ENTRY = {3: 4, 4: 4, 5: 4, 6: 4, 11: 8}  # bytes of an entry of the kinds that are matrices; the others are MessagePack
CODECS = dict.fromkeys((0, 1, 2), range(1, 11)) | dict.fromkeys((3, 4), range(3, 7))  # the kinds that each may hold
CODECS |= dict.fromkeys((16, 17, 18, 20), (3,)) | {19: (3, 11)}
SECTION_MAX, MANIFEST_MAX, SIDE_MAX, STEPS_MAX = 64 << 20, 1 << 20, 20_000, 32
Head = collections.namedtuple("Head", "kind codec placed zero rows columns crc zeros raw stored id")
Record = collections.namedtuple("Record", "question run_id inputs_id result_id account_id info_id account_after columns")


class Library:
    """Blobs by id; what they hold is kept once it was verified."""

    def __init__(self, blobs):
        self.blobs, self.found, self.steps = blobs, {}, 0

    def get(self, id, kind, step=1):
        """Rows, columns, raw bytes of a blob that is referred to. `step` is 0 where that is no base."""
        before, self.steps = self.steps, self.steps + step
        need(self.steps <= STEPS_MAX, "more than 32 steps from base to base")
        if id not in self.found:
            need(id in self.blobs, f"no blob {id.hex()}")
            with at(f"blob {id.hex()[:8]}"):
                self.found[id] = *self.blob(self.blobs[id], id), self.steps - before - step
        else:
            self.steps += self.found[id][-1]
        found_kind, *found, _ = self.found[id]
        need(found_kind == kind, f"blob {id.hex()}: kind {found_kind}, not {kind}")
        return found

    def blob(self, data, id=None):
        """Kind, rows, columns, raw bytes: a section head, then what it says is stored."""
        found = section_head(data[:72])
        need(found.placed == 0 and id in (None, found.id), "a reference, or under the id of another one")
        return found.kind, found.rows, found.columns, raw_of(self, found, data[72:])

    def matrix(self, id, kind, rows=None, columns=None):
        found_rows, found_columns, raw = self.get(id, kind)
        need(rows in (None, found_rows) and columns in (None, found_columns), f"sides {found_rows} x {found_columns}")
        return numpy.frombuffer(raw, "<f4").reshape(found_rows, found_columns).astype("f8")

    def refer(self, kind, id, length):
        """The raw bytes of a shared part of a Run."""
        self.steps = 0
        raw = self.get(id, kind, 0)[2]
        need(len(raw) == length, f"the blob has {len(raw)} bytes, not {length}")
        return raw


def section_head(data):
    found = Head(*struct.unpack("<HHHHIIIIQQ32s", data))
    need(1 <= found.kind <= 11 and found.placed < 2 and found.zero == found.zeros == 0, f"section head {data[:24].hex()}")
    sides, matrix = found.rows * found.columns, found.kind in ENTRY
    fits = sides and found.raw == sides * ENTRY[found.kind] if matrix else found.rows == found.columns == 0
    need(fits and max(found.rows, found.columns) <= SIDE_MAX, f"{found.rows} x {found.columns} entries in {found.raw} bytes")
    need(matrix or found.raw <= SECTION_MAX, f"a section of {found.raw} bytes")
    return found


def raw_of(library, found, stored):
    """The raw bytes of a section: checksum, decoding, content id, canonical form."""
    need(len(stored) == found.stored, f"{len(stored)} stored bytes, not {found.stored}")
    need(crc32c(stored) == found.crc, "CRC-32C of the stored bytes")
    codec, n = found.codec, found.rows
    square = found.kind == 11 or codec in (0, 1, 2, 4) or n == found.columns
    need(found.kind in CODECS.get(codec, ()) and square, f"codec {codec} of kind {found.kind}, {n} x {found.columns}")
    if codec < 2:
        raw = unzstd(stored, found.raw) if codec else stored
    elif codec == 2:
        raw = lz4.block.decompress(stored, uncompressed_size=found.raw)
    elif codec == 3:
        raw = mirrored(unshuffled(unzstd(stored, 2 * n * (n + 1))), n).tobytes()
    elif codec == 4:
        raw = unshuffled(unzstd(stored, found.raw)).tobytes()
    else:
        raw = panel(library, found.columns, n, stored) if found.kind == 11 else covariance(library, codec, n, stored)
    need(len(raw) == found.raw, f"{len(raw)} raw bytes, not {found.raw}")
    need(content_id(found.kind, raw, n, found.columns) == found.id, "content id of the raw bytes")
    finite = ENTRY.get(found.kind) != 4 or numpy.isfinite(numpy.frombuffer(raw, "<f4")).all()
    need(finite, "an entry that is not finite")
    if found.kind not in ENTRY:
        decode(raw)
    return raw


def run(library, data):
    """A .run file, or a record of a store in that form."""
    need(len(data) >= 792, f"{len(data)} bytes are too few")
    magic, major, minor, required, _, count, length, zero = struct.unpack("<8sHHIIIII", data[:32])
    need(magic == b"\x89SBR\r\n\x1a\n", "magic")
    need((major, required & ~1, count, zero) == (1, 0, 10, 0) and minor == required, f"frame {data[8:32].hex()}")
    need(length <= MANIFEST_MAX, f"a manifest of {length} bytes")
    need(int.from_bytes(data[-8:], "little") == len(data), "length of the file in its last 8 bytes")
    if H("samebits 2026 run file", data[:-40]) != data[-40:-8]:
        raise Bad(f"hash of the whole file; {damaged_part(data, 752 + length)}")
    heads = [section_head(data[start : start + 72]) for start in range(32, 752, 72)]
    need([found.kind for found in heads] == list(range(1, 11)), "ten sections in order, each once")
    need(minor == any(found.codec > 15 and not found.placed for found in heads), "feature of codecs from 16 on")
    source, raw = Bytes(data[752:-40]), {}
    manifest = decode(source.take(length))
    for found in heads:
        with at(f"section {found.kind} at byte {752 + source.place}"):
            if found.placed:
                need(found.kind < 8 and found.crc == found.stored == 0, "a reference with stored bytes, or of what is not shared")
                raw[found.kind] = library.refer(found.kind, found.id, found.raw)
            else:
                library.steps = 0
                raw[found.kind] = raw_of(library, found, source.take(found.stored))
    source.end()
    outcome, info = decode(raw[9]), heads[9].id
    record = identified(manifest["question"], manifest["method"], [found.id for found in heads], outcome)
    written = {name: getattr(record, name) for name in ("question", "run_id", "inputs_id", "result_id")}
    written |= {"method": manifest["method"], "method_id": H("samebits 2026 method id", encode(manifest["method"]))}
    need(manifest == written, f"the manifest says {manifest}, not {written}")
    return record._replace(info_id=info, account_after=outcome["stages"]["account_after"])


def damaged_part(data, place):
    """Names the first section whose stored bytes are not those of its checksum."""
    for start in range(32, 752, 72):
        found = Head(*struct.unpack("<HHHHIIIIQQ32s", data[start : start + 72]))
        if not found.placed:
            if crc32c(data[place : place + found.stored]) != found.crc:
                return f"section {found.kind}, {found.stored} bytes from byte {place}"
            place += found.stored
    return "no section's checksum: the heads, the manifest or the hash itself"


def identified(question, method, content, outcome):
    """The ids that follow from the content ids of kinds 1 to 9. `outcome` is None where only its state is kept."""
    risk = H("samebits 2026 risk id", *content[1:6])
    inputs_id = H("samebits 2026 inputs id", encode(question), content[0], risk, content[7], content[6])
    run_id = H("samebits 2026 run id", inputs_id, H("samebits 2026 method id", encode(method)), content[8])
    if outcome is not None:
        stages = {"market": content[0], "risk": risk, "account": content[7], "params": content[6]}
        numbers = outcome["weights"], outcome["bound_multipliers"], [row["multiplier"] for row in outcome["rows"]]
        stages["solution"] = H("samebits 2026 solution", *(struct.pack(f"<{len(part)}d", *part) for part in numbers))
        stages["trades"] = H("samebits 2026 trades", encode(outcome["trades"]))
        for name, id in stages.items():
            found = outcome["stages"][name]
            need(found in (id, bytes(32)), f"outcome.stages.{name} is {found.hex()}, not {id.hex()}")  # zeros: a made-up Run
    return Record(question, run_id, inputs_id, content[8], content[7], None, None, None)


def sealed(library, data, columns_before):
    """A sealed record; `columns_before(distance)` returns what it builds upon."""
    need(len(data) >= 72, f"{len(data)} bytes are too few")
    magic, version, kept, distance, *lengths = struct.unpack("<8sHHI6I", data[:40])
    need(magic == b"\x89SBS\r\n\x1a\n" and version == 1 and kept < 2, f"head {data[:16].hex()}")
    need(H("samebits 2026 sealed record", data[:-32]) == data[-32:], "hash of the record")
    need(sum(lengths) <= SECTION_MAX, f"lengths {lengths}")
    columns = unzstd(data[40:-32], sum(lengths[:3]), columns_before(distance) if distance else b"")
    source, found = Bytes(columns), []
    for name, packed, length in zip(("head", "account", "outcome"), lengths, lengths[3:]):
        with at(f"columns of the {name}"):
            part = Bytes(source.take(packed))
            found.append(encode(document(part)))
            part.end()
            need(len(found[-1]) == length, f"{len(found[-1])} bytes of MessagePack, not {length}")
    front, _, outcome = map(decode, found)
    fields = {"account_after", "info", "method", "question", "result", "shared", "status"}
    need(set(front) == fields and len(front["shared"]) == 7, f"the head's fields {list(front)}")
    if not kept:
        need(content_id(9, found[2]) == front["result"], "content id of the outcome")
        need(outcome["stages"]["account_after"] == front["account_after"], "account_after of the outcome")
        status = outcome["status"]
        need(front["status"] == (status if isinstance(status, str) else next(iter(status))), "status of the outcome")
    for kind, part in enumerate(front["shared"], 1):
        with at(f"shared part {kind}"):
            library.refer(kind, part["id"], part["length"])
    content = [part["id"] for part in front["shared"]] + [content_id(8, found[1]), front["result"]]
    record = identified(front["question"], front["method"], content, None if kept else outcome)
    info = content_id(10, encode(front["info"]))
    return record._replace(info_id=info, account_after=front["account_after"], columns=columns)
