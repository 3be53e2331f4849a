"""Covariances and panels (docs/format.md, "Codecs for covariance"; codec 19 by docs/risk-model.md and docs/arithmetic.md).

No product is fused with a sum unless it says `fma`: numpy and Python round each by itself."""

import functools
import math
import operator
import struct

import numpy
import pcodec.wrapped

from .canonical import Bytes, decode, need, unzstd


def unshuffled(data):
    return numpy.frombuffer(data, numpy.uint8).reshape(4, -1).T.copy().view("<u4").ravel()


def words(source, count):
    first = source.number("B")
    if first == 0:
        return numpy.zeros(count, "<u4")
    if first == 2:
        return unshuffled(unzstd(source.rest(), 4 * count))
    need(first == 1 and source.take(2) == b"\4\1", f"a list of words begins with {first}, or its header is another")
    pco, _ = pcodec.wrapped.FileDecompressor.new(b"\4\1")
    found = numpy.zeros(count, "<u4")
    for start in range(0, count, 1 << 18):
        left, page = source.data[source.place :], found[start : start + (1 << 18)]
        need(left[:1] == b"\0", f"mode or delta encoding of the chunk at byte {source.place}")
        chunk, used = pco.chunk_decompressor(left, "u32")
        progress, more = chunk.read_page_into(left[used:], len(page), page)
        need(progress.n_processed == len(page) and progress.finished, f"the page at byte {source.place + used}")
        source.take(used + more)
    return found


