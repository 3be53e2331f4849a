"""Documents by columns (docs/format.md)."""

import collections

from .canonical import at, need

NIL, FALSE, TRUE, INTEGER, LARGE, FLOAT, TEXT, BYTES, LIST, MAP = range(10)


def document(source):
    """A document from the columns of its places, which are written breadth first."""
    root = Place(1)
    queue, places, names = collections.deque([root]), 0, 0
    while queue:
        place = queue.popleft()
        if place.count:
            with at(f"the place at byte {source.place}"):
                queue.extend(place.read(source))
            places, names = places + 1, names + len(place.shapes) + sum(map(len, place.shapes))
            need(max(places, names) <= 4096, f"{places} places, {names} shapes and keys")
    return next(root.values())


class Place:
    """The values that stand at one place of a document, in their order."""

    def __init__(self, count):
        self.count, self.tags, self.shapes, self.places, self.items = count, b"", [], {}, None

    def read(self, source):
        """Reads the columns; the places that follow from them."""
        first = source.number("B")
        self.tags = source.take(self.count) if first == 255 else bytes([first]) * self.count
        need(max(self.tags) <= MAP, f"tag {max(self.tags)}")
        count = self.tags.count
        self.indices = iter(self.read_shapes(source, count(MAP)))
        self.integers = iter(self.read_integers(source, count(INTEGER) + count(LARGE)))
        self.floats = iter(source.unpack(f"<{count(FLOAT)}d"))
        sized = [tag for tag in self.tags if TEXT <= tag <= LIST]
        sizes = self.read_sizes(source, len(sized))
        self.texts = iter([source.take(size) for tag, size in zip(sized, sizes) if tag != LIST])
        lists = [size for tag, size in zip(sized, sizes) if tag == LIST]
        self.lists, self.items = iter(lists), Place(sum(lists))
        return [*self.places.values(), self.items]

    def read_shapes(self, source, maps):
        if not maps:
            return []
        for _ in range(source.varint()):
            keys = [source.take(source.varint()) for _ in range(source.varint())]
            need(all(a < b for a, b in zip(keys, keys[1:])), f"keys not in order: {keys}")
            self.shapes.append([key.decode() for key in keys])
        indices = [source.varint() if len(self.shapes) > 1 else 0 for _ in range(maps)]
        used = collections.Counter(key for index in indices for key in self.shapes[index])
        self.places = {key: Place(used[key]) for shape in self.shapes for key in shape}
        return indices

    @staticmethod
    def read_integers(source, count):
        if not count:
            return []
        mode, divisor, before, found = source.number("B"), source.varint(), 0, []
        need(mode < 2 and divisor, f"mode {mode}, divisor {divisor}")
        for _ in range(count):
            folded = source.varint()
            before = wrapped(((folded >> 1) ^ -(folded & 1)) + before * mode)
            found.append(wrapped(before * divisor))
        return found

    @staticmethod
    def read_sizes(source, count):
        each = source.number("B") if count else 1
        need(each < 2, f"lengths begin with {each}")
        return [source.varint() for _ in range(count)] if each else [source.varint()] * count

    def values(self):
        keyed = {key: place.values() for key, place in self.places.items()}
        items = self.items.values() if self.items else None
        for tag in self.tags:
            if tag <= TRUE:
                yield (None, False, True)[tag]
            elif tag <= LARGE:
                yield next(self.integers) + (1 << 64) * (tag == LARGE)
            elif tag == FLOAT:
                yield next(self.floats)
            elif tag <= BYTES:
                yield next(self.texts).decode() if tag == TEXT else next(self.texts)
            elif tag == LIST:
                yield [next(items) for _ in range(next(self.lists))]
            else:
                yield {key: next(keyed[key]) for key in self.shapes[next(self.indices)]}


def wrapped(value):
    """As 64 bits with a sign."""
    return (value + (1 << 63)) % (1 << 64) - (1 << 63)
