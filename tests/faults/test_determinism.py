"""The same seed, thread count and kind of machine: the same bytes. Another thread count: within rounding."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from phosphene_core import Attribution, Need, Pass, PhospheneError
from phosphene_core.options import options_of
from phosphene_core.testing import tiny_classifier, tiny_pictures
from phosphene_core.threads import use_threads
from phosphene_registry.registry import Registry

RUN = Path(__file__).with_name("run.py")
WORKERS = 24


def test_two_processes_leave_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        subprocess.run([sys.executable, str(RUN), str(tmp_path / name)], check=True, capture_output=True)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


@pytest.fixture(scope="module")
def registry():
    return Registry()


def test_thread_counts_agree_within_rounding(registry):
    cnn = registry.catalogue.get_entry("model", "cnn").cls
    model = cnn(filters=(8, 16), strides=(2, 1), hidden=16, size=16, classes=5).initialized(np.random.default_rng(0))
    rng = np.random.default_rng(1)
    batch = {"images": 50 * rng.standard_normal((8, 3, 16, 16)).astype(np.float32), "labels": rng.integers(0, 5, 8)}
    found = []
    for count in (1, 2, 3, 2):
        with use_threads(count):
            found.append(model.loss(batch, Pass(train=True, rng=np.random.default_rng(2), need=Need.PARAMS)))
    for loss, _, grads in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        for name, value in found[0][2].items():
            scale = np.abs(value).max() + 1e-3
            assert np.abs(grads[name] - value).max() <= 1e-4 * scale, name
    assert all(v.tobytes() == found[3][2][k].tobytes() for k, v in found[1][2].items())


def questions(registry):
    """Every attribution that needs no setting, and its results for some pictures, as a function of the seed."""
    model = tiny_classifier()
    images = model.preprocess(list(tiny_pictures(2)))
    for name, entry in registry.entries("technique").items():
        if not issubclass(entry.cls, Attribution) or any(o.required for o in options_of(entry.cls)):
            continue
        asked = registry.catalogue.get_entry("objective", entry.cls.objective).cls

        def ask(seed, technique=entry.cls(), asked=asked):
            question = asked().bound(model, images)
            return technique.attribute(model, images, question, np.random.default_rng(seed)).maps.tobytes()

        try:
            ask(0)
        except PhospheneError:
            continue  # it cannot look at this model
        yield name, ask


def test_many_threads_on_one_model_find_what_one_finds_alone(registry):
    asked = dict(questions(registry))
    assert len(asked) >= 3
    jobs = [(name, seed) for seed, name in zip(range(WORKERS), [*asked] * WORKERS, strict=False)]
    alone = {job: asked[job[0]](job[1]) for job in jobs}
    together = {}
    ready = threading.Barrier(WORKERS)

    def work(job):
        ready.wait()
        together[job] = asked[job[0]](job[1])

    threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together == alone


def test_memory_does_not_grow_over_many_runs(registry):
    asked = dict(questions(registry))
    ask = asked.get("saliency") or next(iter(asked.values()))

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    if not Path("/proc/self/statm").exists():
        pytest.skip("memory cannot be read here")
    for _ in range(100):
        ask(0)
    before = resident()
    for _ in range(300):
        ask(0)
    assert resident() - before < 4 << 20
