"""The Penn Treebank's tokens, one regular expression a kind.

Group 1 of a rule is the token; what a rule asks for behind it is left for the next token. At each place the rule whose
whole match is longest wins, and of equals the first: so "5" is a number, "5-a-side" one word and "photo.jpg" a file.
"""

import re

from phosphene_metrics import lexicon

# A letter: any alphabet's, its marks, or spelt out as on web pages. \w also holds digits, "_" and numerals like ² or Ⅷ.
NUMERALS = "\u00b2\u00b3\u00b9\u00bc-\u00be\u2070-\u209c\u2150-\u218f\u2460-\u24ff\u2776-\u2793\u3007\u3021-\u303a"
MARKS = "\u02c2-\u036f\u0483-\u0487\u0591-\u05c7\u064b-\u065e\u0900-\u0963"
L = rf"(?:[^\W\d_{NUMERALS}\U00010000-\U0010ffff]|[{MARKS}]|&[aeiouAEIOU](?:acute|grave|uml);)"
LD = rf"(?:{L}|\d)"
APOS = "['’]"
INNER = "['’`‘]"  # an apostrophe within a word
QUOTES = "`‘’‚‛“”„‟‹›«»"

WORD = rf"{L}{LD}*(?:[.!?]{L}{LD}*)*"
ACRONYM = r"[A-Za-z](?:\.[A-Za-z])+"
HYPHENED = rf"[A-Za-z0-9][A-Za-z0-9.,]*(?:-(?:{ACRONYM}\.|[A-Za-z0-9]+))+"
SLASHED = r"[A-Za-z0-9]+(?:-[A-Za-z]+){0,2}"
CLITIC = rf"{APOS}(?:[sdm]|ll|re|ve)"  # what is left of "is", "would", "am", "will", "are", "have", and the genitive
NOT = f"n{INNER}t"
NUMBER = r"(?:\d*(?:[.:,]\d+)+|\d+)"
PHONE = r"(?:\(\d{2,3}\)[ \xa0]?|(?:\+\+?)?(?:\d{2,4}[- \xa0])?\d{2,4}[- \xa0])\d{3,4}[- \xa0]?\d{3,5}"
NAME = r"[A-Za-z][\w:.-]*"  # of a tag or its attribute
HOST = r"[^\s\"<>|.!?(){},]"
SITE = r"[^\s!\"$'(){|}`,-_]"  # a host without "www.": the range from "," to "_" takes out capitals and digits as well
PATH = r"[^\s\"<>|(){}]+[^\s\"<>|.!?(){},-]"


def _any(words: str) -> str:
    """Any of the words, in capitals or not; the longest first, because the first that fits is taken."""
    longest_first = sorted(words.split(), key=len, reverse=True)
    return f"(?i:{'|'.join(re.escape(word).replace(chr(39), APOS) for word in longest_first)})"


def _capitalized(words: str) -> str:
    """Any of the words with a capital first letter; the others may be capitals or not."""
    return f"(?:{'|'.join(f'{word[0].upper()}(?i:{re.escape(word[1:])})' for word in words.split())})"


def _small(words: str) -> str:
    """Any of the words in small letters; the first letter may be a capital."""
    longest_first = sorted(words.split(), key=len, reverse=True)
    return f"(?:{'|'.join(f'(?i:{word[0]}){word[1:]}' for word in longest_first)})"


ENDING = f"(?:{_any(lexicon.ENDINGS)}|{_capitalized(lexicon.CAPITALIZED)}|{_small(lexicon.SMALL)})"
OPENER = rf"\s+(?:{_capitalized(lexicon.OPENERS)}|</?{NAME} *>)\s"

