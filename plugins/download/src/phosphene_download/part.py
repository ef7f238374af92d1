"""The beginning of a file whose download broke off, and what the server said of it."""

import json
import shutil
from pathlib import Path

import attrs

from phosphene_core.errors import FileError
from phosphene_download.sources import Remote
from phosphene_download.web import Final, Mark


@attrs.define
class Part:
    """`FOLDER/NAME.part` and its note, `NAME.json`. A beginning that came from another address does not count."""

    file: Remote
    folder: Path
    address: str
    mark: Mark = Mark()

    def __attrs_post_init__(self) -> None:
        try:
            noted = json.loads(self.note.read_text())
            size, validator = noted["size"], noted["validator"]
            if noted["address"] == self.address and isinstance(size, int | None) and isinstance(validator, str | None):
                self.mark = Mark(size, validator)
                return
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            pass
        self.drop()

    @property
    def path(self) -> Path:
        return self.folder / f"{self.file.name}.part"

    @property
    def note(self) -> Path:
        return self.folder / f"{self.file.name}.json"

    @property
    def size(self) -> int:
        """How many bytes are here."""
        return self.path.stat().st_size if self.path.exists() else 0

    @property
    def whole(self) -> bool:
        """Whether all that the server promised is here."""
        return self.path.exists() and self.size == self.mark.size

    def begin(self, start: int, mark: Mark) -> None:
        """The server is about to send the bytes from `start` on. `Final` or `FileError` if it had better not."""
        if mark.size is not None and self.file.size not in (None, mark.size):
            raise Final(f"it has {mark.size:,} bytes; {self.file.name} has {self.file.size:,}")
        need, free = (mark.size or 0) - start, shutil.disk_usage(self.folder).free
        if need > free:
            raise FileError(
                f"{self.folder} has {free >> 20:,} MB free and {self.file.name} takes {need >> 20:,} MB more; "
                "make room first"
            )
        self._note(mark)

    def drop(self) -> None:
        """Forget it all."""
        self.path.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)
        self.mark = Mark()

    def finish(self) -> None:
        """All of it has come: the size is known now, if it was not."""
        self._note(Mark(self.size, self.mark.validator))

    def _note(self, mark: Mark) -> None:
        self.mark = mark
        try:
            self.note.write_text(json.dumps({"address": self.address, "size": mark.size, "validator": mark.validator}))
        except OSError as error:
            raise FileError(f"cannot write {self.note}: {error.strerror or error}") from None
