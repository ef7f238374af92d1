"""The same seed, thread count and kind of machine: the same bytes. Another thread count: within rounding."""

import itertools
import subprocess
import sys
import threading
from pathlib import Path

import attrs
import numpy as np
import pytest

from phosphene_core import Attribution, Need, Pass, PhospheneError
from phosphene_core.options import options_of
from phosphene_core.threads import use_threads
from phosphene_registry.registry import Registry

RUN = Path(__file__).with_name("run.py")
WORKERS = 24


@pytest.mark.parametrize("kind", ["classifier", "captioner"])
def test_two_processes_leave_the_same_bytes(tmp_path, kind):
    for name in ("a", "b"):
        command = [sys.executable, str(RUN), str(tmp_path / name), "--kind", kind, "--epochs", "2"]
        subprocess.run(command, check=True, capture_output=True)
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


def questions(registry, model):
    """Every technique that needs no setting, and what it finds in a picture, as a function of the seed: all of a map, the
    first three frames of a picture in the making."""
    pictures = np.random.default_rng(0).integers(0, 256, (1, *model.input_shape[1:], 3), np.uint8)
    images = model.preprocess(list(pictures))
    for name, entry in registry.entries("technique").items():
        if any(o.required for o in options_of(entry.cls)):
            continue
        asked = registry.catalogue.get_entry("objective", entry.cls.objective).cls

        def ask(seed, technique=entry.cls(), asked=asked):
            question, rng = asked().bound(model, images), np.random.default_rng(seed)
            if isinstance(technique, Attribution):
                return technique.attribute(model, images, question, rng).maps.tobytes()
            frames = itertools.islice(technique.frames(model, images, question, rng), 3)
            return b"".join(frame.images.tobytes() for frame in frames)

        try:
            ask(0)
        except PhospheneError:
            continue  # it cannot look at this model
        yield name, ask


@pytest.fixture(scope="module")
def network(registry):
    """A small network on the compiled kernels."""
    cnn = registry.catalogue.get_entry("model", "cnn").cls
    made = cnn(filters=(6, 8), strides=(2, 1), hidden=8, size=16, classes=5).initialized(np.random.default_rng(0))
    return attrs.evolve(made, class_names=tuple("abcde"), mean=np.full((3, 16, 16), 120, np.float32))


def captions(run):
    """Captions of a small captioner, as a function of the seed."""
    from phosphene_captioning.sampling import Draw, sample

    model = run.captioner(None).model
    features = np.random.default_rng(0).standard_normal((3, model.features), np.float32)
    return lambda seed: repr(sample(model, features, Draw(), np.random.default_rng(seed)))


def test_many_threads_on_one_model_find_what_one_finds_alone(registry, network, run):
    asked = dict(questions(registry, network)) | {"captions": captions(run)}
    assert len(asked) >= 15
    each = [list(asked)[i % len(asked) :] + list(asked)[: i % len(asked)] for i in range(WORKERS)]
    jobs = [[(name, seed) for name in names[:6]] for seed, names in enumerate(each)]
    alone = {job: asked[job[0]](job[1]) for several in jobs for job in several}
    together = {}
    ready = threading.Barrier(WORKERS)

    def work(several):
        ready.wait()
        for job in several:
            together[job] = asked[job[0]](job[1])

    threads = [threading.Thread(target=work, args=(several,)) for several in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert together.keys() == alone.keys()
    assert [job for job in alone if together[job] != alone[job]] == []


@pytest.mark.parametrize(("name", "runs"), [("saliency", 300), ("deepdream", 60)])
def test_memory_does_not_grow_over_many_runs(registry, network, name, runs):
    """The whole command a thousand times: `grow.py`."""
    ask = dict(questions(registry, network))[name]

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    if not Path("/proc/self/statm").exists():
        pytest.skip("memory cannot be read here")
    for _ in range(runs // 2):
        ask(0)
    before = resident()
    for _ in range(runs):
        ask(0)
    assert resident() - before < 4 << 20
