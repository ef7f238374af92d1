"""Drawing captions word by word: greedy, and random with temperature, top-k and nucleus (Holtzman et al. 2020)."""

import attrs
import numpy as np

from phosphene_captioning.attention import with_attention
from phosphene_captioning.caption import Caption, captions
from phosphene_captioning.captioner import Captioner
from phosphene_captioning.stepping import NEVER, Stepper
from phosphene_captioning.vocabulary import END
from phosphene_core.layer import Array
from phosphene_core.options import option


@attrs.frozen
class Draw:
    """How a word is drawn from its distribution. Temperature 0 is greedy."""

    temperature: float = option(1.0, "above 1 more daring, below 1 more careful, 0 greedy", ge=0)
    top_k: int = option(0, "draw from only so many of the likeliest words; 0 for all", ge=0)
    nucleus: float = option(1.0, "draw from the likeliest words that hold this much probability", gt=0, le=1)


def greedy(
    model: Captioner, features: Array, max_length: int = 16, forbid_unknown: bool = False, screening: bool = True
) -> list[Caption]:
    """The likeliest next word, always. `screening`: see `Speech`."""
    return sample(model, features, Draw(temperature=0), None, max_length, forbid_unknown, screening)


def sample(
    model: Captioner,
    features: Array,
    draw: Draw,
    rng: np.random.Generator | None,
    max_length: int = 16,
    forbid_unknown: bool = False,
    screening: bool = True,
) -> list[Caption]:
    """One caption per row of features (N, D). Those that reached <END> cost nothing more; those that never do are cut
    at `max_length` words. Log-probabilities are the model's own, whatever the draw."""
    stepper = Stepper(model, forbid_unknown, screening)
    state, words = stepper.start(features)
    if draw.temperature == 0 and (said := stepper.steps.speak(words, state, max_length, END)):
        return [c for (c,) in with_attention(model, features, [[c] for c in captions(*said)])]
    tokens = np.full((len(features), max_length), END)
    log_probs = np.zeros((len(features), max_length))
    active, going_on = np.arange(len(features)), None
    for t in range(max_length):
        if not len(active):
            break
        if draw.temperature == 0:
            best, log_prob, state = stepper.likeliest(1, state, words, going_on)
            words, log_prob = best[:, 0], log_prob[:, 0]
        else:
            scores, state = stepper.step(state, words, going_on)
            words = drawn(scores, draw, rng)
            log_prob = scores[np.arange(len(words)), words]
        tokens[active, t], log_probs[active, t] = words, log_prob
        going_on = None
        if (ended := words == END).any():
            going_on = np.flatnonzero(~ended)
            active, words = active[going_on], words[going_on]
    return [c for (c,) in with_attention(model, features, [[c] for c in captions(tokens, log_probs)])]


def drawn(log_probs: Array, draw: Draw, rng: np.random.Generator | None) -> Array:
    """One word per row (N,), drawn from log-probabilities (N, V)."""
    if rng is None:
        raise ValueError("drawing needs a random generator; greedy sampling has temperature 0")
    scores = log_probs.astype(np.float64) / draw.temperature
    if 0 < draw.top_k < scores.shape[1]:
        least = np.partition(scores, -draw.top_k, axis=1)[:, -draw.top_k, None]
        scores = np.where(scores < least, NEVER, scores)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    if draw.nucleus < 1:
        order = np.argsort(-p, axis=1, kind="stable")
        ranked = np.take_along_axis(p, order, axis=1)
        before = np.cumsum(ranked, axis=1) - ranked  # the likeliest word always stays
        p[np.arange(len(p))[:, None], order] = np.where(before < draw.nucleus, ranked, 0)
        p /= p.sum(axis=1, keepdims=True)
    cumulative = np.cumsum(p, axis=1)
    return np.minimum((cumulative < rng.random((len(p), 1)) * cumulative[:, -1:]).sum(axis=1), p.shape[1] - 1)
