"""Damage: the ways in which files break, and in which they are broken on purpose."""

import struct

import numpy as np

SPECIAL = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (1 << 63) - 1, (1 << 64) - 1)


def mutate(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """`data` damaged in one way, or in up to four. `other` lends pieces."""
    changed = bytearray(data)
    for _ in range(int(rng.choice([1, 1, 1, 2, 4]))):
        if changed:
            WAYS[int(rng.integers(len(WAYS)))](changed, other, rng)
    return bytes(changed)


def flip_bits(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    for _ in range(int(rng.integers(1, 9))):
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def truncate(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    del data[_place(data, rng) :]


def insert(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = rng.bytes(int(rng.integers(1, 64)))


def remove(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    del data[at : at + int(rng.integers(1, 64))]


def repeat(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = data[at : at + int(rng.integers(1, 256))] * int(rng.integers(1, 8))


def fill(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at, count = _place(data, rng), int(rng.integers(1, 64))
    count = min(count, len(data) - at)
    data[at : at + count] = bytes([int(rng.choice([0, 255, 32, 10]))]) * count


def splice(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    if other:
        at, of = _place(data, rng), _place(other, rng)
        count = int(rng.integers(1, 256))
        data[at : at + count] = other[of : of + count]


def swap_lengths(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    """An integer, of 1 to 8 bytes and either order, becomes one that readers stumble over, or another of the file's."""
    width = int(rng.choice([1, 2, 4, 8]))
    if len(data) <= width:
        return
    order = str(rng.choice(["<", ">"]))
    kind = order + {1: "B", 2: "H", 4: "I", 8: "Q"}[width]
    at = int(rng.integers(len(data) - width))
    value = int(rng.choice(np.array(SPECIAL, np.uint64))) if rng.random() < 0.5 else None
    if value is None:
        of = int(rng.integers(len(data) - width))
        value = struct.unpack_from(kind, data, of)[0] + int(rng.integers(-2, 3))
    struct.pack_into(kind, data, at, value % (1 << 8 * width))


def change_digits(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    """In text, numbers and brackets are the lengths."""
    places = [i for i, b in enumerate(data) if chr(b) in '0123456789[]{}",:=']
    if places:
        at = places[int(rng.integers(len(places)))]
        data[at : at + 1] = [b"9" * 30, b"-1", b"1e999", b"null", b"[" * 50, b'"', b"", b"{}", b"NaN", b"\xff"][
            int(rng.integers(10))
        ]


def nest(data: bytearray, other: bytes, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = bytes([int(rng.choice(list(b'[{("')))]) * int(rng.integers(1000, 200_000))


WAYS = (
    flip_bits, flip_bits, flip_bits, truncate, insert, remove, repeat, fill, splice, splice, swap_lengths, swap_lengths,
    swap_lengths, change_digits, change_digits, nest,
)  # fmt: skip


def _place(data: bytes | bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(len(data)))
