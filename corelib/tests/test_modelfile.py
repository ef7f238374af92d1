"""The model file: what goes in comes out; what is damaged is refused by name."""

import re

import attrs
import h5py
import numpy as np
import pytest

from phosphene_core import modelfile
from phosphene_core.errors import FileError
from phosphene_core.options import option
from phosphene_core.testing import TinyClassifier, tiny_classifier

MODELS = {"TinyClassifier": TinyClassifier}


def test_a_model_survives_the_file(tmp_path):
    model = tiny_classifier()
    modelfile.save_model(model, tmp_path / "m.h5")
    again = modelfile.load_model(tmp_path / "m.h5", MODELS)
    assert again == model
    assert again.class_names == model.class_names
    assert np.array_equal(again.mean, model.mean)
    assert all(np.array_equal(v, again.params[k]) for k, v in model.params.items())


def test_half_precision_halves_the_size_and_loads_as_float32(tmp_path):
    modelfile.save_model(tiny_classifier(), tmp_path / "m.h5", half=True)
    again = modelfile.load_model(tmp_path / "m.h5", MODELS)
    assert all(v.dtype == np.float32 for v in again.params.values())


@pytest.fixture
def path(tmp_path):
    modelfile.save_model(tiny_classifier(), tmp_path / "model.h5")
    return tmp_path / "model.h5"


def edit(path, change):
    with h5py.File(path, "r+") as file:
        change(file)


def replaced(name, value):
    def change(file):
        del file[name]
        if value is not None:
            file[name] = value

    return lambda p: edit(p, change)


FAULTS = {
    "truncated": (lambda p: p.write_bytes(p.read_bytes()[:3000]), "cut off"),
    "not HDF5": (lambda p: p.write_text("hello"), "not an HDF5"),
    "empty": (lambda p: p.write_bytes(b""), "is empty"),
    "a missing array": (replaced("params/conv1.mix.W", None), "conv1.mix.W' is missing"),
    "a wrong shape": (replaced("params/conv1.mix.W", np.zeros(3, "f4")), "has shape"),
    "NaN": (replaced("params/conv1.mix.W", np.full((4, 3, 3, 3), np.nan, "f4")), "NaN or infinite"),
    "text for numbers": (replaced("params/conv1.mix.W", "words"), "does not hold numbers"),
    "an array too many": (lambda p: edit(p, lambda f: f.create_dataset("params/extra", data=1.0)), "no parameter"),
    "another format": (lambda p: edit(p, lambda f: f.attrs.update(format="other")), "no installed model knows"),
    "a later version": (lambda p: edit(p, lambda f: f.attrs.update(version=99)), "version 99"),
    "a broken description": (lambda p: edit(p, lambda f: f.attrs.update(about="{")), "not JSON"),
    "an unknown model": (lambda p: edit(p, lambda f: f.attrs.update(about='{"class":"Xy","settings":{}}')), "no model"),
    "texts that cannot be walked": (
        lambda p: p.write_bytes(
            re.sub(rb"(GCOL\x01\0\0\0.{8}).{16}", rb"\g<1>" + bytes(16), p.read_bytes(), flags=re.S)
        ),
        "cannot be walked",
    ),
    "a bomb": (
        lambda p: edit(p, lambda f: f.create_dataset("params/b", (1 << 33,), "f4", chunks=(1 << 20,))),
        "more than the file holds",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_file_is_refused_with_its_name(path, fault):
    damage, message = FAULTS[fault]
    damage(path)
    with pytest.raises(FileError, match=message) as error:
        modelfile.load_model(path, MODELS)
    assert "model.h5" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_failed_write_leaves_nothing(tmp_path):
    model = attrs.evolve(tiny_classifier(), params={"x": np.array(["text"])})
    modelfile.save_model(tiny_classifier(), tmp_path / "m.h5")
    before = (tmp_path / "m.h5").read_bytes()
    with pytest.raises((FileError, TypeError)):
        modelfile.save_model(model, tmp_path / "m.h5")
    assert [p.name for p in tmp_path.iterdir()] == ["m.h5"]
    assert (tmp_path / "m.h5").read_bytes() == before


def linked(file):
    with h5py.File(file.filename + ".other", "w") as other:
        other["x"] = np.zeros((4, 3, 3, 3), "f4")
    del file["params/conv1.mix.W"]
    file["params/conv1.mix.W"] = h5py.ExternalLink(file.filename + ".other", "x")


def outside(file):
    del file["params/conv1.mix.W"]
    file.create_dataset("params/conv1.mix.W", (4, 3, 3, 3), "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


@pytest.mark.parametrize(("change", "words"), [(linked, "is a link"), (outside, "lies in another file")])
def test_only_what_the_file_holds_itself_is_read(path, change, words):
    edit(path, change)
    with pytest.raises(FileError, match=words):
        modelfile.load_model(path, MODELS)


@attrs.frozen
class Wide(TinyClassifier):
    width: int = option(4, "a number that memory depends on")

    def initialized(self, rng):
        assert self.width < 1 << 20, "memory was taken for what the file claims"
        return super().initialized(rng)


def test_settings_that_no_file_of_this_size_can_mean_are_refused_before_memory_is_taken(tmp_path):
    modelfile.save_model(Wide(params=tiny_classifier().params), tmp_path / "model.h5")
    assert modelfile.load_model(tmp_path / "model.h5", {"Wide": Wide}).width == 4
    with pytest.raises(FileError, match="numbers at the most"):
        modelfile.with_params(Wide(width=1 << 40), tiny_classifier().params, "model.h5")


def test_names_in_a_damaged_file_do_not_break_the_line(path):
    def renamed(file):
        file.move("params/conv1.mix.W", "params/conv1\n\n" + "x" * 2000)

    edit(path, renamed)
    with pytest.raises(FileError) as error:
        modelfile.load_model(path, MODELS)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500
