"""From captioned photographs to a captioner at the command line: prepared, trained, evaluated, asked; and what is told of bad
data."""

import io
import json
import shutil

import h5py
import numpy as np
import pytest
from PIL import Image

from phosphene_registry.process import run

NAMES = [f"{i}.jpg" for i in range(10)]


def phosphene(*arguments):
    return run(list(map(str, arguments)))


def listed(folder):
    folder.mkdir()
    lines = ["image,caption"]
    for i, name in enumerate(NAMES):
        data = io.BytesIO()
        Image.new("RGB", (40, 30), (i * 20, 80, 90)).save(data, format="JPEG")
        (folder / name).write_bytes(data.getvalue())
        lines += [f"{name},a red thing", f"{name},a quoted thing"]
    (folder / "captions.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture
def flickr(tmp_path):
    return listed(tmp_path / "flickr")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    assert phosphene("data", "prepare", "captions", listed(folder / "flickr"), "-o", folder / "features", "--dimensions", "8") == 0
    return folder / "features"


@pytest.fixture
def prepared(made, tmp_path):
    return shutil.copytree(made, tmp_path / "features")


def train(data, *more):
    return phosphene(
        "train", "captioner", "--data", f"coco:{data}", "--model", "captioner:recurrent=(rnn:hidden=8),word_size=4",
        "--epochs", "2", "-o", data.parent / "run", *more,
    )  # fmt: skip


def test_the_whole_way(prepared, flickr, capfd):
    assert train(prepared, "--scheduled-sampling", "0.5") == 0
    record = json.loads((prepared.parent / "run" / "history.jsonl").read_text().splitlines()[-1])
    assert {"loss", "word_accuracy", "cider_d", "bleu4", "distinct_captions", "distinct_words"} <= set(record["val"])
    best = prepared.parent / "run" / "best.h5"
    capfd.readouterr()
    asked = ("evaluate", best, "--data", f"coco:{prepared}", "--split", "test")
    assert phosphene(*asked, "--per-image", "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert [one["name"] for one in told["images"]] == ["9.jpg"]
    assert told["images"][0]["references"] == ["a red thing", "a quoted thing"]
    assert all(line.startswith(("METEOR needs", "SPICE needs")) for line in told["remarks"])
    assert told["asked"]["beam"] == 5
    assert phosphene(*asked, "--per-image", "--json", "--beam", "1", "--limit", "1") == 0
    greedy = json.loads(capfd.readouterr().out)
    assert greedy["asked"] == told["asked"] | {"beam": 1}
    assert phosphene(*asked, "--beam", "0") == 2
    assert "beam must be at least 1, not 0" in capfd.readouterr().err
    assert phosphene(*asked, "--per-image") == 0
    lines = capfd.readouterr().out.splitlines()
    assert any(line.startswith("cider_d ") for line in lines)
    assert any(line.strip().startswith("9.jpg") for line in lines)
    whole = prepared.parent / "whole.h5"
    photo = flickr / "3.jpg"
    assert phosphene("caption", photo, "--model", best) == 2
    assert "--features" in capfd.readouterr().err
    assert phosphene("caption", photo, "--model", best, "--features", prepared, "--save", whole, "--json") == 0
    by_features = json.loads(capfd.readouterr().out)
    for beam in ("1", "5"):
        assert phosphene(*asked, "--per-image", "--json", "--beam", beam) == 0
        scored = json.loads(capfd.readouterr().out)["images"][0]["text"]
        assert phosphene("caption", flickr / "9.jpg", "--model", best, "--features", prepared, "--json", "--beam", beam) == 0
        assert json.loads(capfd.readouterr().out)[0]["captions"][0]["text"] == scored, "what is scored is what is said"
    assert phosphene("caption", photo, "--model", whole, "--features", prepared) == 2
    assert "looks at pictures itself; leave out --features" in capfd.readouterr().err
    assert phosphene("caption", photo, "--model", whole, "--json") == 0
    assert json.loads(capfd.readouterr().out) == by_features
    strips = ("--explain", "--technique", "saliency", "-o", prepared.parent / "strips")
    assert phosphene("caption", photo, shutil.copy(photo, prepared.parent), "--model", whole, *strips) == 0
    assert sorted(p.name for p in (prepared.parent / "strips").iterdir()) == ["3-2-words.png", "3-words.png"]


def test_two_runs_are_asked_as_one(prepared, flickr, capfd):
    runs = []
    for seed in "01":
        assert train(prepared, "--seed", seed) == 0
        runs.append((prepared.parent / "run").rename(prepared.parent / f"run{seed}") / "best.h5")
    both, photo = prepared.parent / "both.h5", flickr / "3.jpg"
    assert phosphene("ensemble", *runs, "-o", both) == 0
    capfd.readouterr()
    ways = ["--model", runs[0], "--model", runs[1]], ["--model", both], ["--model", runs[0]]
    together, joined, alone = (
        json.loads(capfd.readouterr().out)
        for way in ways
        if phosphene("caption", photo, *way, "--features", prepared, "--json") == 0
    )
    assert together == joined != alone
    assert phosphene("evaluate", both, "--data", f"coco:{prepared}", "--split", "test") == 0
    assert phosphene("caption", photo, "--model", runs[0], "--model", "cnn") == 2
    assert "cnn says nothing; name a captioner" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("file", "name", "change", "told"),
    [
        ("coco2014_captions.h5", "train_captions", (3, 99), "coco2014_captions.h5: train_captions, row 3: there is no word 99"),
        ("coco2014_captions.h5", "val_captions", (1, -1), "coco2014_captions.h5: val_captions, row 1: there is no word -1"),
        ("coco2014_captions.h5", "train_image_idxs", (2, 8), "coco2014_captions.h5: train_image_idxs, row 2: there is no picture"),
        ("train2014_vgg16_fc7_pca.h5", "features", (5, np.nan), "train2014_vgg16_fc7_pca.h5: 'features', row 5 holds values"),
    ],
)
def test_bad_data_is_one_line_with_the_file_and_the_row(prepared, capfd, file, name, change, told):
    row, value = change
    with h5py.File(prepared / file, "r+") as opened:
        opened[name][row] = value
    assert train(prepared) == 2
    (line,) = [s for s in capfd.readouterr().err.splitlines() if s.startswith("phosphene:")]
    assert told in line
    assert not (prepared.parent / "run" / "history.jsonl").exists(), "told before an epoch is lost"


def test_without_validation_captions_it_says_so_and_trains(prepared, caplog):
    with h5py.File(prepared / "coco2014_captions.h5", "r+") as opened:
        for name in ("val_captions", "val_image_idxs"):
            values = opened[name][:0]
            del opened[name]
            opened[name] = values
    assert train(prepared) == 0
    assert "val_captions in coco2014_captions.h5 is empty; training goes on without validation" in caplog.text


def test_missing_pictures_are_counted_where_they_may_be_left_out(flickr, tmp_path, capfd):
    (flickr / "4.jpg").unlink()
    (flickr / "6.jpg").write_bytes(b"no picture")
    asked = ("data", "prepare", "captions", flickr, "-o", tmp_path / "out")
    capfd.readouterr()
    assert phosphene(*asked) == 2
    assert "4.jpg is missing (captions.txt, line 10)" in capfd.readouterr().err
    assert phosphene(*asked, "--skip-missing") == 0
    assert "left out: 2 pictures (4.jpg, 6.jpg)" in capfd.readouterr().out
