"""A bad model file gets one clear line that names the file and the fault."""

import h5py
import numpy as np
import pytest


@pytest.fixture
def model_file(tmp_path):
    from phosphene_core.modelfile import save_model
    from phosphene_core.testing import tiny_classifier

    path = tmp_path / "model.h5"
    save_model(tiny_classifier(), path)
    with h5py.File(path, "a") as file:  # the stub's own class has the same parameters
        file.attrs["about"] = file.attrs["about"].replace("TinyClassifier", "StubModel")
    return path


def truncated(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def empty(path):
    path.write_bytes(b"")


def text(path):
    path.write_text("weights")


def zeros_after_the_signature(path):
    path.write_bytes(path.read_bytes()[:8] + bytes(4000))


def wrong_shape(path):
    with h5py.File(path, "a") as file:
        del file["params/scores.W"]
        file["params/scores.W"] = np.zeros((6, 4), np.float32)


def missing(path):
    with h5py.File(path, "a") as file:
        del file["params/scores.W"]


def nan(path):
    with h5py.File(path, "a") as file:
        file["params/scores.W"][0, 0] = np.nan


def words_for_weights(path):
    with h5py.File(path, "a") as file:
        del file["params/scores.W"]
        file["params/scores.W"] = np.array(["a", "b"], dtype="S1")


def another_class(path):
    with h5py.File(path, "a") as file:
        file.attrs["about"] = file.attrs["about"].replace("StubModel", "StubModl")


def no_description(path):
    with h5py.File(path, "a") as file:
        file.attrs["about"] = "{not json"


def foreign(path):
    path.unlink()
    with h5py.File(path, "w") as file:
        file["weights"] = np.zeros(3)


CASES = {
    truncated: "is cut off: an incomplete download or copy",
    empty: "is empty",
    text: "is not an HDF5 file",
    zeros_after_the_signature: "is a damaged HDF5 file",
    wrong_shape: "'scores.W' has shape (6, 4); the model needs (6, 5)",
    missing: "the parameter 'scores.W' is missing",
    nan: "'params/scores.W' holds 1 values that are NaN or infinite",
    words_for_weights: "'params/scores.W' does not hold numbers",
    another_class: "no model is called 'StubModl'; did you mean 'StubModel'?",
    no_description: "its description ('about') is missing or not JSON",
    foreign: "in a layout that no installed model knows",
}


def test_the_file_itself_is_good(stubbed, model_file, photograph):
    done = stubbed("run", "stub_map", photograph, "--model", model_file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["a_run", "./a_run", "stub_model"])
def test_a_runs_folder_is_the_best_that_it_kept(stubbed, model_file, photograph, tmp_path, name):
    for folder in ("a_run", "stub_model"):  # a registered name stays what it is
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "best.h5").write_bytes(model_file.read_bytes() if folder == "a_run" else b"")
    done = stubbed("run", "stub_map", photograph, "--model", name)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("spoil", CASES, ids=lambda f: f.__name__)
def test_a_bad_model_file(stubbed, model_file, photograph, tmp_path, spoil):
    spoil(model_file)
    done = stubbed("run", "stub_map", photograph, "--model", model_file)
    assert done.returncode == 2
    assert done.stderr.startswith(f"phosphene: {model_file}")
    assert CASES[spoil] in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [model_file]
