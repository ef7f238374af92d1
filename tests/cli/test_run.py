"""`phosphene run`: photographs in, pictures and result.json out."""

import json
import os

import pytest
from PIL import Image


def result(folder):
    return json.loads((folder / "result.json").read_text())


def test_an_attribution_leaves_three_pictures_and_a_result(stubbed, photograph, tmp_path):
    done = stubbed("run", "stub_map", photograph, "-o", "here", "--seed", 5, "--sharpness", 2, "--target", "stripe")
    assert done.returncode == 0, done.stderr
    assert sorted(p.name for p in (tmp_path / "here").iterdir()) == [
        "photo-map.png", "photo-overlay.png", "photo-picture.png", "result.json",
    ]  # fmt: skip
    found = result(tmp_path / "here")
    assert (found["technique"], found["seed"], found["settings"]["sharpness"]) == ("stub_map", 5, 2.0)
    assert found["objective"] == {"name": "stub_score", "settings": {"target": "stripe"}}
    assert (found["model"]["source"], found["model"]["class"]) == ("stub_model", "StubModel")
    one = found["results"][0]
    assert one["objective"] == "class stripe"
    assert one["size"] == [60, 90]
    assert len(one["prediction"]) == 5
    assert sum(p["probability"] for p in one["prediction"]) == pytest.approx(1, abs=1e-5)
    assert set(one["prediction"][0]) == {"index", "class", "id", "probability"}
    sizes = {k: Image.open(tmp_path / "here" / f).size for k, f in one["files"].items()}
    assert sizes["picture"] == (384, 384)
    assert sizes["map"] == sizes["overlay"]
    assert sizes["map"][1] > 384  # the legend


def test_the_same_seed_gives_the_same_bytes(stubbed, photograph, tmp_path):
    for folder in ("one", "two"):
        assert stubbed("run", "stub_climb", photograph, "-o", folder).returncode == 0
    for file in (tmp_path / "one").iterdir():
        if file.suffix != ".json":
            assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_a_generation_leaves_a_film_and_the_final_picture(stubbed, photograph, tmp_path):
    done = stubbed("run", "stub_climb", photograph, "--steps", 6, "--frames", 2, "--layer", "conv1", "--channel", 1)
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "out" / "stub_climb"
    one = result(folder)["results"][0]
    assert Image.open(folder / one["files"]["final"]).size == (12, 12)
    assert Image.open(folder / one["files"]["large"]).size == (256, 256)
    assert one["files"]["frames"] == ["photo-0003.png", "photo-0006.png"]
    film = Image.open(folder / one["files"]["film"])
    assert film.format == "GIF"
    assert film.n_frames == 6
    assert one["values"][0] < one["values"][-1]
    assert one["steps"] == 6


def test_a_technique_that_starts_from_nothing_wants_no_picture(stubbed, photograph, tmp_path):
    assert stubbed("run", "stub_noise", "-o", "n").returncode == 0
    assert result(tmp_path / "n")["results"][0]["image"] is None
    done = stubbed("run", "stub_noise", photograph)
    assert done.returncode == 2
    assert "starts from nothing; leave out" in done.stderr


def test_json_goes_to_stdout_and_equals_the_file(stubbed, photograph, tmp_path):
    done = stubbed("run", "stub_map", photograph, "--json")
    assert json.loads(done.stdout) == result(tmp_path / "out" / "stub_map")


def test_a_grid_compares_values_of_a_setting_and_other_techniques_on_one_sheet(stubbed, photograph, tmp_path):
    grid = ["--grid", "sharpness=1,2", "--grid", "stub_map:flavour=signed"]
    done = stubbed("run", "stub_map", photograph, photograph, "-o", "g", "--target", "stripe", *grid)
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "g")
    titles = ["sharpness 1", "sharpness 2", "stub map: flavour=signed"]
    assert [c["title"] for c in found["columns"]] == titles
    assert [c["settings"]["sharpness"] for c in found["columns"]] == [1, 2, 1]
    assert {c["objective"]["settings"]["target"] for c in found["columns"]} == {"stripe"}
    for column in found["columns"]:
        assert (tmp_path / "g" / column["folder"] / column["results"][0]["files"]["overlay"]).exists()
    width, height = Image.open(tmp_path / "g" / found["grid"]).size
    assert width > 4 * 288
    assert height > 288
    json_out = stubbed("run", "stub_map", photograph, "-o", "g", "--grid", "stub_map", "--json")
    assert [c["title"] for c in json.loads(json_out.stdout)["columns"]] == ["stub map", "stub map"]


def test_a_grid_of_questions_is_one_of_made_pictures_too(stubbed, photograph, tmp_path):
    grid = ["--grid", "channel=0,1,2"]
    done = stubbed("run", "stub_climb", photograph, "-o", "g", "--steps", 2, "--layer", "conv1", *grid)
    assert done.returncode == 0, done.stderr
    columns = result(tmp_path / "g")["columns"]
    assert [c["objective"]["settings"]["channel"] for c in columns] == [0, 1, 2]
    assert len({(tmp_path / "g" / c["folder"] / "photo-final.png").read_bytes() for c in columns}) > 1


