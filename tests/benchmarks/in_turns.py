"""Two sides of the same work, timed in turns (ours, theirs, ours, ...), each in an environment of its own."""

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

Work = Callable[[], object]
Case = tuple[Callable[[], Work], Callable[[], Work]]
"""What makes our work and what makes theirs; each is called only in its own process."""

PAUSE = 0.01
"""Seconds between turns, in which the other side's idle threads stop spinning."""


def once(work: Work, busy: bool) -> float:
    clock = time.process_time if busy else time.perf_counter
    begin = clock()
    work()
    return clock() - begin


def serve(cases: dict[str, Case]) -> None:
    """PyTorch's side: a case's name on a line makes its work; an empty line times it once."""
    import torch

    threads, busy = map(int, sys.argv[2:])
    torch.set_num_threads(threads)
    print(torch.__version__, flush=True)
    work: Work = lambda: None  # noqa: E731
    for line in sys.stdin:
        if name := line.strip():
            work = cases[name][1]()
            work()
        print(once(work, bool(busy)), flush=True)


@contextlib.contextmanager
def other_side(script: str, python: str, threads: int, busy: bool) -> Iterator[Callable[[str], float] | None]:
    """Asks the other side for a case by name, or for one more time by ""; None where it has no PyTorch."""
    command = [python, script, "--serve", str(threads), str(int(busy))]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, text=True, **pipes) as p:
        sent, answers = p.stdin, p.stdout
        assert sent is not None
        assert answers is not None
        version = answers.readline().strip()

        def ask(name: str) -> float:
            sent.write(name + "\n")
            sent.flush()
            return float(answers.readline())

        if version:
            print(f"PyTorch {version}, {threads} {'threads' if threads > 1 else 'thread'} each")
        yield ask if version else None
        p.terminate()


def compare(script: str, description: str | None, cases: dict[str, Case]) -> None:
    """The command line of a benchmark: a row per case with both medians in milliseconds and their ratio."""
    if sys.argv[1:2] == ["--serve"]:
        serve(cases)
        return
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", default="", help="only the cases with this in their name")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--busy", action="store_true", help="processor time on one thread each, for a busy machine")
    parser.add_argument("--torch-python", default=os.environ.get("PHOSPHENE_TORCH_PYTHON", sys.executable))
    chosen: Any = parser.parse_args()
    from phosphene_core.threads import threads, use_threads

    count = 1 if chosen.busy else threads()
    with use_threads(count), other_side(script, chosen.torch_python, count, chosen.busy) as ask:
        if ask is None:
            print("skipped: there is no PyTorch here (see --help)")
            return
        print(f"{'':44s}{'ours':>9s}{'theirs':>9s}{'ratio':>7s}{'of the shortest':>17s}")
        for name in (n for n in cases if chosen.name in n):
            work = cases[name][0]()
            work()
            ask(name)
            mine, other = [], []
            for _ in range(chosen.rounds):
                time.sleep(PAUSE)
                mine.append(once(work, chosen.busy))
                time.sleep(PAUSE)
                other.append(ask(""))
            a, b = statistics.median(mine), statistics.median(other)
            print(f"{name:44s}{a * 1e3:9.3f}{b * 1e3:9.3f}{a / b:7.2f}{min(mine) / min(other):17.2f}", flush=True)
