"""A twin in PyTorch with the same start, batches and optimizer follows the same loss curve. Skipped where there is no PyTorch:
its python is this one or that in PHOSPHENE_TORCH_PYTHON."""

import os
import subprocess
import sys

import numpy as np
import pytest

from phosphene_captioning import Captioner
from phosphene_captioning.vocabulary import SPECIAL
from phosphene_core import Need, Pass
from phosphene_lstm import LSTM
from phosphene_optimizers import Adam
from phosphene_rnn import VanillaRNN

PYTHON = os.environ.get("PHOSPHENE_TORCH_PYTHON", sys.executable)
STEPS, BATCH, EXAMPLES, WORDS, TOKENS, FEATURES, HIDDEN, WORD_SIZE = 200, 25, 100, 100, 13, 32, 64, 32
LEARNING_RATE = 2e-3

TWIN = """
import sys, numpy as np, torch
data = np.load(sys.argv[1])
kind, steps = sys.argv[2], int(sys.argv[3])
torch.set_num_threads(1)
p = {k[6:]: torch.tensor(data[k], requires_grad=True) for k in data.files if k.startswith("param:")}
features, captions = torch.tensor(data["features"]), torch.tensor(data["captions"])
optimizer = torch.optim.Adam(p.values(), lr=float(sys.argv[4]))
for step in range(steps):
    rows = torch.tensor(data["batches"][step])
    words, h = captions[rows], features[rows] @ p["W_proj"] + p["b_proj"]
    c, scores = torch.zeros_like(h), []
    x = p["W_embed"][words[:, :-1]] @ p["recurrent.Wx"] + p["recurrent.b"]
    for t in range(x.shape[1]):
        a = x[:, t] + h @ p["recurrent.Wh"]
        if kind == "lstm":
            i, f, o, g = a.chunk(4, dim=1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
        else:
            h = torch.tanh(a)
        scores.append(h @ p["W_vocab"] + p["b_vocab"])
    scores = torch.stack(scores, dim=1).reshape(-1, p["W_vocab"].shape[1])
    loss = torch.nn.functional.cross_entropy(scores, words[:, 1:].reshape(-1), ignore_index=0, reduction="sum") / len(rows)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(float(loss))
"""


@pytest.mark.skipif(
    bool(subprocess.run([PYTHON, "-c", "import importlib.util as u; raise SystemExit(not u.find_spec('torch'))"]).returncode),
    reason="no PyTorch here (PHOSPHENE_TORCH_PYTHON names a python that has it)",
)
@pytest.mark.parametrize(("kind", "layer"), [("rnn", VanillaRNN(HIDDEN)), ("lstm", LSTM(HIDDEN))], ids=["rnn", "lstm"])
def test_a_twin_in_pytorch_follows_the_same_curve(kind, layer, tmp_path):
    rng = np.random.default_rng(0)
    words = (*SPECIAL, *(f"w{i}" for i in range(WORDS - len(SPECIAL))))
    made = Captioner(recurrent=layer, features=FEATURES, word_size=WORD_SIZE, vocabulary_words=words)
    model = made.initialized(np.random.default_rng(1))
    captions = rng.integers(4, WORDS, (EXAMPLES, TOKENS))
    ends = rng.integers(6, TOKENS, EXAMPLES)
    captions[:, 0], captions[np.arange(EXAMPLES), ends] = 1, 2
    captions[np.arange(TOKENS) > ends[:, None]] = 0
    features = rng.standard_normal((EXAMPLES, FEATURES), np.float32)
    batches = np.stack([rng.permutation(EXAMPLES)[:BATCH] for _ in range(STEPS)])
    start = {f"param:{k}": v for k, v in model.params.items()}
    np.savez(tmp_path / "start.npz", features=features, captions=captions, batches=batches, **start)
    command = [PYTHON, "-c", TWIN, str(tmp_path / "start.npz"), kind, str(STEPS), str(LEARNING_RATE)]
    theirs = np.array(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(), float)

    optimizer, ours = Adam(learning_rate=LEARNING_RATE), []
    state = optimizer.start(model.params)
    for rows in batches:
        batch = {"features": features[rows], "captions": captions[rows]}
        loss, _, grads = model.loss(batch, Pass(train=True, need=Need.PARAMS))
        optimizer.update(model.params, grads, state)
        ours.append(loss)
    assert ours[-1] < ours[0] / 2, "it learns"
    np.testing.assert_allclose(ours, theirs, rtol=1e-3)
