"""Where a file may come from: web addresses, `file:` addresses, and local paths."""

import os
import urllib.parse
import urllib.request
from collections.abc import Iterable, Sequence
from pathlib import Path

from phosphene_core.errors import SettingError
from phosphene_download.sources import Remote

MIRROR = "PHOSPHENE_MIRROR"


def addresses(file: Remote, wanted: Sequence[str], alone: bool) -> list[str]:
    """The places to try for a file, in order. `wanted`: what the user named; else the mirrors in `PHOSPHENE_MIRROR`
    (separated by spaces) and then the file's own address. A place that ends in `/`, or is a folder, holds the file
    under its own name; any other is the file itself, which only makes sense if it is `alone`."""
    if wanted:
        return [_place(w, file, alone) for w in wanted]
    return [*(_place(m if m.endswith("/") else m + "/", file, alone) for m in mirrors()), file.address]


def mirrors() -> Iterable[str]:
    """The mirrors that the environment names."""
    return os.environ.get(MIRROR, "").split()


def local(address: str) -> Path | None:
    """The path that an address means on this machine, or None if it is a web address."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme in ("http", "https"):
        return None
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost"):
            raise SettingError(f"{address} names another machine; write file:///path")
        return Path(urllib.request.url2pathname(parts.path))
    if len(parts.scheme) > 1 and "://" in address:
        raise SettingError(f"{address}: only http, https and file addresses, and paths, can be read")
    return Path(address).expanduser()


def _place(wanted: str, file: Remote, alone: bool) -> str:
    path = local(wanted)
    if wanted.endswith("/") or (path is not None and path.is_dir()):
        return f"{wanted.rstrip('/')}/{file.name}"
    if not alone:
        raise SettingError(f"this data set has several files; name the folder that holds {file.name}: {wanted}/")
    return wanted
