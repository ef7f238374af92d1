"""Ctrl-C, SIGTERM and a closed terminal: what was begun is finished or taken back, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import attrs
import numpy as np
import pytest
from PIL import Image

from phosphene_core.testing import TinyColours
from phosphene_registry.interruption import Interruption

WITH_STUB = Path(__file__).parents[1] / "cli" / "with_stub.py"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_wish_to_stop_is_noted_and_a_second_one_stops_at_once(number):
    before = signal.getsignal(number)
    with Interruption() as wish:
        assert not wish
        signal.raise_signal(number)
        assert wish
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
    assert signal.getsignal(number) is before


def test_what_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interruption() as wish:
            signal.raise_signal(signal.SIGHUP)
            assert not wish
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("kind", ["classifier", "captioner"])
@pytest.mark.parametrize("at", [1, 5, 8, 20])
def test_a_run_that_is_stopped_saves_and_goes_on_to_the_same_bytes(run, tmp_path, kind, at):
    """Steps 5 and 20 are the last ones of an epoch. A captioner draws at random which words it drops, and which it
    takes from itself."""
    trainer = run.KINDS[kind]
    trainer(tmp_path / "whole").run()
    first = trainer(tmp_path / "stopped", stop=lambda: first.step >= at)
    first.run()
    assert (first.step, first.done) == (at, False)
    again = trainer(tmp_path / "stopped")
    assert again.resume()
    assert again.step == at
    again.run()
    same_bytes(tmp_path / "whole", tmp_path / "stopped")


def test_a_run_that_is_stopped_while_it_evaluates_goes_on_to_the_same_bytes(run, tmp_path):
    asked = []

    @attrs.frozen
    class Counted(TinyColours):
        def batch(self, split, rows, rng=None):
            if split == "val":
                asked.append(len(rows))
            return super().batch(split, rows, rng)

    run.trainer(tmp_path / "whole").run()
    first = run.trainer(tmp_path / "stopped", data=Counted(), stop=lambda: len(asked) >= 7)  # in the second epoch
    first.run()
    assert (first.step, len(first.history), len(asked)) == (10, 1, 7)
    again = run.trainer(tmp_path / "stopped")
    again.resume()
    assert len(again.history) == 1
    again.run()
    same_bytes(tmp_path / "whole", tmp_path / "stopped")


def same_bytes(one, other):
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in other.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def started(folder, *arguments, **environment):
    """The command over the stub plugin, in a process of its own."""
    return subprocess.Popen([sys.executable, str(WITH_STUB), *map(str, arguments)], cwd=folder, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **environment})  # fmt: skip


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_training_that_is_stopped_says_how_to_go_on_and_that_is_enough(tmp_path, number):
    settings = ("--data", "stub_data:count=40", "--optimizer", "stub_descent", "--batch-size", 1, "--epochs", 5)
    process = started(tmp_path, "train", "stubber", *settings, "-o", "r")
    wait_for((tmp_path / "r" / "config.toml").exists)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in err
    (line,) = [line for line in err.splitlines() if "go on with" in line]
    process = started(tmp_path, "train", "stubber", *line.partition("go on with ")[2].split())
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    epochs = [json.loads(line)["epoch"] for line in (tmp_path / "r" / "history.jsonl").read_text().splitlines()]
    assert epochs == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_generation_that_is_stopped_leaves_nothing_half_written(tmp_path, number, code):
    process = started(tmp_path, "run", "stub_noise", "--steps", 1_000_000)
    wait_for((tmp_path / "out").exists)
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err.strip()) == (code, "phosphene: stopped")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def tiny_imagenet(path, count):
    """A TinyImageNet zip of two classes, so many pictures each."""
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(picture).save(path.with_suffix(".jpg"))
    content = path.with_suffix(".jpg").read_bytes()
    with zipfile.ZipFile(path, "w") as pack:
        pack.writestr("t/wnids.txt", "n01\nn02\n")
        pack.writestr("t/words.txt", "n01\tcat\nn02\tdog\n")
        for wnid in ("n01", "n02"):
            for i in range(count):
                pack.writestr(f"t/train/{wnid}/images/{wnid}_{i}.JPEG", content)
        pack.writestr("t/val/images/val_0.JPEG", content)
        pack.writestr("t/val/val_annotations.txt", "val_0.JPEG\tn01\t0\t0\t7\t7\n")


OPEN = """
import sys
from phosphene_registry.main import main
from phosphene_tinyimagenet.dataset import TinyImageNet
from phosphene_registry import process
process.run = lambda *_: print(TinyImageNet(sys.argv[1]).size("train"), flush=True)
main([])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_cache_in_the_making_is_taken_back_or_made_again(tmp_path, number):
    tiny_imagenet(tmp_path / "set.zip", 3000)
    cache = tmp_path / "cache"

    def begin():
        return subprocess.Popen([sys.executable, "-c", OPEN, str(tmp_path / "set.zip")], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "PHOSPHENE_CACHE": str(cache)})  # fmt: skip

    process = begin()
    wait_for(lambda: list(cache.glob("tinyimagenet/.*.new")))
    process.send_signal(number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}.get(number, -number)
    assert "Traceback" not in err
    assert not list(cache.glob("tinyimagenet/*.h5"))
    if number != signal.SIGKILL:
        assert not list(cache.glob("tinyimagenet/.*.new"))
        return
    both = begin(), begin()  # one of them makes it, the other waits for that
    for process in both:
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out.strip()) == (0, "6000"), err
    assert not list(cache.glob("tinyimagenet/.*.new"))
