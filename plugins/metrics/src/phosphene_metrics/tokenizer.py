"""Captions to words, as coco-caption does it before it scores them: no Java needed.

coco-caption runs the Stanford PTBTokenizer (3.4.1; one caption a line, in small letters) and drops punctuation. That
tokenizer follows the Penn Treebank's conventions, Marcus, Santorini and Marcinkiewicz 1993. Its rules are written out
in `rules.py`; here they are applied, and the tokens spelt as the Treebank spells them.
"""

import re
from collections.abc import Iterable

from phosphene_metrics.lexicon import HALVES
from phosphene_metrics.rules import CLITIC, NOT, QUOTES, RULES

PUNCTUATION = frozenset(["''", "'", "``", "`", ".", "?", "!", ",", ":", "-", "--", "...", ";"])
SPELT = {
    "(": "-lrb-", ")": "-rrb-", "[": "-lsb-", "]": "-rsb-", "{": "-lcb-", "}": "-rcb-",
    '"': "''", "’": "'", "›": "'", "‘": "`", "‛": "`", "‹": "`", "“": "``", "«": "``", "”": "''", "»": "''",
    "–": "--", "—": "--", "―": "--", "…": "...", "¢": "cents", "£": "#", "€": "$", "¤": "$", "₠": "$",
    "½": "1/2", "¼": "1/4", "¾": "3/4", "⅓": "1/3", "⅔": "2/3",
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&mdash;": "--", "&apos;": "'", "&quot;": "''",
}  # fmt: skip

# Windows' quotes and dashes in a place where Unicode has control characters, and the soft hyphen, which is not seen.
_MENDED = str.maketrans("\x80\x85\x91\x92\x93\x94\x96\x97\n", "€…‘’“”–— ", "\xad")
_PLAIN = re.compile(r"[A-Za-z]+(?=\s)")  # nearly every word of nearly every caption; spares it the rules
_TWO_WORDS = frozenset(first + second for first, second in HALVES)
_CLITIC = re.compile(rf"{CLITIC}|{NOT}")


def tokenize(caption: str, following: str = "") -> list[str]:
    """The words of one caption, in small letters and without punctuation.

    Contractions come apart ("don't" gives "do", "n't"), hyphened words do not, brackets become "-lrb-" and the like,
    and what has no place in a text (control characters, pictographs) is left out. A mixed fraction or a telephone
    number is one word that holds a no-break space.

    `following` is the caption on the next line. coco-caption reads all captions as one text, so that what a full stop
    after a single letter means ("vitamin C.") depends on how the next line begins; nothing else does.
    """
    text = caption.translate(_MENDED)
    end = len(text)
    text = f"{text}\n{following}\n"
    words: list[str] = []
    place = 0
    while place < end:
        plain = _PLAIN.match(text, place)
        if plain and plain[0].lower() not in _TWO_WORDS:
            token, place = plain[0], plain.end()
        else:
            token, place = _longest(text, place)
        if token and (word := _spelt(token.lower())) not in PUNCTUATION:
            words.append(word)
    return words


def tokenize_all(captions: Iterable[str]) -> list[list[str]]:
    """The words of each caption, all read as one text (see `tokenize`): exactly coco-caption's tokens."""
    captions = list(captions)
    return [tokenize(*pair) for pair in zip(captions, [*captions[1:], ""], strict=False)]


def _longest(text: str, place: int) -> tuple[str, int]:
    """The token that starts here (empty where none does) and where to go on."""
    longest, token, after = 0, "", place + 1
    if not text[place].isspace():
        for rule in RULES:
            if (match := rule.match(text, place)) and match.end() - place > longest:
                longest, token, after = match.end() - place, match[1], match.end(1)
    return token, after


def _spelt(token: str) -> str:
    if token in SPELT:
        return SPELT[token]
    if _CLITIC.fullmatch(token):
        return token.replace("’", "'").replace("‘", "`")
    if len(token) == 2 and token[0] in QUOTES and token[1] in QUOTES:
        return "".join(SPELT.get(quote, quote) for quote in token)
    if token.strip(".") == "":  # four full stops are an ellipsis too, two are two full stops
        return "." if len(token) == 1 else "..."
    if token in ("---", "----"):
        return "--"
    return token.replace("&amp;", "&").replace(" ", "\xa0").replace("(", "-lrb-").replace(")", "-rrb-")
