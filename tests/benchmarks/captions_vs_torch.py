"""Captioning beside PyTorch, in turns, in milliseconds: training steps with Adam, greedy captions, and beams beside greedy.

    python tests/benchmarks/captions_vs_torch.py [--rounds 30] [--busy] [--torch-python /path/to/python] [name]

The course's size: features 512, words 256, hidden 512, vocabulary 1,004, captions of 17 tokens (16 steps). "Real lengths":
captions as long as COCO's, 11.5 words to be said in the mean, <END> counted; PyTorch's twin runs all 16 steps, as such code
does. PyTorch may live in an
environment of its own: give its python by --torch-python or in PHOSPHENE_TORCH_PYTHON.
"""

import statistics
import sys
from functools import partial
from typing import Any

from in_turns import Case, Work, compare, once

WORDS, TOKENS, FEATURES, HIDDEN, WORD_SIZE = 1004, 17, 512, 512, 256
LENGTHS = {9: 1, 10: 15, 11: 22, 12: 21, 13: 14, 14: 10, 15: 6, 16: 4, 17: 7}
"""How many captions in 100 have so many tokens, <START> and <END> among them, in COCO."""


def our_model(kind: str) -> Any:
    import numpy as np

    from phosphene_captioning import Captioner
    from phosphene_captioning.vocabulary import SPECIAL
    from phosphene_lstm import LSTM
    from phosphene_rnn import VanillaRNN

    words = (*SPECIAL, *(f"w{i}" for i in range(WORDS - len(SPECIAL))))
    layer = {"lstm": LSTM, "rnn": VanillaRNN}[kind](hidden=HIDDEN)
    made = Captioner(recurrent=layer, features=FEATURES, word_size=WORD_SIZE, vocabulary_words=words)
    return made.initialized(np.random.default_rng(0))


def captions_of(n: int, real: bool) -> Any:
    import numpy as np

    rng = np.random.default_rng(0)
    captions = rng.integers(4, WORDS, (n, TOKENS))
    captions[:, 0], captions[:, -1] = 1, 2
    if real:
        share = np.cumsum(list(LENGTHS.values())) / sum(LENGTHS.values())
        ends = np.array(list(LENGTHS))[np.searchsorted(share, (np.arange(n) + 0.5) / n)]
        rng.shuffle(ends)
        captions[np.arange(n), ends - 1] = 2
        captions[np.arange(TOKENS) >= ends[:, None]] = 0
    return captions


def our_training(kind: str, n: int, real: bool) -> Work:
    import numpy as np

    from phosphene_core import Need, Pass
    from phosphene_optimizers import Adam

    model = our_model(kind)
    batch = {"features": np.random.default_rng(1).standard_normal((n, FEATURES), np.float32)}
    batch["captions"] = captions_of(n, real)
    optimizer: Any = Adam()
    state = optimizer.start(model.params)

    def run() -> None:
        _, _, grads = model.loss(batch, Pass(train=True, rng=np.random.default_rng(0), need=Need.PARAMS))
        optimizer.update(model.params, grads, state)

    return run


def our_captions(kind: str, n: int, mean: float, width: int = 0) -> Work:
    """Greedy, or a beam of `width`. `mean`: how many words a greedy caption has in the mean, <END> counted; the bias of
    <END> is set so."""
    import attrs
    import numpy as np

    from phosphene_captioning import Beam, beam_search, greedy

    model, features = our_model(kind), np.random.default_rng(1).standard_normal((n, FEATURES), np.float32)
    low, high = -4.0, 4.0
    for _ in range(22 if mean < TOKENS - 1 else 0):
        bias = model.params["b_vocab"].copy()
        bias[2] = (low + high) / 2
        model = attrs.evolve(model, params={**model.params, "b_vocab": bias})
        short = np.mean([len(c.tokens) for c in greedy(model, features, TOKENS - 1)]) < mean
        low, high = (low, (low + high) / 2) if short else ((low + high) / 2, high)
    if mean >= TOKENS - 1:
        model.params["b_vocab"][2] = -1e4
    if width:
        return lambda: beam_search(model, features, Beam(width=width), TOKENS - 1)
    return lambda: greedy(model, features, TOKENS - 1)


def torch_model(kind: str) -> Any:
    import torch
    from torch import nn

    class Captioner(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.proj, self.emb = nn.Linear(FEATURES, HIDDEN), nn.Embedding(WORDS, WORD_SIZE)
            self.rnn = (nn.LSTM if kind == "lstm" else nn.RNN)(WORD_SIZE, HIDDEN, batch_first=True)
            self.out = nn.Linear(HIDDEN, WORDS)

        def start(self, features: Any) -> Any:
            h = self.proj(features)[None]
            return (h, torch.zeros_like(h)) if kind == "lstm" else h

    return Captioner()


def torch_training(kind: str, n: int, real: bool) -> Work:
    import torch
    from torch.nn import functional

    model, features, captions = torch_model(kind), torch.randn(n, FEATURES), torch.as_tensor(captions_of(n, real))
    optimizer = torch.optim.Adam(model.parameters())

    def run() -> None:
        optimizer.zero_grad()
        scores = model.out(model.rnn(model.emb(captions[:, :-1]), model.start(features))[0])
        targets = captions[:, 1:].reshape(-1)
        loss = functional.cross_entropy(scores.reshape(-1, WORDS), targets, ignore_index=0, reduction="sum") / n
        loss.backward()
        optimizer.step()

    return run


def torch_captions(kind: str, n: int) -> Work:
    import torch

    model, features = torch_model(kind).eval(), torch.randn(n, FEATURES)

    @torch.inference_mode()
    def run() -> None:
        state, words = model.start(features), torch.ones(n, 1, dtype=torch.long)
        for _ in range(TOKENS - 1):
            h, state = model.rnn(model.emb(words), state)
            words = model.out(h).argmax(-1)

    return run


def cases() -> dict[str, Case]:
    found: dict[str, Case] = {}
    for kind in ("lstm", "rnn"):
        for n in (25, 128):
            for real in (False, True):
                what = (kind, n, real)
                name = f"training step, {kind} N={n}, {'real lengths' if real else 'full length'}"
                found[name] = partial(our_training, *what), partial(torch_training, *what)
        for mean in (16.0, 11.5):
            name = f"greedy, {kind} N=100, {'full length' if mean == 16 else 'real lengths'}"
            found[name] = partial(our_captions, kind, 100, mean), partial(torch_captions, kind, 100)
    return found


def beams(rounds: int = 7) -> None:
    """A beam of 5 beside greedy, both ours, in turns."""
    for kind in ("lstm", "rnn"):
        for mean in (16.0, 11.5):
            greedy, beam = our_captions(kind, 100, mean), our_captions(kind, 100, mean, 5)
            pairs = [(once(beam, False), once(greedy, False)) for _ in range(rounds)]
            a, b = (statistics.median(p[i] for p in pairs) * 1e3 for i in (0, 1))
            length = "full length" if mean == 16 else "real lengths"
            print(f"{f'beam 5 beside greedy, {kind} N=100, {length}':44s}{a:9.3f}{b:9.3f}{a / b:7.2f}", flush=True)


if __name__ == "__main__":
    compare(__file__, __doc__, cases())
    if sys.argv[1:2] != ["--serve"] and not any("training" in a or "greedy" in a for a in sys.argv[1:]):
        beams()
