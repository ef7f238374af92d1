"""A short run of the fuzzer over every kind of file; the long one is `fuzz.py --count 10000`."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
ENVIRONMENT = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def harness(name, *arguments):
    command = [sys.executable, str(FOLDER / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)


def test_damaged_files_are_read_or_refused():
    ended = harness("fuzz.py", "--count", "160", "--seed", "2")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_files_that_mean_harm_are_refused():
    ended = harness("hostile.py")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(ended.stdout.splitlines()) >= 60


HARMS = {
    "raise KeyError('no')": "KeyError",
    "import os; os.abort()": "died: exit code -6",
    "while True: pass": "no end after",
    "bytearray(3 << 30)": "MemoryError",
    "(folder / '.left').touch()": "left over",
}


def test_the_fuzzer_notices(tmp_path):
    """A reader that does harm, another one with each damaged file."""
    for module in FOLDER.glob("*.py"):
        (tmp_path / module.name).write_text(module.read_text())
    harmed = f"""

HARMS = {list(HARMS)!r}
GOOD = corpus()["record"][0][1]


def record(folder, name):
    if (folder / name).read_bytes() != GOOD:
        counted = Path({str(tmp_path / "counted")!r})
        with counted.open("a") as file:
            file.write("x")
        exec(HARMS[len(counted.read_text()) - 1], {{"folder": folder}})
"""
    readers = (FOLDER / "readers.py").read_text()
    (tmp_path / "readers.py").write_text(readers.replace("\n\nREADERS =", harmed + "\n\nREADERS ="))
    ended = harness(str(tmp_path / "fuzz.py"), "--count", "5", "--kind", "record", "--seconds", "1")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    for number, words in enumerate(HARMS.values()):
        (line,) = [line for line in ended.stdout.splitlines() if line.startswith(f"case {number} ")]
        assert words in line
