"""Names with settings, as users write them, become objects."""

import pytest

from phosphene_core import Attribution, Layer, Model, Optimizer, RecurrentLayer, Technique
from phosphene_core.errors import NotFoundError, PhospheneError, SettingError
from phosphene_registry.spec import Spec, parse


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("adam", Spec("adam")),
        ("adam:learning_rate=0.1", Spec("adam", {"learning_rate": "0.1"})),
        ("adam:learning-rate=0.1,decay=0", Spec("adam", {"learning_rate": "0.1", "decay": "0"})),
        ("cnn:filters=32,64,128,head=average", Spec("cnn", {"filters": "32,64,128", "head": "average"})),
        ("tiny:/data/a.zip", Spec("tiny", {}, "/data/a.zip")),
        ("tiny:/data/a,b.zip,flip=no", Spec("tiny", {"flip": "no"}, "/data/a,b.zip")),
        ("tiny:C=3", Spec("tiny", {"C": "3"})),
        (
            "smooth:of=(gradcam:layer=conv4,relu=no),n=3",
            Spec("smooth", {"of": "gradcam:layer=conv4,relu=no", "n": "3"}),
        ),
        ("a:b=x=y", Spec("a", {"b": "x=y"})),
        ("(gradcam:layer=conv4)", Spec("gradcam", {"layer": "conv4"})),
        ("((gradcam:layer=conv4))", Spec("gradcam", {"layer": "conv4"})),
        ("smooth:of=((gradcam:layer=conv4)),n=3", Spec("smooth", {"of": "gradcam:layer=conv4", "n": "3"})),
        ("grid:of=(a:b=1),(c:d=2)", Spec("grid", {"of": "(a:b=1),(c:d=2)"})),
        ("tiny:/data/a (1).zip,flip=no", Spec("tiny", {"flip": "no"}, "/data/a (1).zip")),
        ("tiny:/data/a(1.zip", Spec("tiny", {}, "/data/a(1.zip")),
        (" a : b = 1 ", Spec("a", {"b": "1"})),
    ],
)
def test_parse(text, wanted):
    assert parse(text) == wanted


@pytest.mark.parametrize("text", ["", ":", "a:", ":x=1", "a:b=1,b=2", "a:b=(c:d=1,e=2", "(a:b=1"])
def test_parse_refuses(text):
    with pytest.raises(SettingError):
        parse(text)


def test_a_name_resolves_to_an_object_with_its_defaults(registry, stub):
    assert registry.resolve(Technique, "stub_map") == stub.StubMap()
    assert registry.resolve(Attribution, "stub_map:sharpness=2,flavour=signed") == stub.StubMap(2.0, "signed")


def test_a_mapping_resolves_by_class_or_by_name(registry, stub):
    assert registry.resolve(Technique, {"class": "StubMap", "smooth": True}) == stub.StubMap(smooth=True)
    assert registry.resolve(Optimizer, {"name": "stub_descent", "decay": 1}) == stub.StubDescent(decay=1)


def test_an_object_is_taken_as_it_is(registry, stub):
    made = stub.StubMap()
    assert registry.resolve(Attribution, made) is made


def test_a_value_without_a_key_is_the_path_or_the_only_required_setting(registry, stub):
    assert registry.resolve(stub.StubData, "stub_data:some/where,count=3") == stub.StubData("some/where", 3)
    with pytest.raises(SettingError, match="'17' in 'stub_map:17' must be written as key=value"):
        registry.resolve(Technique, "stub_map:17")


@pytest.mark.parametrize(
    ("kind", "value", "error", "words"),
    [
        (Layer, "stub_mux", NotFoundError, "no layer is called 'stub_mux'; did you mean 'stub_mix'"),
        (RecurrentLayer, "stub_mix", NotFoundError, "no layer is called 'stub_mix'"),
        (
            Layer,
            "stub_mix:filter=3",
            SettingError,
            "stub_mix: no setting of mix is called 'filter'; did you mean 'filters'",
        ),
        (Layer, "stub_mix:filters=0", SettingError, "filters must be at least 1, not 0"),
        (Layer, {"class": "Mox"}, NotFoundError, "no layer is called 'Mox'; did you mean 'Mix'"),
        (Layer, 3, SettingError, "a layer is given by its name, not 3"),
        (Layer, {"filters": 3}, SettingError, "given by its name"),
        (int, "x", SettingError, "no kind of thing"),
        (Model, "stub_model:gain=2", PhospheneError, "a model without weights"),
        (Model, "nowhere/model.h5", PhospheneError, "nowhere/model.h5 does not exist"),
    ],
)
def test_what_cannot_be_resolved_is_told(registry, kind, value, error, words):
    with pytest.raises(error, match=words):
        registry.resolve(kind, value)


def test_a_model_resolves_to_one_with_weights(registry, stub, tmp_path, monkeypatch):
    from phosphene_core.modelfile import save_model

    model = registry.resolve(Model, "stub_model")
    assert model.params
    save_model(model, tmp_path / "own.h5")
    again = registry.resolve(Model, str(tmp_path / "own.h5"))
    assert again.class_names == model.class_names
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stub_model").mkdir()  # a folder of the model's name does not hide it
    assert isinstance(registry.resolve(Model, "stub_model"), stub.StubModel)
