"""Names inside archives: which of them may become files."""

from pathlib import PurePosixPath

from phosphene_core.errors import FileError

MOST_PARTS, LONGEST_PART, LONGEST = 32, 200, 1000
OWN = (".sha256sums", ".source.json")
"""What we write beside the files ourselves."""


def inside(name: str, archive: object) -> PurePosixPath:
    """A member's name as a path that stays inside the folder that it is unpacked into. `FileError` if it would not."""
    wrong = _wrong(name)
    if wrong:
        raise FileError(f"{archive} is not unpacked: its member {name[:80]!r} {wrong}")
    return PurePosixPath(name)


def _wrong(name: str) -> str | None:
    path = PurePosixPath(name)
    if not path.parts or len(name) > LONGEST or len(path.parts) > MOST_PARTS:
        return "has no name, or too long a one"
    if path.is_absolute() or name[1:2] == ":" or "\\" in name:
        return "names a place outside the folder"
    if ".." in path.parts:
        return "leads out of the folder"
    if any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) <= 0xDFFF for c in name):
        return "has a name with control characters"
    if any(len(part.encode()) > LONGEST_PART for part in path.parts):
        return "has too long a name"
    if path.name in OWN and len(path.parts) == 1:
        return "has a name that is ours"
    return None
