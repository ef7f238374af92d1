"""Training: it learns, it repeats itself, and a resumed run is the run that never stopped."""

import json

import numpy as np
import pytest

from phosphene_core import FileError, NotFoundError, PhospheneError
from phosphene_core.schedule import factor
from phosphene_core.testing import TinyClassifier, TinyColours, TinyMomentum, tiny_classifier
from phosphene_core.trainer import CHECKPOINT, HISTORY, Trainer, TrainSettings, clip, evaluate


def trainer(folder=None, **settings):
    defaults = {"epochs": 4, "batch_size": 9, "schedule": "onecycle", "seed": 3, "clip_norm": 1.0}
    return Trainer(tiny_classifier(), TinyColours(), TinyMomentum(), TrainSettings(**defaults | settings), folder)


def test_it_learns():
    run = trainer(epochs=12)
    before = evaluate(run.trained, TinyColours(), "val")["accuracy"]
    assert evaluate(run.run(), TinyColours(), "val")["accuracy"] > max(0.85, before)


def test_the_same_seed_gives_the_same_bytes():
    one, two = trainer().run().params, trainer().run().params
    other = trainer(seed=4).run().params
    assert all(one[k].tobytes() == two[k].tobytes() for k in one)
    assert any(one[k].tobytes() != other[k].tobytes() for k in one)


@pytest.mark.parametrize("average", [0.0, 0.9])
@pytest.mark.parametrize("stop", [5, 7, 12])
def test_a_resumed_run_is_the_run_that_never_stopped(tmp_path, stop, average):
    whole = trainer(tmp_path / "a", average=average, checkpoint_every=1)
    whole.run()
    first = trainer(tmp_path / "b", average=average, checkpoint_every=1)
    for step in first.steps():
        if step.number == stop:
            break
    second = trainer(tmp_path / "b", average=average, checkpoint_every=1)
    assert second.resume()
    assert stop - 1 <= second.step <= stop
    second.run()
    for k, v in whole.trained.params.items():
        assert v.tobytes() == second.trained.params[k].tobytes()
    assert (tmp_path / "a" / HISTORY).read_text() == (tmp_path / "b" / HISTORY).read_text()


def test_the_folder_holds_history_and_models(tmp_path):
    trainer(tmp_path).run()
    lines = [json.loads(line) for line in (tmp_path / HISTORY).read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3, 4]
    assert set(lines[0]["train"]) == set(lines[0]["val"]) == {"loss", "accuracy"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["best.h5", "history.jsonl", "last.h5"]


def test_resuming_with_other_settings_is_refused(tmp_path):
    trainer(tmp_path).run()
    with pytest.raises(FileError, match="same settings"):
        trainer(tmp_path, batch_size=8).resume()


def test_a_model_is_no_checkpoint(tmp_path):
    trainer(tmp_path).run()
    (tmp_path / "best.h5").replace(tmp_path / CHECKPOINT)
    with pytest.raises(FileError, match="not a checkpoint"):
        trainer(tmp_path).resume()


def test_a_loss_that_is_nan_stops_and_names_the_step():
    run = Trainer(tiny_classifier(), TinyColours(), TinyMomentum(learning_rate=1e30), TrainSettings(epochs=5))
    with pytest.raises(PhospheneError, match=r"the (validation )?loss is (nan|inf) (at|after) step \d+ \(epoch \d\)"), np.errstate(all="ignore"):
        run.run()


def test_an_empty_split_and_an_unknown_one_are_refused():
    with pytest.raises(FileError, match="empty"):
        Trainer(tiny_classifier(), TinyColours(count=0), TinyMomentum())
    with pytest.raises(NotFoundError, match="did you mean 'val'"):
        TinyColours().check_split("vall")


def test_clipping_keeps_the_direction():
    grads = {"a": np.array([3.0, 0.0]), "b": np.array([4.0])}
    assert clip(grads, 1.0) == pytest.approx(5.0)
    assert grads["a"][0] == pytest.approx(0.6)
    assert grads["b"][0] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("schedule", "first", "middle", "last"),
    [("constant", 1, 1, 1), ("cosine", 1, 0.5, 0), ("onecycle", 0.05, 0.69, 0), ("step", 1, 0.5, 0.25)],
)
def test_schedules(schedule, first, middle, last):
    settings = TrainSettings(epochs=10, schedule=schedule, decay_every=4)
    values = [factor(settings, s, 10) for s in range(100)]
    assert (values[0], values[50], values[99]) == pytest.approx((first, middle, last), abs=0.06)


def test_observers_see_the_run():
    seen = []

    class Watch:
        def __getattr__(self, name):
            return lambda **arguments: seen.append(name)

    Trainer(TinyClassifier().initialized(np.random.default_rng(0)), TinyColours(), TinyMomentum(), TrainSettings(epochs=1, batch_size=20), hooks=Watch()).run()
    assert seen == ["training_started", "reduce_gradients", "step_finished", "reduce_gradients", "step_finished",
                    "epoch_finished", "training_finished"]  # fmt: skip


def test_a_few_examples_are_drawn_once_from_all_of_them(monkeypatch):
    asked = []
    plain = TinyColours.batch

    def batch(self, split, rows, rng=None):
        if split == "train":
            asked.append(np.asarray(rows).tolist())
        return plain(self, split, rows, rng)

    monkeypatch.setattr(TinyColours, "batch", batch)
    trainer(max_train=10, epochs=3).run()
    used = {row for rows in asked for row in rows}
    assert len(used) == 10
    assert max(used) > 20
    assert [sorted(a + b) for a, b in zip(asked[::2], asked[1::2], strict=True)] == [sorted(used)] * 3
    first, asked[:] = used, []
    trainer(max_train=10, epochs=1, seed=4).run()
    assert {row for rows in asked for row in rows} != first
