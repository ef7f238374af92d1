"""Text files, read with suspicion: their size before memory is taken, and their letters."""

import os
from pathlib import Path

from phosphene_core.errors import FileError

LARGEST = 64 << 20


def read_text(path: str | os.PathLike[str], largest: int = LARGEST) -> str:
    """The whole text, in UTF-8 (with or without a mark). `FileError` names the file and what is wrong with it."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(largest + 1)
        if len(content) > largest:
            raise FileError(f"{path} is larger than {largest >> 20} MiB, too large for what it should be")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise FileError(f"{path} does not exist") from None
    except IsADirectoryError:
        raise FileError(f"{path} is a folder, not a file") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is not text in UTF-8") from None
