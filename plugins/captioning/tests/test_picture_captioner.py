"""From pixels to words, and back from any word to the pixels."""

import attrs
import numpy as np
import pytest

from phosphene_captioning import PictureCaptioner
from phosphene_captioning.beam import Beam, beam_search
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.objectives import CaptionLogProb, CaptionScore, CaptionSentence, CaptionWord
from phosphene_captioning.reduce import Reduce
from phosphene_core import NotFoundError, PhospheneError, image_gradient
from phosphene_core.modelfile import load_model, save_model
from phosphene_core.testing import check_layer, check_model, check_objective, tiny_classifier, tiny_pictures
from phosphene_registry import Registry
from phosphene_registry.spec import parse


@pytest.fixture
def model(captioner):
    return PictureCaptioner.joined(
        tiny_classifier(), "conv2", np.zeros(6, np.float32), np.random.default_rng(0).standard_normal((6, 5)).astype("f4"),
        captioner,
    )  # fmt: skip


def test_the_reduction_keeps_the_layers_contract():
    check_layer(Reduce(width=4))


@pytest.mark.parametrize("fine_tune", [False, True])
def test_it_trains_from_pixels(model, batch, fine_tune):
    images = np.random.default_rng(0).standard_normal((3, 3, 12, 12)) * 20
    model = attrs.evolve(model, fine_tune=fine_tune)
    grads = model.loss({"images": images, "captions": batch["captions"]}, _run())[2]
    assert any(k.startswith("conv") for k in grads) == fine_tune
    if fine_tune:
        check_model(model, {"images": images, "captions": batch["captions"]})


def _run():
    from phosphene_core import Need, Pass

    return Pass(train=True, rng=np.random.default_rng(0), need=Need.PARAMS)


@pytest.mark.parametrize(
    "objective",
    [CaptionWord("red", "a red circle"), CaptionWord("red", "a red circle", "log_prob"), CaptionSentence("a red circle")],
)
def test_objectives_about_words_keep_the_contract(model, objective):
    check_objective(objective, model)


def test_words_of_a_sentence_add_up_to_the_sentence(model):
    images = model.preprocess(list(tiny_pictures(2)))
    whole = CaptionSentence("a red circle").bound(model, images)
    parts = [CaptionWord(str(i), "a red circle", "log_prob").bound(model, images) for i in range(4)]
    values = [image_gradient(model, images, p) for p in parts]
    gradient, value = image_gradient(model, images, whole)
    np.testing.assert_allclose(sum(v for _, v in values), value, rtol=1e-4)
    np.testing.assert_allclose(sum(g for g, _ in values), gradient, rtol=1e-3, atol=1e-7)


@pytest.mark.parametrize(
    ("objective", "error", "message"),
    [
        (CaptionWord("rad"), NotFoundError, "did you mean 'red'"),
        (CaptionWord("blue", sentence="a red circle"), NotFoundError, "not in the caption"),
        (CaptionSentence("a purple circle"), NotFoundError, "no word is called 'purple'"),
        (CaptionSentence("..."), PhospheneError, "no word"),
    ],
)
def test_words_that_cannot_be_asked_about(model, objective, error, message):
    with pytest.raises(error, match=message):
        objective.bound(model, model.preprocess(list(tiny_pictures(1))))


def test_a_classifier_is_asked_no_words():
    with pytest.raises(PhospheneError, match="captioner"):
        CaptionSentence("a dog").bound(tiny_classifier(), np.zeros((1, 3, 12, 12)))


def test_it_survives_its_file(model, words, tmp_path):
    classes = {c.__name__: c for c in (PictureCaptioner, Captioner, type(model.encoder), type(model.decoder.recurrent))}
    save_model(model, tmp_path / "m.h5")
    models = {"PictureCaptioner": PictureCaptioner}

    def resolve(kind, value):
        from phosphene_core.options import build

        value = dict(value)
        return build(classes[value.pop("class")], value, resolve=resolve)

    again = load_model(tmp_path / "m.h5", models, resolve)
    images = model.preprocess(list(tiny_pictures(2)))
    np.testing.assert_array_equal(again.features(images), model.features(images))
    assert again.vocabulary_words == words


