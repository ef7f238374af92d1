"""Training where things go wrong: the disk, the clock, the numbers, the plugins, and other runs."""

import contextlib
import itertools
import os
import resource
import signal
import subprocess
import time

import attrs
import numpy as np
import pytest

from phosphene_core import FileError, PhospheneError, hookimpl, modelfile
from phosphene_core.testing import TinyClassifier, TinyMomentum
from phosphene_core.trainer import CHECKPOINT, Diverged
from phosphene_registry.registry import Registry
from phosphene_registry.relay import Relay

MODELS = {"TinyClassifier": TinyClassifier}


def weights(trainer):
    return {k: v.tobytes() for k, v in trainer.trained.params.items()}


@pytest.fixture
def whole(run):
    made = run.trainer(None)
    made.run()
    return weights(made)


@contextlib.contextmanager
def largest_file(size):
    """Writing past `size` bytes fails, as on a full disk (but EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def stopped_and_resumed(run, folder, trouble, whole, match):
    """Train, have trouble from step 7 on, and go on without it: the run that was never stopped."""
    first = run.trainer(folder)
    with pytest.raises(FileError, match=match) as error, contextlib.ExitStack() as stack:
        for step in first.steps():
            if step.number == 7:
                stack.enter_context(trouble)
    assert "\n" not in str(error.value)
    assert not [p.name for p in folder.iterdir() if p.name.endswith(".new")]
    modelfile.load_model(folder / CHECKPOINT, MODELS)
    again = run.trainer(folder)
    assert again.resume()
    assert again.step == 6
    again.run()
    assert weights(again) == whole


def test_files_that_cannot_grow(run, tmp_path, whole):
    stopped_and_resumed(run, tmp_path, largest_file(4096), whole, "cannot write .*last.h5|cannot write .*history")


def test_a_full_disk(run, tmp_path, whole):
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    mounted = subprocess.run(command, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no file system of our own can be mounted here")

    @contextlib.contextmanager
    def filled():
        with (disk / "filler").open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(1024)):
                pass
        try:
            yield
        finally:
            (disk / "filler").unlink()

    @contextlib.contextmanager
    def read_only():
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        try:
            yield
        finally:
            subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)

    try:
        stopped_and_resumed(run, disk / "a", filled(), whole, "No space left")
        stopped_and_resumed(run, disk / "b", read_only(), whole, "Read-only file system")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_folder_that_is_lost(run, tmp_path):
    folder = tmp_path / "run"

    with pytest.raises(FileError, match="cannot write"):
        for step in run.trainer(folder).steps():
            if step.number == 7:
                folder.rename(tmp_path / "elsewhere")
                folder.write_text("not a folder")
    modelfile.load_model(tmp_path / "elsewhere" / CHECKPOINT, MODELS)


def test_a_folder_that_cannot_be_written(run):
    with pytest.raises(FileError, match="/proc/phosphene"):
        next(run.trainer("/proc/phosphene").steps())


def test_a_clock_that_jumps_changes_nothing(run, tmp_path, whole, monkeypatch):
    jumps = itertools.cycle([1e9, -1e9, 0.0, float(1 << 40)])
    for clock in ("time", "perf_counter", "monotonic"):
        monkeypatch.setattr(time, clock, lambda: next(jumps))
    made = run.trainer(tmp_path)
    made.run()
    assert weights(made) == whole


def test_two_runs_cannot_write_into_one_folder(run, tmp_path):
    first = run.trainer(tmp_path).steps()
    next(first)
    with pytest.raises(FileError, match="another run is writing into"):
        next(run.trainer(tmp_path).steps())
    first.close()
    next(run.trainer(tmp_path).steps())


def test_what_a_killed_process_left_is_swept_away(run, tmp_path):
    for name in (CHECKPOINT, "config.toml"):
        (tmp_path / f".{name}.abcd_123.new").write_bytes(b"half")
    run.trainer(tmp_path).run()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["best.h5", "history.jsonl", "last.h5"]


@attrs.frozen
class Poisoned(TinyClassifier):
    """Its loss is NaN once, at the given number of losses; and its gradients may be, from there on."""

    def loss(self, batch, run):
        loss, measures, grads = super().loss(batch, run)
        if run.train:
            COUNTED.append(1)
            if len(COUNTED) == POISON["loss"]:
                loss = float("nan")
            if len(COUNTED) == POISON["grads"]:
                grads = {k: v * np.float32(np.nan) for k, v in grads.items()}
        return loss, measures, grads


COUNTED: list[int] = []
POISON = {"loss": 0, "grads": 0}


@pytest.fixture
def poisoned(run, tmp_path):
    def made(loss=0, grads=0, **settings):
        COUNTED.clear()
        POISON.update(loss=loss, grads=grads)
        return run.trainer(tmp_path, model=Poisoned().initialized(np.random.default_rng(0)), **settings)

    return made


def test_a_loss_that_is_nan_names_the_step_and_keeps_the_checkpoint(poisoned, tmp_path):
    with pytest.raises(Diverged, match=r"the loss is nan at step 8 \(epoch 2\); lower the learning rate.*last.h5"):
        poisoned(loss=8).run()
    _, groups = modelfile.read(tmp_path / CHECKPOINT)
    assert all(np.isfinite(v).all() for group in groups.values() for v in group.values())


def test_weights_that_are_nan_are_not_saved(poisoned, tmp_path):
    with pytest.raises(Diverged, match="is no longer finite after step 9"), np.errstate(all="ignore"):
        poisoned(grads=9).run()
    again = poisoned()
    assert again.resume()
    assert again.step == 6


@pytest.mark.parametrize("poison", [{"loss": 8}, {"loss": 1}, {"grads": 9}])
def test_a_run_may_go_back_with_a_lower_rate(poisoned, poison):
    made = poisoned(recover=0.5, **poison)
    with np.errstate(all="ignore"):
        made.run()
    assert (made.step, made.scale) == (made.total, 0.5)
    assert np.isfinite(made.trained.params["conv1.mix.W"]).all()


def test_it_does_not_go_back_for_ever(run, tmp_path):
    made = run.trainer(tmp_path, optimizer=TinyMomentum(learning_rate=1e30), recover=0.9)
    with pytest.raises(Diverged), np.errstate(all="ignore"):
        made.run()
    assert made.scale >= 0.9**5 * 0.99


def harmful(hook, error):
    """A plugin that fails in a hook, in the middle of training."""

    class Harmful:
        name = "harmful"

        if hook == "step_finished":

            @hookimpl
            def step_finished(self, trainer, step):
                raise error

        elif hook == "epoch_finished":

            @hookimpl
            def epoch_finished(self, trainer, record):
                raise error

        else:

            @hookimpl
            def reduce_gradients(self, grads):
                raise error

    return Harmful()


@pytest.mark.parametrize("hook", ["step_finished", "epoch_finished"])
@pytest.mark.parametrize("error", [ValueError("two\nlines"), SystemExit(3), MemoryError()])
def test_an_observer_that_fails_costs_nothing(run, tmp_path, whole, hook, error):
    said = []
    made = run.trainer(tmp_path, hooks=Relay(Registry(plugins=[harmful(hook, error)], discover=False), said.append))
    made.run()
    assert weights(made) == whole
    assert len(said) == 1
    assert "harmful" in said[0]


def test_a_plugin_that_fails_to_replace_ends_the_run_and_keeps_the_checkpoint(run, tmp_path):
    run.trainer(tmp_path, epochs=2).run()
    registry = Registry(plugins=[harmful("reduce_gradients", ValueError("no"))], discover=False)
    made = run.trainer(tmp_path, epochs=4, hooks=Relay(registry, print))
    made.resume()
    with pytest.raises(PhospheneError, match="harmful"):
        made.run()
    assert run.trainer(tmp_path, epochs=4).resume()
    assert os.listdir(tmp_path)