def test_folders_patterns_and_equal_names(stubbed, photograph, tmp_path):
    for place in ("a/x.jpg", "a/y.JPG", "b/x.jpg", "b/notes.txt"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_bytes(photograph.read_bytes())
    done = stubbed("run", "stub_map", "a", "b/*.jpg", "a/x.jpg", "-o", "o")
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "o")["results"]
    assert [r["image"] for r in found] == ["a/x.jpg", "a/y.JPG", "b/x.jpg"]
    assert [r["files"]["picture"] for r in found] == ["x-picture.png", "y-picture.png", "x-2-picture.png"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["stub_map"], "say which pictures: phosphene run stub_map IMAGE..."),
        (["stub_mop"], "no technique is called 'stub_mop'; did you mean 'stub_map'"),
        (["stub_map", "PHOTO", "--target", "strip"], "no class is called 'strip'; did you mean 'stripe'?"),
        (["stub_map", "PHOTO", "--sharpness", "9"], "stub_map: sharpness must be at most 4, not 9.0"),
        (["stub_map", "PHOTO", "--sharpness", "much"], "sharpness must be float, not 'much'"),
        (["stub_map", "PHOTO", "--flavour", "sweet"], "flavour: no choice is called 'sweet'; there are: nan, plain"),
        (["stub_map", "PHOTO", "--sharpnes", "2"], "--sharpnes"),
        (["stub_map", "PHOTO", "--layer", "conv9", "--channel", "0"], "no layer is called 'conv9'; did you mean 'conv"),
        (["stub_map", "PHOTO", "--layer", "conv1"], "stub_channel needs --channel"),
        (["stub_map", "PHOTO", "--model", "stub_modl"], "no model is called 'stub_modl'; did you mean 'stub_model'?"),
        (["stub_map", "PHOTO", "--model", "no.h5"], "no.h5 does not exist"),
        (["stub_map", "PHOTO", "--model", "PHOTO"], "is not an HDF5 file"),
        (["stub_map", "PHOTO", "-o", "PHOTO"], "is a file, not a folder"),
        (["stub_map", "PHOTO", "--flavour", "nan"], "the map holds 144 values that are NaN"),
        (["stub_map", "PHOTO", "--grid", "sharpnes=1,2"], "did you mean 'sharpness'"),
        (["stub_map", "PHOTO", "--grid", "stub_mop"], "no technique is called 'stub_mop'"),
        (["stub_map", "PHOTO", "--grid", "sharpness=1,9"], "sharpness must be at most 4"),
        (["stub_map", "empty"], "the folder empty holds no pictures"),
        (["stub_map", "*.nothing"], "no file matches *.nothing"),
    ],
)
def test_a_mistake_is_one_clear_line_and_nothing_is_written(stubbed, photograph, tmp_path, arguments, words):
    (tmp_path / "empty").mkdir()
    done = stubbed("run", *[photograph if a == "PHOTO" else a for a in arguments])
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("phosphene: ")
    assert done.stdout == ""
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_setting_that_technique_and_question_share_counts_for_both(installed, photograph, tmp_path):
    shared = ["--layer", "conv4", "--channel", "12", "--json"]
    done = installed("run", "gradcam", photograph, *shared)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["settings"]["layer"] == "conv4"
    assert found["objective"]["settings"] == {"layer": "conv4", "channel": 12}
    done = installed("run", "gradcam", photograph, "--layer", "conv4", "--target", "espresso", "--json")
    assert json.loads(done.stdout)["objective"]["name"] == "class_score"


def test_words_are_asked_of_the_embedded_captioner_each_picture_of_its_own_caption(installed, photograph, tmp_path):
    other = tmp_path / "other.png"
    Image.new("L", (31, 70), 200).save(other)  # grey, and of another shape
    done = installed("run", "saliency", photograph, other, "--word", "0", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["model"]["source"] == "picture_captioner"
    assert [r["objective"][0] for r in found["results"]] == ["[", "["]
    done = installed("run", "saliency", photograph, "--sentence", "a dog runs", "--json")
    assert json.loads(done.stdout)["results"][0]["objective"] == '"a dog runs"'
    done = installed("run", "saliency", photograph, "--target", "cat", "--model", "picture_captioner")
    assert done.returncode == 2
    assert "has no classes" in done.stderr


def test_an_all_zero_map_is_told_in_words(stubbed, photograph, tmp_path):
    done = stubbed("run", "stub_map", photograph, "--flavour", "zero", "-o", "z")
    assert done.returncode == 0
    assert "the map is zero everywhere" in done.stderr
    assert result(tmp_path / "z")["results"][0]["map"]["blank"] is True


def test_help_lists_the_settings_by_group(stubbed):
    done = stubbed("run", "stub_map", "--help", env={**os.environ, "COLUMNS": "100"})
    assert done.returncode == 0
    own, question = done.stdout.index("Settings of stub_map"), done.stdout.index("The question (settings")
    assert own < done.stdout.index("--sharpness") < question < done.stdout.index("--channel"), done.stdout
    assert "plain|zero|nan|signed" in done.stdout
    assert "(default 1)" in done.stdout
    assert "[a little]" in done.stdout
    assert "second paragraph with [brackets]" in done.stdout
