"""What happens in a run is passed on to the plugins that watch; one that fails does not cost the run."""

import numpy as np
import pytest

from phosphene_core import hookimpl
from phosphene_core.errors import PhospheneError
from phosphene_core.trainer import Trainer, TrainSettings
from phosphene_registry import Registry
from phosphene_registry.process import run
from phosphene_registry.relay import Relay


class Watcher:
    def __init__(self, name, fails=False):
        self.name, self.fails, self.seen = name, fails, []

    @hookimpl
    def training_started(self, trainer):
        self.seen.append("started")

    @hookimpl
    def step_finished(self, step):  # an implementation may take fewer arguments
        self.seen.append(step.number)
        if self.fails:
            raise ValueError("no more")

    @hookimpl
    def epoch_finished(self, record):
        self.seen.append(record["epoch"])

    @hookimpl
    def training_finished(self):
        self.seen.append("finished")


def test_watchers_see_the_run_and_a_failing_one_is_reported_once(stub):
    good, bad, told = Watcher("good"), Watcher("bad", fails=True), []
    registry = Registry([good, bad], discover=False)
    data = stub.StubData(count=4)
    model = stub.StubModel.pretrained()
    trainer = Trainer(model, data, stub.StubDescent(), TrainSettings(1, 2), hooks=Relay(registry, told.append))
    trainer.run()
    assert trainer.step == 2
    assert good.seen == ["started", 1, 2, 1, "finished"]
    assert bad.seen == ["started", 1, 1, "finished"]
    assert told == ["the plugin bad failed in step_finished and is not called again: ValueError: no more"]


class Reducer:
    def __init__(self, name, answer):
        self.name, self.answer = name, answer

    @hookimpl
    def reduce_gradients(self, grads):
        if isinstance(self.answer, Exception):
            raise self.answer
        return None if self.answer is None else {k: v * self.answer for k, v in grads.items()}


def test_the_first_answer_replaces_the_gradients():
    registry = Registry([Reducer("a", None), Reducer("b", 2.0), Reducer("c", 3.0)], discover=False)
    assert Relay(registry, print).reduce_gradients({"w": np.ones(2)})["w"].tolist() == [2, 2]
    assert Relay(Registry([], discover=False), print).reduce_gradients({}) is None


def test_a_failing_reduction_ends_the_run_by_name():
    registry = Registry([Reducer("a", RuntimeError("lost a worker"))], discover=False)
    with pytest.raises(PhospheneError, match="plugin a failed in reduce_gradients: RuntimeError: lost a worker"):
        Relay(registry, print).reduce_gradients({})


class FrameWatcher:
    def __init__(self, name, fails=False):
        self.name, self.fails, self.seen = name, fails, []

    @hookimpl
    def frame_ready(self, technique, frame):
        self.seen.append((type(technique).__name__, frame.step))
        if self.fails:
            raise ValueError("no more")


def test_frames_are_watched_and_a_failing_watcher_costs_nothing(stub, tmp_path, capsys):
    good, bad = FrameWatcher("good"), FrameWatcher("bad", fails=True)
    registry = Registry([stub, good, bad], discover=False)
    assert run(["run", "stub_noise", "--steps", "3", "-o", str(tmp_path)], registry) == 0
    assert good.seen == [("StubNoise", i) for i in (1, 2, 3)]
    assert bad.seen == [("StubNoise", 1)]
    assert "the plugin bad failed in frame_ready and is not called again: ValueError: no more" in capsys.readouterr().err
    assert (tmp_path / "result.json").exists()
