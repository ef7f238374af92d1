"""Questions about the free extra: any pictures that the student's own idea makes of a picture."""

from collections.abc import Iterator

import numpy as np

from phosphene_assignment.asking import Asked, Failed, Generator
from phosphene_assignment.comparing import described, true
from phosphene_assignment.rubric import Check, Item, Judge
from phosphene_assignment.subjects import pictures, pretrained

MOST, WORDS = 16, 80


def extra(asked: Asked, rng: np.random.Generator) -> Judge:
    model = pretrained()
    images = pictures(model, 2, rng)
    kept = asked.model()
    seed = int(rng.integers(1 << 31))
    first, again, other = (asked.call("extra.extra", kept, images[i : i + 1], Generator(seed)) for i in (0, 0, 1))
    try:
        text = asked.call("extra.about")
    except Failed as failed:
        text = str(failed)

    def judge() -> Iterator[Check]:
        good = isinstance(first, np.ndarray) and first.dtype == np.uint8 and first.ndim == 4 and first.shape[3] == 3
        good = good and 1 <= len(first) <= MOST and min(first.shape[1:3]) >= 8
        yield true("it makes pictures", good, 2, f"1 to {MOST} pictures (K, H, W, 3), uint8", f"{described(first)} came")
        drawn = good and all(p.std() > 2 for p in first)
        copies = good and first.shape[1:] == (64, 64, 3) and any(np.array_equal(p, model.deprocess(images[:1])[0]) for p in first)
        yield true("there is something to see", drawn and not copies, 2, "no blank picture and no copy of what came in", "there is one")
        same = good and isinstance(again, np.ndarray) and np.array_equal(first, again)
        yield true("the same seed, the same pictures", same, 2, "randomness from `rng` alone", "a second call gave other pictures")
        differs = good and isinstance(other, np.ndarray) and not np.array_equal(first, other)
        yield true("it looks at the picture", differs, 2, "another picture gives another result", "the result is the same")
        words = len(text.split()) if isinstance(text, str) else 0
        yield true("it is explained", good and words >= WORDS, 2, f"about() tells in {WORDS} words or more what it shows and why",
                   f"{words} words")  # fmt: skip

    return judge


ITEMS = (Item("extra", "extra", 10, extra),)
