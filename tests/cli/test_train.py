"""`phosphene train` and `phosphene evaluate`."""

import json
from pathlib import Path

import pytest
from PIL import Image

TOML = """
[model]
name = "stub_model"
[optimizer]
name = "stub_descent"
learning_rate = 0.001
[data]
name = "stub_data"
count = 20
[train]
epochs = 3
batch_size = 10
"""


def history(folder):
    return [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]


def test_a_run_leaves_history_curves_checkpoints_and_its_configuration(stubbed, tmp_path):
    (tmp_path / "small.toml").write_text(TOML)
    done = stubbed("train", "classifier", "--config", "small.toml", "-o", "r", "--decay", "0.25")
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "r").iterdir()} == {
        "best.h5", "last.h5", "history.jsonl", "curves.png", "config.toml",
    }  # fmt: skip
    records = history(tmp_path / "r")
    assert [r["epoch"] for r in records] == [1, 2, 3]
    assert set(records[0]["train"]) == set(records[0]["val"]) == {"loss", "accuracy"}
    assert Image.open(tmp_path / "r" / "curves.png").size[0] > 600
    assert "best after epoch" in done.stdout
    found = json.loads(stubbed("evaluate", "r/best.h5", "--data", "stub_data:count=20", "--json").stdout)
    best = max(r["val"]["accuracy"] for r in records)
    assert (found["top1"], found["examples"]) == (pytest.approx(best), 20)


def test_a_resumed_run_equals_one_that_was_never_stopped(stubbed, tmp_path):
    (tmp_path / "small.toml").write_text(TOML)
    common = ["train", "classifier", "--config", "small.toml"]
    assert stubbed(*common, "-o", "a", "--epochs", 1).returncode == 0
    refused = stubbed(*common, "-o", "a")
    assert refused.returncode == 2
    assert "holds a run already; add --resume" in refused.stderr
    assert stubbed(*common, "-o", "a", "--resume").returncode == 0
    assert stubbed(*common, "-o", "b").returncode == 0
    assert history(tmp_path / "a") == history(tmp_path / "b")


def test_a_plugins_own_kind_of_training(stubbed, tmp_path):
    done = stubbed("train", "stubber", "--data", "stub_data:count=4", "--epochs", 1, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["folder"] == str(Path("runs", "stubber"))


def test_help_makes_options_of_all_settings(stubbed):
    told = stubbed("train", "classifier", "--help").stdout
    for option in ("--data", "--epochs", "--schedule", "--learning-rate", "--gain", "--resume"):
        assert option in told


def test_evaluate_prints_counts_and_classes(stubbed):
    done = stubbed("evaluate", "stub_model", "--data", "stub_data:count=50")
    assert done.returncode == 0
    assert "of 50)" in done.stdout.splitlines()[0]
    assert done.stdout.startswith("top-1 ")
    assert "red thing" in done.stdout
