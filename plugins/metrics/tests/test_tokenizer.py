import pytest
from hypothesis import given
from hypothesis import strategies as st

from phosphene_metrics import tokenize, tokenize_all
from phosphene_metrics.tokenizer import PUNCTUATION


def test_tokens_are_those_of_the_ptb_tokenizer(expected):
    captions, tokens = zip(*expected["tokens"], strict=True)
    assert [" ".join(words) for words in tokenize_all(captions)] == list(tokens)


@pytest.mark.parametrize(
    ("caption", "words"),
    [
        ("Don't cannot it's they're", "do n't can not it 's they 're"),
        ("a 3-year-old's T-shirt", "a 3-year-old 's t-shirt"),
        ("5 o'clock, ma'am", "5 o'clock ma'am"),
        ("Mr. T at 5 p.m. in the U.S.", "mr. t at 5 p.m. in the u.s."),
        ("costs $5.50 (or £5)", "costs $ 5.50 -lrb- or # 5 -rrb-"),
        ("“quoted” — and … done!", "quoted and done"),
        ("one half is 1/2 or ½", "one half is 1/2 or 1/2"),
        ("<UNK> man and <UNK>", "<unk> man and <unk>"),
        ("wow!! really?!", "wow !! really ?!"),
        ("photo.jpg at www.example.com.", "photo.jpg at www.example.com"),
        ("a smile 😀 here", "a smile here"),
    ],
)
def test_each_kind_of_token(caption, words):
    assert tokenize(caption) == words.split()


def test_a_mixed_fraction_is_one_word_with_a_no_break_space():
    assert tokenize("1 1/2 cups") == ["1\xa01/2", "cups"]


def test_only_what_follows_tells_whether_a_letters_full_stop_ends_a_sentence():
    assert tokenize("vitamin C.") == ["vitamin", "c."]
    assert tokenize("vitamin C.", following="The end") == ["vitamin", "c"]
    assert tokenize("vitamin C.", following="cats") == ["vitamin", "c."]
    assert tokenize_all(["vitamin C.", "The end"]) == [["vitamin", "c"], ["the", "end"]]


def test_no_captions_give_no_words():
    assert tokenize_all([]) == []


@pytest.mark.parametrize("blank", ["", " ", "\n", " . ", "...", "\t-\xa0"])
def test_nothing_but_space_and_punctuation_gives_no_word(blank):
    assert tokenize(blank) == []


@pytest.mark.parametrize("space", ["\n", "\t", "\r", "\x0b", "\u2028", "\xa0", "  "])
def test_any_space_keeps_words_apart(space):
    assert tokenize(f"two{space}cats") == ["two", "cats"]


@given(st.text(max_size=60))
def test_any_text_gives_small_words_without_space_or_punctuation(text):
    for word in tokenize(text):
        assert word
        assert word not in PUNCTUATION
        assert " " not in word
        assert "\n" not in word
        assert word == word.lower()


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True)))
def test_plain_words_stay_as_they_are(words):
    halves = {"cannot", "gonna", "gotta", "lemme", "gimme", "wanna"}
    words = [word for word in words if word not in halves]
    assert tokenize(" ".join(words)) == words


@given(st.text(alphabet="aB5 .,'-/$\"n", max_size=30), st.text(alphabet="aB5 .,'-/$\"n", max_size=30))
def test_a_line_is_read_alone_but_for_a_letters_full_stop(first, second):
    alone, followed = tokenize(first), tokenize(first, following=second)
    assert alone == followed or alone[-1].endswith(".")


def test_a_long_text_without_a_space_takes_no_long_time():
    assert len(tokenize("ab-cd.ef'gh@" * 200)) > 0
