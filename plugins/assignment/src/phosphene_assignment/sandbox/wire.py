"""How the grader and a student's process talk: a line of JSON and the bytes of arrays. Nothing that is received is ever
executed, and nothing may be larger than was agreed."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np

HEADER_LIMIT = 1 << 20
BODY_LIMIT = 64 << 20
DTYPES = ("float64", "float32", "int64", "int32", "uint8", "bool")
PLAIN = (bool, int, float, str)

Read = Callable[[int], bytes]
"""Gives exactly so many bytes, or raises."""


class WireError(Exception):
    """What came is no message, or cannot be made one."""


def pack(message: dict[str, Any]) -> bytes:
    """A message (JSON values, tuples, numbers of numpy and arrays) as bytes."""
    bodies: list[bytes] = []
    header = json.dumps(_encoded(message, bodies, 0)).encode()
    total = sum(map(len, bodies))
    if len(header) > HEADER_LIMIT or total > BODY_LIMIT:
        raise WireError(f"a value of {(len(header) + total) >> 20} MB is more than is taken ({BODY_LIMIT >> 20} MB)")
    return b"%d %d\n" % (len(header), total) + header + b"".join(bodies)


def receive(read: Read) -> dict[str, Any]:
    """The next message."""
    line = b""
    while not line.endswith(b"\n"):
        line += read(1)
        if len(line) > 40:
            raise WireError("the answer does not begin as one")
    parts = line.split()
    if len(parts) != 2 or not all(p.isdigit() for p in parts):
        raise WireError("the answer does not begin as one")
    header, body = map(int, parts)
    if header > HEADER_LIMIT or body > BODY_LIMIT:
        raise WireError("the answer is too large")
    text, data = read(header), read(body)
    try:
        told = json.loads(text)
        decoded = _decoded(told, data, [0])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise WireError(f"the answer cannot be read: {error}") from None
    if not isinstance(decoded, dict):
        raise WireError("the answer is not a message")
    return decoded


def _encoded(value: Any, bodies: list[bytes], depth: int) -> Any:
    if depth > 8:
        raise WireError("a value is nested too deeply")
    if value is None or isinstance(value, PLAIN):
        return value
    if isinstance(value, dict):
        return {"dict": [[str(k), _encoded(v, bodies, depth + 1)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        return [_encoded(v, bodies, depth + 1) for v in value]
    array = np.asarray(value)
    if array.dtype.name not in DTYPES:
        raise WireError(f"a {type(value).__name__} of {array.dtype} is nothing that can be graded")
    bodies.append(np.ascontiguousarray(array).tobytes())
    return {"array": array.dtype.name, "shape": list(array.shape)}


def _decoded(value: Any, data: bytes, place: list[int]) -> Any:
    if isinstance(value, list):
        return tuple(_decoded(v, data, place) for v in value)
    if isinstance(value, dict):
        if "dict" in value:
            return {str(k): _decoded(v, data, place) for k, v in value["dict"]}
        name, shape = value["array"], [int(n) for n in value["shape"]]
        if name not in DTYPES or len(shape) > 8 or min(shape, default=0) < 0:
            raise ValueError("no array that is known here")
        dtype = np.dtype(name)
        start, place[0] = place[0], place[0] + dtype.itemsize * math.prod(shape)
        if place[0] > len(data):
            raise ValueError("an array is shorter than it says")
        return np.frombuffer(data[start : place[0]], dtype).reshape(shape).copy()
    return value
