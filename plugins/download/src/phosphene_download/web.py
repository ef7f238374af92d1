"""One request for one file, from wherever it broke off: what is wrong is either passing or final."""

import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from phosphene_core.errors import FileError

BLOCK = 1 << 16
PASSING = {408, 425, 429, 500, 502, 503, 504}


class Passing(Exception):
    """It may go better next time."""


class Afresh(Passing):
    """What is here cannot be gone on with; from the start it may."""


class Final(Exception):
    """This address will not give the file."""


@attrs.frozen
class Mark:
    """What a server said of a file when its download began; how a changed file is noticed when it goes on."""

    size: int | None = None
    validator: str | None = None


def opener() -> urllib.request.OpenerDirector:
    """Opens http and https only, so that no redirection leads to files or elsewhere."""
    handlers = (
        urllib.request.ProxyHandler, urllib.request.HTTPHandler, urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor,
    )  # fmt: skip
    made = urllib.request.OpenerDirector()
    for handler in handlers:
        made.add_handler(handler())
    return made


def receive(
    address: str, part: Path, mark: Mark, begin: Callable[[int, Mark], None], timeout: float, most: int,
    tell: Callable[[int], None] = lambda got: None,
) -> None:  # fmt: skip
    """Append to `part` what is missing of the file. `begin(start, mark)` is told where the body starts and what the
    server says of the file; it may raise. `most` bytes are taken at the most; `tell` hears how many there are.

    Raises `Passing` or `Final`; what was received stays in `part`.
    """
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity", "User-Agent": "phosphene"})
    if have:
        request.add_header("Range", f"bytes={have}-")
        if mark.validator:
            request.add_header("If-Range", mark.validator)
    with _told(), opener().open(request, timeout=timeout) as response:
        start, said = _where(response, have, mark)
        if said.size is not None and said.size > most:
            raise Final(f"it has {said.size:,} bytes, more than the {most:,} that this file may have")
        begin(start, said)
        got = start
        with _writing(part, start) as file:
            while block := _read(response):
                got += len(block)
                if got > most:
                    raise Final(f"it sends more than the {most:,} bytes that this file may have")
                _write(file, part, block)
                tell(got)
        if said.size is not None and got < said.size:
            raise Passing(f"the connection ended after {got:,} of {said.size:,} bytes")


def _where(response: Any, have: int, mark: Mark) -> tuple[int, Mark]:
    """(the byte at which the body starts, what the server says of the file)."""
    headers = response.headers
    validator = (
        headers.get("ETag") if not str(headers.get("ETag", "W/")).startswith("W/") else headers.get("Last-Modified")
    )
    if response.status != 206:
        length = headers.get("Content-Length", "")
        return 0, Mark(int(length) if length.isdigit() else None, validator)
    found = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", headers.get("Content-Range", "").strip())
    total = int(found[3]) if found and found[3] != "*" else None
    if not found or int(found[1]) != have or (mark.size is not None and total not in (None, mark.size)):
        raise Afresh("the server went on with something else")
    return have, Mark(total, validator or mark.validator)


@contextmanager
def _told() -> Iterator[None]:
    """What the network raises, as `Passing` or `Final`."""
    try:
        yield
    except urllib.error.HTTPError as error:
        if error.code in PASSING:
            raise Passing(f"the server answers {error.code} {error.reason}") from None
        if error.code == 416:
            raise Afresh("the server has no more of it than is here already") from None
        if error.code // 100 == 3:
            circles = "infinite loop" in str(error.msg)
            raise Final(f"it redirects {'in circles' if circles else 'to what is not http'}") from None
        raise Final(f"the server answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        raise Passing(str(getattr(error.reason, "strerror", None) or error.reason)) from None
    except http.client.InvalidURL as error:
        raise Final(str(error)) from None
    except TimeoutError:
        raise Passing("nothing came for too long") from None
    except (http.client.HTTPException, OSError) as error:
        raise Passing(getattr(error, "strerror", None) or _line(error)) from None
    except ValueError as error:
        raise Final(_line(error)) from None


def _read(response: Any) -> bytes:
    return bytes(response.read1(BLOCK))


@contextmanager
def _writing(part: Path, start: int) -> Iterator[Any]:
    try:
        file = part.open("r+b" if start else "wb")
    except OSError as error:
        raise FileError(f"cannot write {part}: {error.strerror or error}") from None
    with file:
        file.seek(start)
        yield file


def _write(file: Any, part: Path, block: bytes) -> None:
    try:
        file.write(block)
    except OSError as error:
        raise FileError(f"cannot write {part}: {error.strerror or error}; what is there is kept") from None


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:100]}".rstrip(": ")
