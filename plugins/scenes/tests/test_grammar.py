"""Sentences: what can be said, and when it is true."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phosphene_scenes import Grammar, Scene, Scenes, Thing, is_true
from phosphene_scenes.grammar import RELATIONS, SIZES, GrammarError, Noun, Sentence

GRAMMAR = Grammar(("circle", "square", "star"), ("red", "orange"), objects=3)
DATA = Scenes(count=80)
OPPOSITE = {"above": "below", "below": "above", "left of": "right of", "right of": "left of"}

optional = [st.sampled_from((None, *words)) for words in (GRAMMAR.colours, SIZES)]
nouns = st.builds(Noun, st.sampled_from(GRAMMAR.shapes), *optional)
sentences = st.lists(nouns, min_size=1, max_size=3).flatmap(
    lambda n: st.lists(st.sampled_from(RELATIONS), min_size=len(n) - 1, max_size=len(n) - 1).map(
        lambda r: Sentence(tuple(n), tuple(r))
    )
)


@given(sentences)
@settings(max_examples=100)
def test_what_is_written_is_read_back(sentence):
    assert GRAMMAR.parse(str(sentence)) == sentence
    assert str(sentence) in GRAMMAR


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ("", "at its end"),
        ("red circle", "at 'red'"),
        ("a red", "at its end"),
        ("a purple circle", "at 'purple'"),
        ("a circle beside a star", "at 'beside'"),
        ("a circle left a star", "'of' is missing after 'left'"),
        ("a circle above", "at its end"),
        ("a circle circle", "at 'circle'"),
    ],
)
def test_what_is_no_sentence_is_told(wrong, where):
    assert wrong not in GRAMMAR
    with pytest.raises(GrammarError, match=where):
        GRAMMAR.parse(wrong)


@pytest.mark.parametrize("objects", [1, 2])
def test_captions_are_the_grammars_sentences(objects):
    data = Scenes(count=300, objects=objects, shapes=("circle", "star"), colours=("red", "blue"))
    listed = list(data.grammar.sentences())
    assert len(set(listed)) == len(listed)
    assert {data.sentence("train", i) for i in range(300)} <= set(listed)
    rng = np.random.default_rng(0)
    sampled = {data.grammar.sample(rng) for _ in range(1500)}
    assert sampled == set(listed)
    for sentence in listed:
        assert set(sentence.split()) <= set(data.vocabulary)
        assert len(sentence.split()) + 2 <= data.grammar.length


def test_a_caption_is_true_and_no_other_word_in_its_place_is():
    for row in range(80):
        scene = DATA.scene("train", row)
        caption = DATA.grammar.parse(DATA.sentence("train", row))
        assert is_true(caption, scene)
        for place, noun in enumerate(caption.nouns):
            others = [Noun(s, noun.colour, noun.size) for s in DATA.shapes if s != noun.shape]
            others += [Noun(noun.shape, c, noun.size) for c in DATA.colours if c != noun.colour]
            others += [Noun(noun.shape, noun.colour, z) for z in SIZES if z != noun.size]
            for other in others:
                changed = list(caption.nouns)
                changed[place] = other
                assert not is_true(Sentence(tuple(changed), caption.relations), scene)
        for relation in set(RELATIONS) - set(caption.relations):
            if caption.relations:
                assert not is_true(Sentence(caption.nouns, (relation,)), scene)


def test_what_follows_from_a_caption_is_true():
    for row in range(80):
        scene = DATA.scene("train", row)
        caption = scene.sentence
        backwards = Sentence(caption.nouns[::-1], tuple(OPPOSITE[r] for r in caption.relations))
        vague = Sentence(tuple(Noun(n.shape) for n in caption.nouns), caption.relations)
        for sentence in (backwards, vague, *(Sentence((n,)) for n in caption.nouns)):
            assert DATA.is_true(str(sentence), scene), (sentence, caption)


def test_one_thing_does_not_stand_beside_itself():
    scene = Scene((Thing("circle", "red", "large", 0.5, 0.5, 0.2),))
    assert is_true(GRAMMAR.parse("a red circle"), scene)
    assert not is_true(GRAMMAR.parse("a circle above a circle"), scene)


@pytest.mark.parametrize(
    ("x", "y", "expected"), [(0.2, 0.55, "left of"), (0.8, 0.4, "right of"), (0.4, 0.2, "above"), (0.6, 0.9, "below")]
)
def test_relations_go_by_the_axis_that_tells_things_apart(x, y, expected):
    scene = Scene((Thing("star", "red", "small", x, y, 0.1), Thing("circle", "red", "small", 0.5, 0.5, 0.1)))
    true = [r for r in RELATIONS if is_true(GRAMMAR.parse(f"a star {r} a circle"), scene)]
    assert true == [expected]
