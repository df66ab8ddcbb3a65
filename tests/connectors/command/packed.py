"""msgpack, read by hand: what the log stores, and what a relay keeps in its topic of positions."""
import struct

WORDS = {0xc0: None, 0xc2: False, 0xc3: True}
NUMBERS = {0xca: ">f", 0xcb: ">d", 0xcc: ">B", 0xcd: ">H", 0xce: ">I", 0xcf: ">Q", 0xd0: ">b", 0xd1: ">h", 0xd2: ">i", 0xd3: ">q"}


class Unpacking:
    def __init__(self, data):
        self.data, self.at = data, 0

    def taken(self, size):
        if self.at + size > len(self.data):
            raise ValueError(f"cut short: {self.data!r}")
        self.at += size
        return self.data[self.at - size:self.at]

    def number(self, form):
        return struct.unpack(form, self.taken(struct.calcsize(form)))[0]

    def text(self, size):
        return self.taken(size).decode()

    def array(self, size):
        return [self.value() for _ in range(size)]

    def mapping(self, size):
        return {self.value(): self.value() for _ in range(size)}

    def value(self):
        sized = {0xc4: (">B", self.taken), 0xc5: (">H", self.taken), 0xc6: (">I", self.taken), 0xd9: (">B", self.text), 0xda: (">H", self.text),
                 0xdb: (">I", self.text), 0xdc: (">H", self.array), 0xdd: (">I", self.array), 0xde: (">H", self.mapping), 0xdf: (">I", self.mapping)}
        first = self.number(">B")
        if first < 0x80:
            return first
        if first >= 0xe0:
            return first - 0x100
        if first < 0xc0:
            if first < 0x90:
                return self.mapping(first & 0x0f)
            return self.array(first & 0x0f) if first < 0xa0 else self.text(first & 0x1f)
        if first in sized:
            form, of_kind = sized[first]
            return of_kind(self.number(form))
        return self.number(NUMBERS[first]) if first in NUMBERS else WORDS[first]


def unpacked(data):
    """The one value that this is."""
    unpacking = Unpacking(data)
    value = unpacking.value()
    if unpacking.at != len(data):
        raise ValueError(f"more than one value: {data!r}")
    return value
