"""Writes expected.json: run it where pycocoevalcap and Java are installed, after adding a caption here."""

import json
from pathlib import Path

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

CAPTIONS = """\
A small brown dog runs across the wet grass .
Two men in hats, a woman with a parasol; and one child: all wait.
He can't, won't and shouldn't've; they're sure I'm right, it's John's.
DON'T touch! You cannot. We're gonna stay, gimme that, wanna bet?
The boys' kites and the dogs’ leads don’t tangle.
'Tis a pity, 'twas better in the '90s than in the 1950s or '68 .
Rock 'n' roll at five o'clock, ma'am; give 'em a jack-o'-lantern, y'all.
O'Brien of d'Artagnan's crew greets Hawai'i, c'mon ol' friend.
A sign says "no dogs", another 'keep out', a third “quiet” or ‘shh’.
He holds up 6'2" of plank and 12" of rope.
A t-shirt, an x-ray, a black-and-white photo of a 3-year-old in mid-air.
A self-portrait -- or is it? -- hangs - crookedly – by the door — there.
Well... it waits … and waits .... on
Mr. Gray, Dr. Who and Mrs. Moss of St. Ives, Ltd. meet at 5 p.m. today.
A U.S. flag, a U.K.-built car, e.g. a van, i.e. a lorry, etc. The end.
Sold by Acme Inc. The shop closes at 6 a.m. on Jan. 5 in Calif. and N.Y.
Bus no. 5 stops here, but no. The sign, pp. 3-4, fig. 2 vs. fig. 3.
1,000 sheep, 3.5 miles, 50% off, $5.50 each, US$20 for two, 7¢ change.
It costs £5 or €6, not ¥7; half is ½ and ¾ is more, 1½ cups, 1 1/2 cups, 2 3/4.
A clock shows 8:25, 10:30am and 11:59:59; it is 12/25/2012 or 9/11, 24/7.
Seven-11 sells 2x4s, the 1st, 2nd and 21st, 5-7 years, -5 degrees, +3.
Call 555-1234 or (555) 555-0199 now!
A man/woman and/or a child w/ a kite, w/o shoes.
AT&T and R&B, A+B, C++, C#, salt & pepper, b&w, fish &amp; chips.
(left) [middle] {right} <unk> <b>bold</b> a < b > c
Mail x.y@example.com or see www.example.com, http://example.com/a/b?c=d and example.org/path.
photo.jpg by @someone #sunset is a nice.Picture of a dog.And a cat!
Wow!!! Really?! Yes. No ? :) :-( ;-) =D <3 ^_^
café naïve Über straße Ærø señor jalapeño
собака 狗 犬 คน कुत्ता ☃ ★ → ™ © ° × ÷
25°C and 5 º, a heart ♥, an emoji 😀 or 😀😀, zero​width
a_b foo_bar __init__ * ** # % = ~ ^ | \\ / @
Room C. The door is shut. Plan B. A man waits by J. R. Smith.
a dog with the letter A.
A cat
a dog with the letter B.
two cats
  leading and   trailing spaces\twith tabs  
ALL CAPITALS SAY O'NEIL'S "HELLO"
.
-
the
A woman's, women's and James' bags; the cats'.
It`s odd ``really odd'' isn`t it
Ph.D. holders vs. B.Sc. students; St.Louis Co., Mt. Fuji Ave. 9
well-,known a.b-c x-U.S.A. pre-1990s, non-U.S. 1990's
"""  # noqa: W291

# One candidate, then its references: a perfect one, near ones, a wrong one, a repeating, a one-word and an empty one.
IMAGES = {
    "park": ["A small dog runs through the park.", "A small dog runs through the park .", "a puppy in a park"],
    "kitchen": ["a man cooks soup in a pot", "A cook stirs soup in a large pot.", "Somebody's cooking in a kitchen"],
    "beach": ["two kids play on sand", "Two children play ball on the beach.", "kids at play on the sand by the sea"],
    "street": ["a red bus", "A red double-decker bus waits at a crowded stop in the rain.", "bus", "A bus stop"],
    "wrong": ["an elephant flies a kite over mountains", "The boat is moored.", "Boats lie at the pier."],
    "repeat": ["the the the the the the", "The cat sits on the mat.", "the mat"],
    "long": [
        "a very long caption about a horse that stands in a field and looks at a fence and at the hills",
        "A horse stands in a field.",
        "A brown horse looks over a fence at the hills.",
    ],
    "word": ["horse", "A horse.", "Horse", "Two horses graze in the meadow"],
    "empty": ["", "A plate of food", "food on a plate"],
    "shared": ["a man and a dog in a park", "A man walks a dog in the park.", "A man with his dog", "dog walker"],
}


def main() -> None:
    captions = CAPTIONS.splitlines()
    tokenizer = PTBTokenizer()
    batch = tokenizer.tokenize({0: [{"caption": caption} for caption in captions]})[0]
    candidates = {image: [{"caption": several[0]}] for image, several in IMAGES.items()}
    references = {image: [{"caption": c} for c in several[1:]] for image, several in IMAGES.items()}
    mine, theirs = tokenizer.tokenize(candidates), tokenizer.tokenize(references)
    four, each_four = Bleu(4).compute_score(theirs, mine, verbose=0)
    rouge, each_rouge = Rouge().compute_score(theirs, mine)
    cider, each_cider = Cider().compute_score(theirs, mine)
    expected = {
        "tokens": [[caption, words] for caption, words in zip(captions, batch, strict=True)],
        "candidates": {image: several[0] for image, several in IMAGES.items()},
        "references": {image: several[1:] for image, several in IMAGES.items()},
        "corpus": [*four, float(rouge), float(cider)],
        "images": {
            image: [*(order[i] for order in each_four), float(each_rouge[i]), float(each_cider[i])]
            for i, image in enumerate(IMAGES)
        },
    }
    text = json.dumps(expected, ensure_ascii=False, indent=1)
    Path(__file__).with_name("expected.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
