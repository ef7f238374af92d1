"""Submissions that do what they should not: each costs the item that does it, and nothing else."""

import os
import time
from pathlib import Path

import pytest

import phosphene_assignment
from phosphene_assignment.grading import ask
from phosphene_assignment.processes import Limits, Processes
from phosphene_assignment.questions import ITEMS

HOME = Path(phosphene_assignment.__file__).parent
REFERENCE = HOME / "reference" / "recurrent.py"
STEP = next(i for i in ITEMS if i.name == "rnn_step_forward")
WORDS = next(i for i in ITEMS if i.name == "word_embedding_forward")
RIGHT = "    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)\n"

FORGERY = """
    import os, json
    for fd in range(3, 40):
        try:
            os.write(fd, b'2 0\\n{}')
        except OSError:
            pass
    return np.zeros((len(x), Wh.shape[0])), None
"""
SEARCH = f"""
    import gc, sys
    found = [m for m in sys.modules if "reference" in m or "questions" in m]
    found += [o for o in gc.get_objects() if isinstance(o, np.ndarray) and o.shape == (len(x), len(Wh))
              and o is not prev_h and np.allclose(o, np.tanh(x @ Wx + prev_h @ Wh + b))]
    for place in ({str(REFERENCE)!r}, "/proc/%d/mem" % os.getppid(), "/proc/%d/maps" % os.getppid(), "/proc/self/root/etc/passwd", "/etc/passwd"):
        try:
            found.append(open(place, "rb").read(1))
        except OSError:
            pass
    for name in ("phosphene_assignment.reference.recurrent", "phosphene_rnn", "phosphene_lstm", "phosphene_captioning",
                 "phosphene_core.testing"):
        try:
            found.append(__import__(name))
        except ImportError:
            pass
    if found:
        raise ValueError("FOUND %r" % found)
    raise ValueError("found nothing")
"""

COSTS_THE_ITEM = {
    "endless loop": ("while True: pass", "computed for more than 1 seconds (an endless loop?)"),
    "endless loop that does not listen": ("import signal; signal.signal(signal.SIGXCPU, signal.SIG_IGN)\n    while True: pass",
                                          "computed for more than 1 seconds"),
    "sys.exit": ("import sys; sys.exit(0)", "called sys.exit (rnn_layers.py, line 4)"),
    "os._exit": ("os._exit(0)", "ended before it answered (os._exit? exit code 0)"),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", "crashed (SIGSEGV)"),
    "abort": ("os.abort()", "crashed (SIGABRT)"),
    "much memory at once": ("np.ones(10**10)", "MemoryError"),
    "more and more memory": ("a = []\n    while True: a.append(np.empty(10**7))", "MemoryError"),
    "prints without end": ("while True: print('x' * 1000)", "printed more than a megabyte"),
    "endless recursion": ("f = lambda: f()\n    f()", "RecursionError"),
    "fork bomb": ("while True: os.fork()", "PermissionError"),
    "another program": ("import subprocess; subprocess.run(['true'])", "PermissionError"),
    "kills its parent": ("os.kill(os.getppid(), 9)", "PermissionError"),
    "kills everything": ("os.kill(-1, 9)", "PermissionError"),
    "the network": ("import socket; socket.create_connection(('127.0.0.1', 9))", "PermissionError"),
    "lifts its limits": ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (99, 99))", "it raised"),
    "writes to the grader": (f"open({str(REFERENCE)!r}, 'a').write('#')", "PermissionError"),
    "writes beside its code": ("open(os.path.dirname(__file__) + '/x', 'w')", "PermissionError"),
    "removes files": (f"os.remove({str(REFERENCE)!r})", "PermissionError"),
    "looks for answers": (SEARCH, "found nothing"),
    "fills the disk": ("f = open('big', 'wb')\n    while True: f.write(bytes(1 << 20))", "it raised OSError"),
    "forged answers": (FORGERY, ""),
    "closes everything": ("os.closerange(0, 64)", "its process"),
    "an error that cannot be told": ("class E(Exception):\n        def __str__(self): raise self\n    raise E", ""),
    "numpy replaced": ("np.allclose = np.array_equal = lambda *a, **k: True\n    np.abs = lambda a: 0 * a\n"
                       "    return np.zeros((len(x), len(Wh))), None", "zero everywhere"),
    "an object for an answer": ("return object(), None", "nothing that can be graded"),
    "an array of objects": ("return np.array([object()]), None", "nothing that can be graded"),
    "an endless list": ("a = []\n    a.append(a)\n    return a, None", "nested too deeply"),
    "a huge array": ("return np.broadcast_to(0.0, (10**5, 10**4)), None", "it raised MemoryError"),
    "NaN": ("return np.full((len(x), len(Wh)), np.nan), None", "NaN or infinite"),
    "complex numbers": ("return np.zeros((len(x), len(Wh)), complex), None", "nothing that can be graded"),
    "a number instead of arrays": ("return 3", "must return several things"),
    "nothing": ("return", "must return several things"),
    "too many things": ("return 1, 2, 3", "must return 2 things, the cache last; it returned 3"),
    "lies about its class": ("class A(np.ndarray):\n        def __eq__(self, o): return True\n"
                             "    return np.zeros((len(x), len(Wh))).view(A), None", "zero everywhere"),
}  # fmt: skip
COSTS_NOTHING = {
    "another working folder": "os.chdir('/')",
    "closed stdout": "os.closerange(1, 3)",
    "prints a little": "print('hello')",
    "threads that go on": "import threading, time; threading.Thread(target=time.sleep, args=(1e6,)).start()",
    "a file in its own folder": "open('note', 'w').write('x')",
    "sys.stdout is nothing": "import sys; sys.stdout = None",
}