def square(source, n):
    """The words of n x n entries: all of them, or the lower triangle and its mirror image."""
    shape = source.number("B")
    need(shape < 2, f"shape {shape}")
    if shape:
        return words(source, n * n).reshape(n, n)
    return mirrored(words(source, n * (n + 1) // 2), n)


def mirrored(triangle, n):
    full = numpy.zeros((n, n), "<u4")
    full[numpy.tril_indices(n)] = triangle
    return numpy.where(numpy.tri(n, dtype=bool), full, full.T)


def corrected(source, predicted):
    steps = square(source, len(predicted)).astype("i8")
    narrow = predicted.astype("<f4")
    narrow[~numpy.isfinite(narrow)] = 0
    bits = narrow.view("<u4").astype("i8")
    order = numpy.where(bits >> 31, ~bits, bits | 1 << 31) + ((steps >> 1) ^ -(steps & 1)) & 0xFFFFFFFF
    return (numpy.where(order >> 31, order ^ 1 << 31, ~order) & 0xFFFFFFFF).astype("<u4").tobytes()


def covariance(library, codec, n, stored):
    """The raw bytes of a covariance with a codec from 16 on. No product is fused with a sum: numpy rounds each by itself."""
    source = Bytes(stored)
    base = lambda *wanted: library.matrix(source.take(32), *wanted)
    if codec == 16:
        raw = square(source, n).tobytes()
    elif codec == 17:
        L, F, D = base(4, n), base(5), base(6, n, 1)
        B = numpy.hstack([numpy.ones((n, 1)), L])
        need(F.shape == (B.shape[1], B.shape[1]) and B.shape[1] <= 256, f"factors: {F.shape} beside {L.shape}")
        G = chain(B[:, :1] * F[:1], ((B[:, k : k + 1], F[k : k + 1]) for k in range(1, len(F))))
        P = chain(G[:, :1] * B.T[:1], ((G[:, k : k + 1], B.T[k : k + 1]) for k in range(1, len(F))))
        P[numpy.diag_indices(n)] += D[:, 0]
        raw = corrected(source, P)
    elif codec == 18:
        P, (a, d, k) = base(3, n, n), source.unpack("<ddB")
        need(k <= 8, f"{k} vectors")
        scalars, listed = source.unpack(f"<{k}d"), Bytes(source.take(source.number("<I")))
        vectors = words(listed, k * n).view("<f4").reshape(k, n).astype("f8")
        listed.end()
        P = chain(a * P, (((s * v)[:, None], v[None, :]) for s, v in zip(scalars, vectors)))
        P[numpy.diag_indices(n)] += d
        raw = corrected(source, P)
    elif codec == 19:
        recipe, panel = library.get(source.take(32), 2, 0)[2], library.get(source.take(32), 11, 0)
        raw = corrected(source, ledoit_wolf(decode(recipe), sessions(panel)))
    else:
        master, listed = base(3), Bytes(source.take(source.number("<I")))
        index = numpy.cumsum(words(listed, n).astype("i8") + 1) - 1 & 0xFFFFFFFF
        listed.end()
        raw = corrected(source, master[numpy.ix_(index, index)])
    source.end()
    return raw


def chain(start, products):
    for left, right in products:
        start = start + left * right
    return start


def panel(library, columns, rows, stored):
    """The raw bytes of a panel of closes: a keyframe, or an append to another panel."""
    source, found = Bytes(stored), []
    first = source.number("B")
    need(first < 2, f"a panel begins with {first}")
    if first == 0:
        settings = [(source.varint(), source.number("B")) for _ in range(columns)]
        need(all(0 < unit < 1 << 63 and k <= 32 for unit, k in settings), "a unit or a parameter out of range")
    else:
        base = sessions(library.get(source.take(32), 11))
        dropped = source.number("<I")
        need(len(base[0]) == columns and dropped < len(base), f"{dropped} dropped of {len(base)} x {len(base[0])}")
        settings, found = [setting(column) for column in zip(*base)], base[dropped:]
    stream = source.rest()
    bits = "".join(f"{byte:08b}"[::-1] for byte in stream)
    place = 0
    need(rows > len(found) or (rows == len(found) and not stream), f"{rows} sessions, {len(found)} of them the base's")
    while len(found) < rows:
        session = []
        for column, (unit, k) in enumerate(settings):
            zeros = bits.find("1", place, place + 24) - place
            if zeros < 0:
                need(place + 88 <= len(bits), f"the stream ends within session {len(found)}")
                close, place = int(bits[place + 24 : place + 88][::-1], 2), place + 88
                close -= close >> 63 << 64
            else:
                need(found, "a keyframe's first session is not as it is")
                place += zeros + 1
                need(place + k <= len(bits), f"the stream ends within session {len(found)}")
                z, place = zeros << k | int("0" + bits[place : place + k][::-1], 2), place + k
                close = found[-1][column] + ((z >> 1) ^ -(z & 1)) * unit
            need(-1 << 63 <= close < 1 << 63, f"close of session {len(found)}, column {column}")
            session.append(close)
        found.append(session)
    need(len(bits) - place < 8 and "1" not in bits[place:], f"the stream goes on after bit {place}")
    return b"".join(struct.pack(f"<{columns}q", *session) for session in found)


def setting(closes):
    """Unit and parameter of a column of a base."""
    steps = [b - a for a, b in zip(closes, closes[1:])][-32:]
    unit = math.gcd(*steps)
    unit = unit if 0 < unit < 1 << 63 else 1
    total = sum(map(abs, steps)) // unit
    return unit, next((k for k in range(32) if len(steps) << k >= total), 32)


def sessions(panel):
    rows, columns, raw = panel
    return [list(session) for session in struct.iter_unpack(f"<{columns}q", raw)]


def fma(a, b, c):
    """a b + c, rounded once: Python rounds a quotient of integers correctly."""
    (a, u), (b, v), (c, w) = a.as_integer_ratio(), b.as_integer_ratio(), c.as_integer_ratio()
    return (a * b * w + c * u * v) / (u * v * w)


def in_lanes(terms, start):
    """Clause A3: 32 lanes, each in ascending order, folded; `start(lane, term)` is the lane after the term."""
    lanes = [0.0] * 32
    for n, term in enumerate(terms):
        lanes[n % 32] = start(lanes[n % 32], term)
    for half in (16, 8, 4, 2, 1):
        lanes = [lanes[n] + lanes[n + half] for n in range(half)]
    return lanes[0]


def squared(terms):
    return in_lanes(terms, lambda lane, term: fma(term, term, lane))


def ledoit_wolf(recipe, closes):
    """docs/risk-model.md, "Covariance" and "Order of the sums"."""
    option = lambda name: next(iter(recipe["recipe"][name]["value"].values()))
    T, N = len(closes) - 1, len(closes[0])
    need(option("id") in ("ledoit-wolf-identity/1", "ledoit-wolf-identity/2"), f"recipe {option('id')}")
    need(T == option("window_days") and min(map(min, closes)) > 0, f"{T} returns, or a close that is not positive")
    X = [[float(after - before) / float(before) for before, after in zip(*pair)] for pair in zip(closes, closes[1:])]
    means = [functools.reduce(operator.add, column, 0.0) / T for column in zip(*X)]
    X = [[value - mean for value, mean in zip(day, means)] for day in X]
    columns, S = list(zip(*X)), numpy.zeros((N, N))
    for i, j in zip(*numpy.tril_indices(N)):
        total = functools.reduce(lambda sum, pair: fma(*pair, sum), zip(columns[i], columns[j]), 0.0)
        S[i, j] = S[j, i] = total / T
    mu = in_lanes(map(float, S.diagonal()), operator.add) / N
    d2 = squared(map(float, (S - numpy.diag([mu] * N)).ravel()))
    b2 = (squared([squared(day) for day in X]) - T * (d2 + (N * mu) * mu)) / (float(T) * T)
    rho = min(max(b2, 0.0), d2) / d2 if d2 > 0 else 0.0
    P = (1 - rho) * S
    P[numpy.diag_indices(N)] += rho * mu
    return P * float(option("annualisation"))
