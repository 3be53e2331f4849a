"""Reads and verifies .run files (`run`), blobs (`value`) and sealed records (`sealed`). What is not right raises.

Written from docs/format.md and the pages it names, not from the Rust sources; plain and slow on purpose. Left out: the
schema of records, the engine that derives what is not kept of an outcome, the numbers behind `outcome.stages.problem`.
Python and numpy round each product and each sum by itself: nothing is fused but what says `fma`."""

import collections, functools, io, itertools, math, operator, struct
import blake3, lz4.block, msgpack, numpy, pcodec.wrapped, zstandard

SECTION_MAX, MANIFEST_MAX, SIDE_MAX = 64 << 20, 1 << 20, 20_000
MATRICES = dict.fromkeys(range(3, 7), numpy.dtype("<f4")) | {11: numpy.dtype("<i8")}  # the other kinds are MessagePack
INTEGER, LARGE, FLOAT, TEXT, BYTES, LIST, MAP = range(3, 10)  # tags of values in columns
TOP, WORD = 1 << 31, (1 << 32) - 1
Head = collections.namedtuple("Head", "kind codec placed zero rows columns crc zeros raw stored id")
Record = collections.namedtuple("Record", "question ids account_id info_id account_after columns")
CRC = functools.reduce(lambda table, _: [word >> 1 ^ 0x82F63B78 * (word & 1) for word in table], range(8), range(256))

crc32c = lambda data: functools.reduce(lambda crc, byte: crc >> 8 ^ CRC[(crc ^ byte) & 255], data, WORD) ^ WORD
byte = lambda source: take(source, 1)[0]
unfolded = lambda zigzag: zigzag >> 1 ^ -(zigzag & 1)
signed = lambda value: (value + (1 << 63)) % (1 << 64) - (1 << 63)
summed = functools.partial(functools.reduce, operator.add)  # in the order of the terms
encode = lambda value: msgpack.packb(canonical(value))
unshuffled = lambda data: numpy.frombuffer(data, "u1").reshape(4, -1).T.copy().view("<u4").ravel()
content_id = lambda kind, raw, *sides: H("section content", struct.pack("<HII", kind, *(sides or (0, 0))), raw)

def need(holds, what):
    if not holds:
        raise ValueError(what)

def H(domain, *parts):
    framed = b"".join(struct.pack("<Q", len(part)) + part for part in parts)
    return blake3.blake3(framed, derive_key_context="samebits 2026 " + domain).digest()

def unzstd(data, length, dictionary=b""):
    known = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    need(zstandard.frame_content_size(data) in (-1, length), f"the zstd frame states another length than {length}")
    raw = zstandard.ZstdDecompressor(dict_data=known).decompress(data, max_output_size=length, allow_extra_data=False)
    need(len(raw) == length, f"the zstd frame holds {len(raw)} bytes, not {length}")
    return raw

def take(source, wanted):  # so many bytes, or the numbers of a layout
    size = wanted if isinstance(wanted, int) else struct.calcsize(wanted)
    found = source.read(size)
    need(len(found) == size, f"the bytes end at {source.tell()}, where {size - len(found)} more are wanted")
    return found if size is wanted else struct.unpack(wanted, found)

def varint(source):
    low = byte(source)
    high = varint(source) if low > 127 else 0
    need(low < 128 or 0 < high < 1 << 57, f"number too long before byte {source.tell()}")
    return low & 127 | high << 7

def canonical(value, level=1):  # the keys of its maps in order
    known = value is None or type(value) in (bool, int, str, bytes, list, dict) or math.isfinite(value)
    need(known and level <= 32, f"in MessagePack: {value}, level {level}")
    if isinstance(value, list):
        return [canonical(part, level + 1) for part in value]
    if isinstance(value, dict):
        return {key: canonical(value[key], level + 1) for key in sorted(value, key=str.encode)}
    return value

def decode(data):
    value = msgpack.unpackb(data)
    need(encode(value) == data, "MessagePack that is not canonical")
    return value