SOURCES = [
    # Tags as they stand in web pages, and the "<unk>" of a caption.
    rf"(<{NAME}(?: +{NAME}(?: *= *(?:\"[^\"\n]*\"|'[^'\n]*'))?)* */? *>)",
    rf"(</{NAME} *>|<[!?][A-Za-z-][^>\n]*>)",
    rf"({ENDING}\.)\S?",  # before the words: in "Jan.5" and "etc.x" it wins the draw
    # Words, and words that come apart: "can not", "do n't", "dog 's", "'t was", "y' all".
    *(rf"(?i:({first}){second})" for first, second in lexicon.HALVES),
    rf"(?i:([a-z]*[a-mo-z]){NOT})",
    rf"(?i:({WORD}){CLITIC})",
    rf"({WORD}|\d+{L}{LD}*)",
    rf"(?i:({NOT})[^a-z])",
    rf"(?i:({APOS}t)(?:is|was))",
    rf"({_any(lexicon.CLIPPED)})",
    rf"(?i:({CLITIC})[^a-z])",
    r"(')[A-Za-z]\S",  # a quotation opens: "'dallas" does not hold a "'d"
    rf"(?i:({CLITIC}))",
    rf"([djlDJL]{APOS})",
    rf"([yY]{APOS}){L}",
    # Years and words with an apostrophe: "'90s", "'99", "O'Brien", "jack-o'-lantern", "Hawai'i".
    rf"({APOS}[2-9]0[sS])",
    rf"({APOS}\d\d)\s",
    rf"([A-HJ-XZn]{INNER}{L}{L}+)",
    rf"((?:{LD}+-)?[dloDLO]{INNER}{LD}{LD}+(?:[-_]{LD}+)*)",
    rf"({L}+[aeiouyAEIOUY]{INNER}[aeiouA-Z]{L}*)",
    # Full stops that belong to the word: "U.S.", "Dr.", "no. 5", and whatever stands before a comma.
    rf"([A-Za-z])\.{OPENER}",
    r"([A-Za-z](?:\.[A-Za-z])*\.)",
    rf"({_any(lexicon.TITLES)}\.)",
    rf"({_any(lexicon.BEFORE_NUMBERS)}\.)\s?\d",
    *(rf"({before}\.)[,;:]" for before in (WORD, rf"{LD}+(?:-{LD}+)*", HYPHENED)),
    # Hyphens, underscores, slashes, ampersands: "t-shirt", "men/women", "AT&T", "C++".
    rf"({HYPHENED})",
    rf"({LD}+(?:[-_\u2010\u2011]{LD}+)+)",
    rf"({SLASHED}(?:\\?/{SLASHED}){{1,2}})",
    r"([A-Z]+(?:(?:[+&]|&amp;)[A-Z]+)+)",
    r"([Cc]\+\+|[CcFf]#)",
    # Numbers, dates, mixed fractions, telephone numbers, currencies.
    rf"([-+]?{NUMBER})",
    r"(\d{1,2}[-/]\d{1,2}[-/]\d{2,4})",
    r"(\d{1,4}[- \xa0]\d{1,4}\\?/\d{1,4})",
    rf"({PHONE})",
    r"([A-Z]+\$)",
    # Addresses, names, files.
    rf"((?i:https?://){PATH})",
    rf"((?i:www\.)(?:{HOST}+\.)+[A-Za-z]{{2,4}}(?:/{PATH})?)",
    rf"((?:{SITE}+\.)+(?i:com|net|org|edu)(?:/{PATH})?)",
    r"(<?[A-Za-z0-9][^\s\"<>|(){}]*@(?:[^\s\"<>|(){}.]+\.)*[^\s\"<>|(){}.]+>?)",
    r"(@[A-Za-z_][A-Za-z0-9_]*)",
    rf"(#{L}+)",
    rf"({LD}+(?:\.{LD}+)*\.{_any(lexicon.FILE_ENDINGS)})[\s,.!?]",
    # Faces.
    r"([<>]?[:;=]['o*-]?[()DPp\\\[\]{@O|])[^A-Za-z0-9]",
    r"([-^x=~<>']_[-^x=~<>']|\([-^x=~<>'][_.]?[-^x=~<>']\)|\([\^x=~<>'`]-[\^x=~<>'`]\))",
    # Signs: in a row, in pairs, spelt out, alone. What is nowhere here is left out of the text.
    r"([!?]+|\.{3,}|-{2,}|\*+|_+|#+|@+)",
    rf"(<<|>>|''|\\\*|[{QUOTES}]{{2}})",
    r"(&(?:amp|lt|gt|mdash|quot|apos);|-(?i:[lr][rcs]b)-)",
    r"([!-/:-@\[-`{-~])",
    r"([\u00a1-\u00bf\u00d7\u00f7\u2013-\u2023\u2026\u2030-\u203b\u203e-\u2041\u2070\u2074-\u207e\u2080-\u208e])",
    r"([\u20a0\u20a4\u20ac\u2100-\u214f\u2153-\u215e\u2190-\u2bff\u3001\u3002\u3012])",
    r"([\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u30fb\u0964\u0965\u0589\u05be\u060c\u061b\u061f\u06d4])",
]
RULES = tuple(re.compile(source) for source in SOURCES)