@pytest.fixture(scope="module")
def strict():
    with Processes(Limits(seconds=1, longest=60.0, memory=700)) as started:
        yield started


def with_body(changed, body):
    return changed("rnn_layers.py", f"import numpy as np\n\n\ndef rnn_step_forward(x, prev_h, Wx, Wh, b):\n{RIGHT}",
                   f"import os\nimport numpy as np\ndef rnn_step_forward(x, prev_h, Wx, Wh, b):\n    {body}\n{RIGHT}")  # fmt: skip


@pytest.mark.parametrize("deed", COSTS_THE_ITEM)
def test_it_costs_that_item_alone(deed, strict, changed):
    body, said = COSTS_THE_ITEM[deed]
    before = REFERENCE.read_bytes()
    code = with_body(changed, body)
    verdict, held = ask(strict, code, STEP, seed=3)
    if not {"files", "calls"} <= held and said in ("PermissionError", "found nothing"):
        pytest.skip("this system cannot confine processes")
    assert verdict.points == 0
    assert said in " ".join(verdict.lines()), verdict.lines()
    assert verdict.lines()
    assert REFERENCE.read_bytes() == before
    assert ask(strict, code, WORDS, seed=3)[0].points == WORDS.points  # the next item, in the next process


@pytest.mark.parametrize("deed", COSTS_NOTHING)
def test_it_costs_nothing(deed, strict, changed):
    verdict, _ = ask(strict, with_body(changed, COSTS_NOTHING[deed]), STEP, seed=3)
    assert verdict.points == STEP.points, verdict.lines()


def test_what_only_waits_is_ended_by_the_clock(strict, changed, monkeypatch):
    monkeypatch.setattr(strict, "limits", Limits(seconds=1, longest=0.7, memory=700))
    verdict, _ = ask(strict, with_body(changed, "import time; time.sleep(1e6)"), STEP, seed=3)
    assert "took longer than 0.7 seconds" in verdict.failure


def test_what_it_prints_is_told(strict, changed):
    assert ask(strict, with_body(changed, "print('gates', x.shape)"), STEP, seed=3)[0].prints.startswith("gates (")


def test_what_it_started_is_gone_even_where_processes_cannot_be_confined(changed, tmp_path):
    """Grandchildren that left the process group and hold the pipes, and a process that ends its keeper's patience."""
    mark = tmp_path / "mark"
    body = f"""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            open({str(mark)!r} + ".part", "w").write(str(os.getpid()))
            os.rename({str(mark)!r} + ".part", {str(mark)!r})
            import time
            time.sleep(1e6)
        os._exit(0)
    import time
    while not os.path.exists({str(mark)!r}): time.sleep(0.01)
"""
    with Processes(Limits(seconds=5, longest=30.0), confined=False) as open_ones:
        verdict, held = ask(open_ones, with_body(changed, body), STEP, seed=3)
    assert held == {"limits"}
    assert verdict.points == STEP.points, verdict.lines()
    late = time.monotonic() + 10
    while time.monotonic() < late and _runs(int(mark.read_text())):
        time.sleep(0.02)
    assert not _runs(int(mark.read_text()))


def test_a_nursery_that_died_is_replaced(changed):
    with Processes(Limits(seconds=5, longest=30.0), confined=False) as open_ones:
        deed = "os.system('kill -9 $(ps -o ppid= -p $(ps -o ppid= -p %d))' % os.getpid())"
        code = with_body(changed, deed)
        ask(open_ones, code, STEP, seed=3)
        assert ask(open_ones, code, WORDS, seed=3)[0].points == WORDS.points


def test_a_file_that_cannot_be_imported_costs_its_own_items_alone(strict, changed):
    code = changed("lstm_layers.py", "import numpy as np\n", "import os\nos._exit(3)\n")
    lstm = next(i for i in ITEMS if i.name == "lstm_step_forward")
    assert "exit code 3" in ask(strict, code, lstm, seed=3)[0].failure
    assert ask(strict, code, STEP, seed=3)[0].points == STEP.points


def _runs(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