def document(source):
    """A document from the columns of its places, which are written breadth first."""
    root, names = {}, []
    queue = [(root, None, 1)]  # where the values of a place are looked for, by which key, and how many there are
    for above, key, count in queue:
        need(count <= SECTION_MAX, f"{count} values")
        above[key] = place(source, count, queue, names)
        need(max(len(queue), len(names)) <= 4096, f"{len(queue)} places, {len(names)} shapes and keys")
    return next(root[None])

def place(source, count, queue, names):
    """The values of a place in their order. The places below it join the queue, its shapes and keys the names."""
    first = byte(source)
    tags = take(source, count) if first == 255 else bytes([first]) * count
    shapes = range(varint(source) if MAP in tags else 0)
    shapes = [[take(source, varint(source)) for _ in range(varint(source))] for _ in shapes]
    need(all(keys == sorted(set(keys)) for keys in shapes), f"keys not in order: {shapes}")
    maps = [shapes[varint(source) if len(shapes) > 1 else 0] for _ in range(tags.count(MAP))]
    mode, divisor = (byte(source), varint(source)) if INTEGER in tags or LARGE in tags else (0, 1)
    integers = [unfolded(varint(source)) for _ in range(tags.count(INTEGER) + tags.count(LARGE))]
    integers = itertools.accumulate(integers, lambda before, integer: signed(before * mode + integer))
    integers = map(lambda integer: signed(integer * divisor), integers)
    floats = take(source, f"<{tags.count(FLOAT)}d")
    sized = [tag for tag in tags if TEXT <= tag <= LIST]
    each = byte(source) if sized else 1
    need(mode < 2 and divisor and each < 2, f"mode {mode}, divisor {divisor}, or lengths that begin with {each}")
    lengths = [varint(source) for _ in sized] if each else [varint(source)] * len(sized)
    parts = iter([length if tag == LIST else take(source, length) for tag, length in zip(sized, lengths)])
    below, used = {}, {key: sum(key in those for those in maps) for keys in shapes for key in keys}  # in their order
    used[None] = sum(length for tag, length in zip(sized, lengths) if tag == LIST)  # the items of the lists come last
    queue += [(below, key, times) for key, times in used.items() if times]
    names += itertools.chain(shapes, *shapes)
    columns = [*map(itertools.repeat, (None, False, True)), integers, map((1 << 64).__add__, integers), iter(floats)]
    columns += [map(bytes.decode, parts), parts, ([next(below[None]) for _ in range(length)] for length in parts)]
    columns.append({key.decode(): next(below[key]) for key in keys} for keys in maps)
    return (next(columns[tag]) for tag in tags)

def words(data, count):  # to the last byte
    if data[0] == 2:
        return unshuffled(unzstd(data[1:], 4 * count))
    need(data == b"\0" or data[:3] == b"\1\4\1", f"a list of words begins with {data[:3].hex()}")
    found, (pco, _) = numpy.zeros(count, "<u4"), pcodec.wrapped.FileDecompressor.new(b"\4\1")
    pages, data = numpy.split(found, range(1 << 18, count, 1 << 18)) if data[0] else [], data[3:]
    for page in pages:
        chunk, used = pco.chunk_decompressor(data, "u32")
        progress, more = chunk.read_page_into(data[used:], len(page), page)
        need(data[0] == 0 and progress.finished and progress.n_processed == len(page), "mode of a chunk, or its page")
        data = data[used + more :]
    need(not data, "bytes after a list of words")
    return found

