import json

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_core.errors import PhospheneError
from phosphene_metrics import evaluate

METRICS = ("bleu1", "bleu2", "bleu3", "bleu4", "rouge_l", "cider_d")
REFERENCES = {"a": ["A dog runs in the park.", "a running dog"], "b": ["Two cats sleep on a mat."]}


def metrics(scores):
    return [getattr(scores, name) for name in METRICS]


def test_scores_are_those_of_coco_captions_own_scorers(expected):
    scores = evaluate(expected["candidates"], expected["references"])
    np.testing.assert_allclose(metrics(scores), expected["corpus"], atol=1e-9)
    assert list(scores.per_image) == list(expected["images"])
    for image, values in expected["images"].items():
        np.testing.assert_allclose(attrs.astuple(scores.per_image[image]), values, atol=1e-9)


def test_perfect_captions():
    scores = evaluate({image: several[0] for image, several in REFERENCES.items()}, REFERENCES)
    np.testing.assert_allclose(metrics(scores)[:5], 1, atol=1e-6)
    assert scores.images == 2
    assert scores.distinct_captions == 2


def test_the_same_caption_for_every_image_shows():
    scores = evaluate({"a": "a dog", "b": "A dog."}, REFERENCES)
    assert (scores.distinct_captions, scores.distinct_words, scores.mean_length) == (1, 2, 2)


def test_exact_captions_are_counted_word_for_word_against_each_reference():
    references = {1: ["a dog", "A cat sleeps."], 2: ["a dog runs"], 3: ["a red circle"], 4: ["the cat"]}
    said = {1: "a cat sleeps", 2: "a dog", 3: "circle red a", 4: "The cat!"}
    assert evaluate(said, references).exact == 0.5


def test_tokenized_captions_are_only_split_at_spaces():
    references = {1: ["a well-known dog 's toy"], 2: ["x"]}
    assert evaluate({1: "a well-known dog 's toy", 2: "x"}, references, tokenized=True).bleu4 == pytest.approx(1)
    assert evaluate({1: "Dog's", 2: "x"}, references, tokenized=True).distinct_words == 2
    assert evaluate({1: "Dog's", 2: "x"}, references).distinct_words == 3


def test_an_image_may_have_any_number_of_references_and_a_candidate_may_be_empty():
    scores = evaluate({"a": "", "b": "two cats sleep on a mat"}, REFERENCES)
    assert metrics(scores.per_image["a"]) == pytest.approx([0] * 6)
    assert scores.per_image["b"].bleu4 == pytest.approx(1)


def test_as_a_dictionary_it_is_json():
    scores = evaluate({"a": "a dog", "b": "cats"}, REFERENCES)
    assert json.loads(json.dumps(scores.as_dict())) == {
        field.name: getattr(scores, field.name) for field in attrs.fields(type(scores)) if field.name != "per_image"
    }
    written = scores.as_dict(per_image=True)["per_image"]
    assert written["b"]["rouge_l"] == scores.per_image["b"].rouge_l


@pytest.mark.parametrize(
    ("candidates", "references", "says"),
    [
        ({}, {}, "no candidate captions"),
        ({}, REFERENCES, "no candidate captions"),
        ({"a": "dog"}, {}, "1 image has a candidate but no reference captions: 'a'"),
        ({"a": "dog", "b": "cat", "c": "cow"}, REFERENCES, "no reference captions: 'c'"),
        ({"a": "dog"}, REFERENCES, "reference captions but no candidate: 'b'"),
        (
            dict.fromkeys(range(9), "dog"),
            {9: ["dog"]},
            "9 images have a candidate but no reference captions: 0, 1, 2, …",
        ),
        ({"a": "dog"}, {"a": []}, "no reference caption of image 'a' holds a word"),
        ({"a": "dog"}, {"a": ["", " . "]}, "no reference caption of image 'a' holds a word"),
        ({"a": "dog"}, {"a": "dog"}, "'a' are one string"),
    ],
)
def test_what_does_not_fit_is_one_clear_line(candidates, references, says):
    with pytest.raises(PhospheneError) as error:
        evaluate(candidates, references)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@given(
    st.dictionaries(
        st.integers(0, 99),
        st.tuples(st.text(max_size=30), st.lists(st.text("ab c.", max_size=20), min_size=1, max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_any_captions_score_within_bounds(corpus):
    candidates = {image: candidate for image, (candidate, _) in corpus.items()}
    references = {image: [*several, "a word"] for image, (_, several) in corpus.items()}
    scores = evaluate(candidates, references)
    assert (np.array(metrics(scores)) >= 0).all()
    assert (np.array(metrics(scores)[:5]) <= 1 + 1e-9).all()
    assert scores.distinct_captions <= scores.images
