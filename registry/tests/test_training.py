"""A run is put together from options, names with settings, and a TOML file, which win in this order."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core import ImageModel
from phosphene_core.errors import PhospheneError
from phosphene_core.modelfile import save_model
from phosphene_registry import config
from phosphene_registry.training import Training, prepare

TRAINING = Training("classifier", ImageModel, optimizer="stub_descent")
FILE = """
[model]
name = "stub_model"
gain = 3
[optimizer]
name = "stub_descent"
learning_rate = 0.5
decay = 0.25
[data]
name = "stub_data"
path = "here"
count = 8
[train]
epochs = 7
batch_size = 3
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.toml"
    path.write_text(FILE)
    return str(path)


def test_the_file_alone(registry, stub, file):
    plan = prepare(registry, TRAINING, file, {}, {})
    assert plan.model.gain == 3
    assert plan.optimizer == stub.StubDescent(0.5, 0.25)
    assert plan.dataset == stub.StubData("here", 8)
    assert (plan.settings.epochs, plan.settings.batch_size) == (7, 3)
    assert plan.model.class_names == plan.dataset.facts()["class_names"]
    assert plan.model.params


def test_names_go_before_the_file_and_options_before_both(registry, stub, file):
    specs = {"optimizer": "stub_descent:learning_rate=0.1,decay=0.2", "data": "stub_data:there"}
    given = {"optimizer": {"decay": "0.3"}, "train": {"epochs": "1"}, "model": {"gain": "9"}}
    plan = prepare(registry, TRAINING, file, specs, given)
    assert plan.optimizer == stub.StubDescent(0.1, 0.3)
    assert plan.dataset == stub.StubData("there", 8)
    assert (plan.settings.epochs, plan.settings.batch_size, plan.model.gain) == (1, 3, 9)


def test_without_a_file_there_are_defaults_for_all_but_the_data(registry, stub):
    plan = prepare(registry, TRAINING, None, {"data": "stub_data"}, {})
    assert isinstance(plan.model, stub.StubModel)
    assert plan.optimizer == stub.StubDescent()
    with pytest.raises(PhospheneError, match=r"--data NAME:PATH \(data sets: stub_data\)"):
        prepare(registry, TRAINING, None, {}, {})


def test_the_same_seed_gives_the_same_start(registry):
    starts = [
        prepare(registry, TRAINING, None, {"data": "stub_data"}, {"train": {"seed": s}})
        .model.params["scores.W"]
        .tolist()
        for s in ("1", "1", "2")
    ]
    assert starts[0] == starts[1] != starts[2]


def test_the_tables_that_are_kept_make_the_same_run_again(registry, file, tmp_path):
    plan = prepare(registry, TRAINING, file, {}, {"optimizer": {"decay": "0.3"}})
    again = tmp_path / "again.toml"
    again.write_text(config.text(plan.tables))
    assert prepare(registry, TRAINING, str(again), {}, {}).tables == plan.tables


def test_a_model_file_is_gone_on_from_with_its_weights(registry, stub, tmp_path):
    path = str(tmp_path / "start.h5")
    model = stub.StubModel.pretrained()
    save_model(model, path)
    plan = prepare(registry, TRAINING, None, {"data": "stub_data", "model": path}, {})
    assert (plan.model.params["scores.W"] == model.params["scores.W"]).all()
    with pytest.raises(PhospheneError, match="has its settings in it already; leave out gain"):
        prepare(registry, TRAINING, None, {"data": "stub_data", "model": path}, {"model": {"gain": "2"}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[modle]\n", "no table is called 'modle'; did you mean 'model'"),
        ("model = 3\n", "'model' must be a table"),
        ("[train]\nepoch = 3\n", "did you mean 'epochs'"),
        ("[train]\nepochs = -1\n", "epochs must be at least 0"),
        ("[model]\nname = 'stub_modl'\n", "did you mean 'stub_model'"),
        ("[data]\ncount = 3\n", "settings without a name: count"),
        ("[train\n", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_told(registry, tmp_path, text, words):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(PhospheneError, match=words):
        prepare(registry, TRAINING, str(path), {"data": None if "[data]" in text else "stub_data"}, {})


def test_a_missing_file_is_told(registry):
    with pytest.raises(PhospheneError, match=r"no\.toml does not exist"):
        prepare(registry, TRAINING, "no.toml", {}, {})


def test_what_is_written_as_toml_reads_back():
    tables = {
        "a": {"b": True, "c": 1e-5, "d": [1, 2], "e": 'a "quoted" \\ line\n', "f": {"class": "X", "n": 1}, "g": None}
    }
    del (kept := {**tables["a"]})["g"]
    assert tomllib.loads(config.text(tables)) == {"a": kept}


@given(st.text(st.characters(exclude_categories=("Cs",))), st.floats(allow_nan=False), st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_a_configuration_comes_back_as_it_was(words, number, counts):
    tables = {"model": {"name": words, "whole": counts, "inner": {"class": words}}, "optimizer": {"rate": number}, "data": {}, "train": {"on": True}}
    assert tomllib.loads(config.text(tables)) == tables
