"""Bytes, hashes, canonical MessagePack: what the rest of the reader is made of (docs/format.md)."""

import contextlib
import math
import struct

import blake3
import zstandard


class Bad(Exception):
    """What is wrong, and where."""


def need(holds, what):
    if not holds:
        raise Bad(what)


@contextlib.contextmanager
def at(where):
    try:
        yield
    except Bad as bad:
        raise Bad(f"{where}: {bad}") from None
    except Exception as error:  # foreign bytes may trip any library
        raise Bad(f"{where}: {type(error).__name__}: {error}") from None


def H(domain, *parts):
    hasher = blake3.blake3(derive_key_context=domain)
    for part in parts:
        hasher.update(len(part).to_bytes(8, "little") + part)
    return hasher.digest()


def content_id(kind, raw, rows=0, columns=0):
    return H("samebits 2026 section content", struct.pack("<HII", kind, rows, columns), raw)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


CRC = list(range(256))
for _ in range(8):
    CRC = [word >> 1 ^ (0x82F63B78 if word & 1 else 0) for word in CRC]


class Bytes:
    """Bytes that are taken from the front, each once."""

    def __init__(self, data):
        self.data, self.place = bytes(data), 0

    def take(self, count):
        need(0 <= count <= len(self.data) - self.place, f"{count} bytes wanted at {self.place} of {len(self.data)}")
        self.place += count
        return self.data[self.place - count : self.place]

    def unpack(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def number(self, layout):
        return self.unpack(layout)[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.number("B")
            value |= (byte & 127) << shift
            if byte < 128:
                need((byte or not shift) and value < 1 << 64, f"number too long before byte {self.place}")
                return value
            shift += 7
            need(shift < 70, f"number too long before byte {self.place}")

    def rest(self):
        return self.take(len(self.data) - self.place)

    def end(self):
        need(self.place == len(self.data), f"bytes left over from byte {self.place} of {len(self.data)}")


def unzstd(data, length, dictionary=b""):
    content = zstandard.ZstdCompressionDict(dictionary, dict_type=zstandard.DICT_TYPE_RAWCONTENT) if dictionary else None
    need(zstandard.frame_content_size(data) in (-1, length), f"the zstd frame states another length than {length}")
    raw = zstandard.ZstdDecompressor(dict_data=content).decompress(data, max_output_size=length, allow_extra_data=False)
    need(len(raw) == length, f"the zstd frame holds {len(raw)} bytes, not {length}")
    return raw


def decode(data):
    source = Bytes(data)
    value = item(source, 1)
    source.end()
    again = encode(value)
    pairs = enumerate(zip(data, again))
    need(again == data, f"MessagePack not canonical at byte {next((n for n, (a, b) in pairs if a != b), len(again))}")
    return value


def item(source, level):
    need(level <= 32, f"more than 32 levels at byte {source.place}")
    tag = source.number("B")
    if tag < 0x80 or tag >= 0xE0:
        return tag if tag < 0x80 else tag - 256
    if tag in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[tag]
    if 0xCB <= tag <= 0xD3:
        return source.number(">" + "dBHIQbhiq"[tag - 0xCB])
    if tag < 0xC0:
        count = tag & (31 if tag >= 0xA0 else 15)
    else:
        layout = {0xC4: "B", 0xC5: "H", 0xC6: "I", 0xD9: "B", 0xDA: "H", 0xDB: "I", 0xDC: "H", 0xDD: "I", 0xDE: "H", 0xDF: "I"}
        need(tag in layout, f"tag {tag:#x} before byte {source.place}")
        count = source.number(">" + layout[tag])
    if 0xC4 <= tag <= 0xC6:
        return source.take(count)
    if 0xA0 <= tag < 0xC0 or 0xD9 <= tag <= 0xDB:
        return source.take(count).decode()
    if 0x90 <= tag < 0xA0 or 0xDC <= tag <= 0xDD:
        return [item(source, level + 1) for _ in range(count)]
    return {item(source, level + 1): item(source, level + 1) for _ in range(count)}


def encode(value):
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, float):
        need(math.isfinite(value), "a float that is not finite")
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, int):
        if -32 <= value < 128:
            return struct.pack("b", value)
        bits = next(n for n in range(4) if (value >> (8 << n) == 0 if value > 0 else value >> (8 << n) - 1 == -1))
        return struct.pack(">B" + ("BHIQ" if value > 0 else "bhiq")[bits], (0xCC if value > 0 else 0xD0) + bits, value)
    if isinstance(value, bytes):
        return head(len(value), 0, 0, 0xC4) + value
    if isinstance(value, str):
        return head(len(value.encode()), 0xA0, 32, 0xD9) + value.encode()
    if isinstance(value, list):
        return head(len(value), 0x90, 16, 0xDB) + b"".join(map(encode, value))
    keys = sorted(value, key=str.encode)
    return head(len(value), 0x80, 16, 0xDD) + b"".join(encode(key) + encode(value[key]) for key in keys)


def head(count, short, below, tag):
    if count < below:
        return bytes([short + count])
    width = 0 if count < 256 and tag in (0xC4, 0xD9) else 1 if count < 1 << 16 else 2
    return struct.pack(">B" + "BHI"[width], tag + width, count)