def mirrored(triangle):
    i, j = numpy.indices([math.isqrt(2 * len(triangle))] * 2)
    return triangle[numpy.maximum(i, j) * (numpy.maximum(i, j) + 1) // 2 + numpy.minimum(i, j)]

def square(data, n):  # all words, or those of the lower triangle and their mirror images
    need(data[0] < 2, f"shape {data[0]}")
    return words(data[1:], n * n).reshape(n, n) if data[0] else mirrored(words(data[1:], n * (n + 1) // 2))

def predicted(head, stored, blobs, left):
    """The entries of codecs 17 to 20: what other blobs predict, and so many steps in the order of f32 beside it."""
    source, codec, n = io.BytesIO(stored), head.codec, head.rows
    left = itertools.repeat(left) if codec == 19 else itertools.count(left - 1, -1)
    base = lambda kind: held(blobs, take(source, 32), kind, None, next(left))
    limited = lambda count: words(take(source, *take(source, "<I")), count)
    if codec == 17:
        L, F, D = base(4), base(5).astype("f8"), base(6)
        B = numpy.hstack([numpy.ones((n, 1)), L])
        need(F.shape == 2 * B.shape[1:] and len(F) <= 256 and D.shape == (n, 1), f"{L.shape}, {F.shape}, {D.shape}")
        G = summed(map(numpy.outer, B.T, F))
        P, d = summed(map(numpy.outer, G.T, B.T)), D[:, 0]
    elif codec == 18:
        P, (a, d, k) = base(3).astype("f8"), take(source, "<ddB")
        need(k <= 8 and P.shape == (n, n), f"{k} vectors beside {P.shape}")
        s, V = take(source, f"<{k}d"), limited(k * n).view("<f4").reshape(k, n).astype("f8")
        P = summed((numpy.outer(s * v, v) for s, v in zip(s, V)), a * P)
    elif codec == 19:
        P = ledoit_wolf(base(2)["recipe"], base(11))
    else:
        master, index = base(3), numpy.cumsum(limited(n).astype("i8") + 1) - 1 & WORD
        P = master[numpy.ix_(index, index)]
    if codec < 19:
        P[numpy.diag_indices(n)] += d
    bits = numpy.nan_to_num(P.astype("<f4"), posinf=0, neginf=0).view("<u4").astype("i8")
    order = (bits ^ numpy.where(bits >> 31, WORD, TOP)) + unfolded(square(source.read(), n).astype("i8")) & WORD
    return (order ^ numpy.where(order >> 31, TOP, WORD)).astype("<u4")

def panel(head, stored, blobs, left):
    """The closes: a keyframe, or an append to another panel."""
    source, first, found = io.BytesIO(stored[1:]), stored[0], []
    if first == 0:
        settings = [(varint(source), byte(source)) for _ in range(head.columns)]
        need(all(0 < unit < 1 << 63 and k <= 32 for unit, k in settings), "a unit or a parameter out of range")
    else:
        base, (dropped,) = held(blobs, take(source, 32), 11, None, left - 1), take(source, "<I")
        need(first == 1 and base.shape[1] == head.columns and dropped < len(base), f"{dropped} dropped of {base.shape}")
        settings, found = [setting(column) for column in base.T.tolist()], base[dropped:].tolist()
    bits = io.BytesIO(numpy.unpackbits(numpy.frombuffer(source.read(), "u1"), bitorder="little"))  # a byte for each
    while len(found) < head.rows:
        session = []
        for column, (unit, k) in enumerate(settings):
            zeros = next((n for n in range(24) if byte(bits)), 24)  # the one that ends them is taken as well
            z = sum(bit << n for n, bit in enumerate(take(bits, k if zeros < 24 else 64)))
            session.append(found[-1][column] + unfolded(zeros << k | z) * unit if zeros < 24 else signed(z))
        found.append(session)
    need(len(found) == head.rows and len(rest := bits.read()) < 8 and not any(rest), "how many sessions, or bits")
    return numpy.array(found, "<i8")

def setting(closes):  # unit and parameter of a column of a base
    steps = [after - before for before, after in zip(closes, closes[1:])][-32:]
    unit = math.gcd(*steps) if 0 < math.gcd(*steps) < 1 << 63 else 1
    return unit, next((k for k in range(32) if len(steps) << k >= sum(map(abs, steps)) // unit), 32)

@numpy.vectorize
def fma(a, b, c):  # rounded once: Python rounds a quotient of integers correctly
    (a, u), (b, v), (c, w) = a.as_integer_ratio(), b.as_integer_ratio(), c.as_integer_ratio()
    return (a * b * w + c * u * v) / (u * v * w)

def in_lanes(step, terms):  # clause A3; `step` gives the lanes after another 32 terms
    lanes = functools.reduce(step, numpy.pad(terms, (0, -len(terms) % 32)).reshape(-1, 32), numpy.zeros(32))
    return float(functools.reduce(lambda lanes, half: lanes[:half] + lanes[half:], (16, 8, 4, 2, 1), lanes)[0])

def ledoit_wolf(recipe, closes):
    """docs/risk-model.md, "Covariance" and "Order of the sums"."""
    id, T, annual = (next(iter(recipe[name]["value"].values())) for name in ("id", "window_days", "annualisation"))
    fits = id in ("ledoit-wolf-identity/1", "ledoit-wolf-identity/2") and len(closes) == T + 1 and closes.min() > 0
    need(fits, f"recipe {id} of {T} returns, {len(closes)} closes from {closes.min()} on")
    R, N = numpy.diff(closes, axis=0).astype("f8") / closes[:-1].astype("f8"), closes.shape[1]
    X = R - summed(R, 0.0) / T
    S = functools.reduce(lambda S, x: fma(x[:, None], x, S), X, numpy.zeros((N, N))) / T
    squares = functools.partial(in_lanes, lambda lanes, x: fma(x, x, lanes))
    mu = in_lanes(operator.add, S.diagonal()) / N
    d2 = squares((S - mu * numpy.eye(N)).ravel())
    b2 = (squares([squares(x) for x in X]) - T * (d2 + N * mu * mu)) / (float(T) * T)
    rho = min(max(b2, 0.0), d2) / d2 if d2 > 0 else 0.0
    return ((1 - rho) * S + rho * mu * numpy.eye(N)) * float(annual)

DECODERS = {  # by codec: the kinds that may have it, and how it is read
    0: (range(1, 11), lambda head, stored, *_: stored),
    1: (range(1, 11), lambda head, stored, *_: unzstd(stored, head.raw)),
    2: (range(1, 11), lambda head, stored, *_: lz4.block.decompress(stored, uncompressed_size=head.raw)),
    3: (range(3, 7), lambda head, stored, *_: mirrored(unshuffled(unzstd(stored, 2 * head.rows * (head.rows + 1))))),
    4: (range(3, 7), lambda head, stored, *_: unshuffled(unzstd(stored, head.raw))),
    16: ((3,), lambda head, stored, *_: square(stored, head.rows)),
    19: ((3, 11), lambda *parts: (predicted if parts[0].kind == 3 else panel)(*parts)),
} | dict.fromkeys((17, 18, 20), ((3,), predicted))

def value(head, stored, blobs, left=32):
    """What a section or a blob holds: a matrix, or a value of MessagePack. `blobs`: others by id, hashable."""
    what = f"of {len(stored)} stored bytes, {head}"
    need(not head.placed and (len(stored), crc32c(stored)) == (head.stored, head.crc), f"CRC-32C or length {what}")
    kinds, decoder = DECODERS.get(head.codec, ((), None))
    need(head.kind in kinds, f"codec {what}")
    raw = bytes(decoder(head, stored, blobs, left))
    need((len(raw), content_id(head.kind, raw, head.rows, head.columns)) == (head.raw, head.id), f"content id {what}")
    if head.kind not in MATRICES:
        return decode(raw)
    matrix = numpy.frombuffer(raw, MATRICES[head.kind]).reshape(head.rows, head.columns)
    need(numpy.isfinite(matrix).all(), f"not finite: an entry {what}")
    return matrix

def held(blobs, id, kind, length=None, left=32):
    """What the blob with an id holds. It may build upon others, with at most `left` steps from base to base."""
    need(id in blobs and left >= 0, f"no blob {id.hex()}, or more than 32 steps to it")
    head = head_of(blobs[id][:72])
    need((head.id, head.kind) == (id, kind) and length in (None, head.raw), f"blob {id.hex()} of kind {kind}: {head}")
    return value(head, blobs[id][72:], blobs, left)

shared = functools.cache(held)  # what many Runs refer to

def head_of(data):
    head = Head(*struct.unpack("<HHHHIIIIQQ32s", data))
    sides, matrix = (head.rows, head.columns), MATRICES.get(head.kind)
    fits = head.raw == math.prod(sides) * matrix.itemsize > 0 if matrix else sides == (0, 0) and head.raw <= SECTION_MAX
    placed = head.placed == 0 or head.placed == 1 and head.kind < 8 and head.crc == head.stored == 0
    need(fits and placed and head.zero == head.zeros == 0 < head.kind < 12 and max(sides) <= SIDE_MAX, f"{head}")
    return head

def identified(front, content, outcome, after, columns):
    """The ids that follow from the content ids of kinds 1 to 10. `outcome` is None where only its state is kept."""
    market, *risk, params, account, result, info = content
    risk, method = H("risk id", *risk), H("method id", encode(front["method"]))
    inputs = H("inputs id", encode(front["question"]), market, risk, account, params)
    if outcome is not None:
        numbers = outcome["weights"], outcome["bound_multipliers"], [row["multiplier"] for row in outcome["rows"]]
        solution = H("solution", *(struct.pack(f"<{len(part)}d", *part) for part in numbers))
        stages = dict(market=market, risk=risk, account=account, params=params, solution=solution)
        for name, id in (stages | {"trades": H("trades", encode(outcome["trades"]))}).items():  # zeros: a made-up Run
            need(outcome["stages"][name] in (id, bytes(32)), f"outcome.stages.{name} is not {id.hex()}")
    ids = dict(inputs_id=inputs, method_id=method, result_id=result, run_id=H("run id", inputs, method, result))
    return Record(front["question"], ids, account, info, after, columns)

def run(blobs, data):
    """A .run file, or a record of a store in that form."""
    source = io.BytesIO(data)
    magic, major, minor, required, _, count, length, zero = take(source, "<8sHHIIIII")
    heads = [head_of(take(source, 72)) for _ in range(10)]
    extended = any(head.codec > 15 and not head.placed for head in heads)
    need((magic, major, minor, count, zero) == (b"\x89SBR\r\n\x1a\n", 1, extended, 10, 0), f"frame {data[:32].hex()}")
    need(required == extended and length <= MANIFEST_MAX, f"required features {required}, manifest of {length} bytes")
    need([head.kind for head in heads] == list(range(1, 11)), "ten sections in order, each once")
    manifest = decode(take(source, length))  # the parts come before the hash: it does not tell what is damaged
    inline = lambda head: value(head, take(source, head.stored), blobs)
    values = [shared(blobs, head.id, head.kind, head.raw) if head.placed else inline(head) for head in heads]
    need(take(source, "<32sQ") == (H("run file", data[:-40]), len(data)) and not source.read(), "hash or length of all")
    found = identified(manifest, [head.id for head in heads], values[8], values[8]["stages"]["account_after"], None)
    need(len(manifest) == 6 and manifest | found.ids == manifest, f"the manifest says {manifest}, not {found.ids}")
    return found

def sealed(blobs, data, columns_before):
    """A sealed record; `columns_before(distance)` returns what it builds upon."""
    source = io.BytesIO(data[:-32])
    magic, version, kept, distance, *lengths = take(source, "<8sHHI6I")
    need((magic, version) == (b"\x89SBS\r\n\x1a\n", 1) and kept < 2, f"head {data[:40].hex()}")
    need(H("sealed record", data[:-32]) == data[-32:] and sum(lengths) <= SECTION_MAX, f"hash, or lengths {lengths}")
    columns = unzstd(source.read(), sum(lengths[:3]), columns_before(distance) if distance else b"")
    source, found = io.BytesIO(columns), []
    for packed, length in zip(lengths, lengths[3:]):
        part = io.BytesIO(take(source, packed))
        found.append(encode(document(part)))
        need(len(found[-1]) == length and not part.read(), f"length of document {len(found)}")
    head, _, outcome = map(decode, found)
    need(len(head) == 7 and head["status"] and len(head["shared"]) == 7, f"the head's fields {list(head)}")
    if not kept:
        status = outcome["status"] if isinstance(outcome["status"], str) else next(iter(outcome["status"]))
        stated = content_id(9, found[2]), outcome["stages"]["account_after"], status
        need(stated == (head["result"], head["account_after"], head["status"]), "what the head says of the outcome")
    for kind, part in enumerate(head["shared"], 1):
        shared(blobs, part["id"], kind, part["length"])
    content = [part["id"] for part in head["shared"]]
    content += [content_id(8, found[1]), head["result"], content_id(10, encode(head["info"]))]
    return identified(head, content, None if kept else outcome, head["account_after"], columns)
