"""Reads thousands of damaged files as the program would: each is read, or refused with a PhospheneError, in bounded time
and memory; never a traceback, a signal, or a file left over.

`python tests/faults/fuzz.py --count 10000 --seed 0 [--kind image] [--keep FOLDER]`: one line per fault, and a table.
Case i of a seed is always the same bytes: `--only i` runs it alone.
"""

import argparse
import faulthandler
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from corpus import corpus
from mutate import mutate
from readers import READERS

from phosphene_core.errors import PhospheneError

SECONDS, MEMORY = 10.0, 1 << 30


def case(seed: int, index: int, files: dict[str, list[tuple[str, bytes]]], kinds: list[str]) -> tuple[str, str, bytes]:
    """(kind, file name, damaged content) of case `index`."""
    rng = np.random.default_rng([seed, index])
    kind = kinds[index % len(kinds)]
    name, content = files[kind][int(rng.integers(len(files[kind])))]
    other = files[kind][int(rng.integers(len(files[kind])))][1]
    return kind, name, mutate(content, other, rng)


def attempt(kind: str, name: str, content: bytes) -> str:
    """`read`, `refused`, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as around:
        folder = Path(around) / "folder"
        folder.mkdir()
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                READERS[kind](folder, name)
            outcome = "read"
        except PhospheneError as error:
            outcome = (
                "refused" if "\n" not in str(error) and len(str(error)) < 1000 else f"unclear: {str(error)[:200]!r}"
            )
        except BaseException as error:
            outcome = f"{type(error).__name__}: {error}"[:300] + "\n" + traceback.format_exc(limit=-4)
        left = [p.name for p in Path(around).iterdir() if p != folder]
        left += [p.name for p in folder.rglob(".*") if p.name != name]
        return f"left over: {left}" if left else outcome


def work(pipe: Any, seed: int, indexes: list[int], files: dict[str, list[tuple[str, bytes]]], kinds: list[str]) -> None:
    """A worker: does its cases one by one, and tells before and after each."""
    faulthandler.enable()
    tempfile.tempdir = pipe.recv()
    for kind in kinds:  # imports count for nobody
        attempt(kind, *files[kind][0])
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
    for index in indexes:
        pipe.send((index, None))
        pipe.send((index, attempt(*case(seed, index, files, kinds))))
    pipe.send(None)


def fuzz(seed: int, indexes: list[int], kinds: list[str], allowed: float = SECONDS) -> dict[int, str]:
    """The outcome of each case. A worker that dies or hangs is a fault of the case that it was at."""
    files = corpus()
    outcomes: dict[int, str] = {}
    left = list(indexes)
    scratch = tempfile.mkdtemp(prefix="fuzzing-")
    while left:
        mine, theirs = multiprocessing.Pipe()
        worker = multiprocessing.get_context("fork").Process(target=work, args=(theirs, seed, left, files, kinds))
        worker.start()
        theirs.close()
        mine.send(scratch)
        at: int | None = None
        while True:
            told = _next(mine, worker, None if at is None else allowed)
            if isinstance(told, tuple):
                at = told[0] if told[1] is None else None
                if told[1] is not None:
                    outcomes[told[0]] = told[1]
                continue
            if told is not None:
                if at is None:
                    raise RuntimeError(f"the worker failed between cases: {told}")
                outcomes[at] = told
            worker.kill()
            worker.join()
            break
        left = [i for i in left if i not in outcomes]
    shutil.rmtree(scratch)
    return outcomes


def _next(pipe: Any, worker: Any, allowed: float | None) -> Any:
    """What the worker tells next, or how it ended. Its own processor time counts, up to `allowed` seconds, so that a
    busy machine is no fault; and thirty times as long by the clock, lest it sleeps."""
    begun, used = time.monotonic(), _processor_seconds(worker)
    try:
        while not pipe.poll(0.5):
            slept = time.monotonic() - begun
            if allowed is not None and (_processor_seconds(worker) - used > allowed or slept > 30 * allowed):
                return f"no end after {allowed} s"
        return pipe.recv()
    except (EOFError, ConnectionResetError):
        worker.join()
        return f"died: exit code {worker.exitcode}"


def _processor_seconds(worker: Any) -> float:
    try:
        fields = Path(f"/proc/{worker.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=READERS, action="append")
    parser.add_argument("--only", type=int, help="one case alone")
    parser.add_argument("--keep", type=Path, help="a folder for the files that were not dealt with")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    asked = parser.parse_args()
    kinds = asked.kind or list(READERS)
    indexes = list(range(asked.count)) if asked.only is None else [asked.only]
    outcomes = fuzz(asked.seed, indexes, kinds, asked.seconds)
    table: Counter[tuple[str, str]] = Counter()
    files = corpus()
    for index, outcome in sorted(outcomes.items()):
        kind, name, content = case(asked.seed, index, files, kinds)
        fine = outcome in ("read", "refused")
        table[kind, outcome if fine else "FAULT"] += 1
        if not fine:
            print(f"case {index} ({kind}, {name}): {outcome}")
            if asked.keep:
                asked.keep.mkdir(parents=True, exist_ok=True)
                (asked.keep / f"{index}-{Path(name).name}").write_bytes(content)
    for kind in kinds:
        print(
            f"{kind:14} read {table[kind, 'read']:5}  refused {table[kind, 'refused']:5}  faults {table[kind, 'FAULT']:5}"
        )
    return 1 if any(what == "FAULT" for _, what in table) else 0


if __name__ == "__main__":
    sys.exit(main())
