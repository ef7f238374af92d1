"""One case measured: its time, what that makes of its operations, and its memory."""

import statistics
import time

import attrs

from phosphene_bench.case import Case
from phosphene_bench.memory import peak


@attrs.frozen
class Manner:
    """How long to measure a case: at least `rounds` times, then until `seconds` have passed. `pause` seconds lie between
    two rounds, in which threads that wait for work go to sleep."""

    seconds: float = 0.4
    rounds: int = 5
    pause: float = 0.002


FULL, QUICK = Manner(), Manner(seconds=0.05, rounds=2)
MOST_ROUNDS = 200


@attrs.frozen
class Row:
    """What was measured of a case. Times in seconds, memory in bytes; `failure`: why there is nothing."""

    case: Case
    median: float = 0.0
    least: float = 0.0
    rounds: int = 0
    memory: int = 0
    failure: str = ""

    @property
    def rate(self) -> float | None:
        """Operations per second, in the median."""
        operations = self.case.operations
        return None if operations is None or not self.median else operations / self.median


def measure(case: Case, manner: Manner = FULL) -> Row:
    """Makes the work, does it twice unmeasured (once for its memory), and then in rounds. Work of microseconds is done
    several times in a round."""
    try:
        with peak() as most:
            work = case.make()
            work()
        begin = time.perf_counter()
        work()
        once = time.perf_counter() - begin
        repeats = max(1, min(1000, int(1e-3 / max(once, 1e-7))))
        seconds: list[float] = []
        stop = time.perf_counter() + manner.seconds
        while len(seconds) < manner.rounds or (time.perf_counter() < stop and len(seconds) < MOST_ROUNDS):
            time.sleep(manner.pause)
            begin = time.perf_counter()
            for _ in range(repeats):
                work()
            seconds.append((time.perf_counter() - begin) / repeats)
    except (Exception, SystemExit) as error:
        return Row(case, failure=f"{type(error).__name__}: {' '.join(str(error).split())}"[:200])
    return Row(case, statistics.median(seconds), min(seconds), len(seconds), most.bytes)