def test_an_encoder_with_weights_keeps_them_and_its_mean(captioner):
    seeing = attrs.evolve(tiny_classifier(), mean=np.full((3, 12, 12), 100, np.float32))
    bare = PictureCaptioner(encoder=seeing, decoder=attrs.evolve(captioner, params={}), activation="conv2")
    mean = np.full((3, 12, 12), 80, np.float32)
    model = bare.prepared_for({"vocabulary": captioner.vocabulary_words, "mean": mean}).initialized(np.random.default_rng(0))
    for name in ("conv1.mix.W", "conv2.mix.W"):
        np.testing.assert_array_equal(model.params[name], seeing.params[name])
    np.testing.assert_array_equal(model.mean, seeing.mean)
    pictures = np.random.default_rng(1).uniform(0, 255, (2, 3, 12, 12)).astype(np.float32)
    captions = np.array([[1, 4, 5, 2], [1, 4, 2, 0]])
    of_data = model.loss({"images": pictures - mean, "captions": captions}, _run())[0]
    own = attrs.evolve(model, mean_of_data=None).loss({"images": pictures - seeing.mean, "captions": captions}, _run())[0]
    assert of_data == pytest.approx(own, rel=1e-5)


def test_one_without_weights_starts_afresh_with_the_datas_mean(captioner):
    bare = PictureCaptioner(
        encoder=attrs.evolve(tiny_classifier(), params={}), decoder=attrs.evolve(captioner, params={}), activation="conv2"
    )
    mean = np.full((3, 12, 12), 80, np.float32)
    model = bare.prepared_for({"vocabulary": captioner.vocabulary_words, "mean": mean}).initialized(np.random.default_rng(0))
    np.testing.assert_array_equal(model.mean, mean)
    assert model.params["conv1.mix.W"].any()


def test_the_reduction_learns_above_a_frozen_encoder(model, batch):
    images = np.random.default_rng(0).standard_normal((3, 3, 12, 12)) * 20
    params = {k: v.astype(np.float64) for k, v in model.params.items()}
    model = attrs.evolve(model, params=params)
    both = {"images": images, "captions": batch["captions"]}
    gradient = model.loss(both, _run())[2]["features.W"]
    direction = np.random.default_rng(1).standard_normal(gradient.shape)
    up, down = (
        attrs.evolve(model, params={**params, "features.W": params["features.W"] + s * direction}).loss(both, _run())[0]
        for s in (1e-6, -1e-6)
    )
    assert np.vdot(gradient, direction) == pytest.approx((up - down) / 2e-6, rel=1e-4)


def test_encoder_and_decoder_may_be_described_in_a_line():
    spec = "picture_captioner:encoder=(cnn:filters=4,6,size=16),decoder=(captioner:recurrent=(rnn:hidden=7),features=9)"
    settings = parse(spec).settings
    made = Registry().resolve(PictureCaptioner, {"name": "picture_captioner", **settings})
    assert made.encoder.filters == (4, 6)
    assert not made.encoder.params
    assert made.decoder.hidden == 7
    assert made.decoder.features == 9


def test_a_word_asks_about_the_caption_that_is_said_first(model):
    images = model.preprocess(list(tiny_pictures(1)))
    for beam in (1, 4):
        best = beam_search(model.speaker, model.features(images), Beam(beam), forbid_unknown=True)[0][0]
        for measure, kind in (("score", CaptionScore), ("log_prob", CaptionLogProb)):
            asked = CaptionWord("0", measure=measure, beam=beam).bound(model, images)
            assert type(asked) is kind
            assert asked.tokens == best.tokens
    score = CaptionWord("0").bound(model, images)
    said, targets = score.decoded(model.trace(images))
    assert score(model.trace(images))[0] == pytest.approx(said.scores[0, targets[0]])


def test_data_without_pictures_are_refused(model, batch):
    with pytest.raises(PhospheneError, match="the data holds feature vectors"):
        model.loss(batch, _run())
