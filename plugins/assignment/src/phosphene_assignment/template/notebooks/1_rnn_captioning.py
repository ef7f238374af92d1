# %% [markdown]
# # Part 1: captions with a vanilla RNN
#
# Write the functions in `assignment3/rnn_layers.py`, then `caption_loss` and `caption_sample` in `assignment3/captioning.py`. Run each
# cell when you have written what it calls: it checks it on small numbers and draws the result. `phosphene assignment grade .. --part rnn`
# tells more.

# %%
# %load_ext autoreload
# %autoreload 2
import sys

sys.path.insert(0, "..")
import matplotlib.pyplot as plt
import numpy as np
from assignment3 import captioning, rnn_layers
from assignment3.looking import Scenes, gradients, sheet, train

rng = np.random.default_rng(0)

# %% [markdown]
# ## One step
#
# `rnn_step_forward`, `rnn_step_backward`: green bars are right.

# %%
step = {"x": rng.standard_normal((3, 4)), "prev_h": rng.standard_normal((3, 5)), "Wx": rng.standard_normal((4, 5)),
        "Wh": rng.standard_normal((5, 5)), "b": rng.standard_normal(5)}  # fmt: skip
next_h, cache = rnn_layers.rnn_step_forward(**step)
assert next_h.shape == (3, 5) and np.abs(next_h).max() < 1
dnext_h = rng.standard_normal((3, 5))
came = dict(zip(step, rnn_layers.rnn_step_backward(dnext_h, cache), strict=True))
assert gradients(lambda: rnn_layers.rnn_step_forward(**step)[0], step, came, dnext_h) < 1e-6

# %% [markdown]
# ## A sequence
#
# `rnn_forward`, `rnn_backward`.

# %%
sequence = {"x": rng.standard_normal((2, 6, 4)), "h0": rng.standard_normal((2, 5)), "Wx": step["Wx"], "Wh": step["Wh"], "b": step["b"]}
h, cache = rnn_layers.rnn_forward(**sequence)
dh = rng.standard_normal(h.shape)
came = dict(zip(sequence, rnn_layers.rnn_backward(dh, cache), strict=True))
assert gradients(lambda: rnn_layers.rnn_forward(**sequence)[0], sequence, came, dh) < 1e-6

# %% [markdown]
# ## Words
#
# `word_embedding_forward`, `word_embedding_backward`, `temporal_softmax_loss`. The same word comes twice in a caption: do its gradients
# add up?

# %%
table = {"W": rng.standard_normal((7, 3))}
words = np.array([[0, 3, 1, 3], [3, 3, 6, 0]])
out, cache = rnn_layers.word_embedding_forward(words, table["W"])
dout = rng.standard_normal(out.shape)
came = {"W": rnn_layers.word_embedding_backward(dout, cache)}
assert gradients(lambda: rnn_layers.word_embedding_forward(words, table["W"])[0], table, came, dout) < 1e-6

# %%
scores = {"x": rng.standard_normal((2, 4, 7))}
mask = np.array([[True, True, True, False], [True, True, False, False]])
loss, dx = rnn_layers.temporal_softmax_loss(scores["x"], words, mask)
assert gradients(lambda: np.array(rnn_layers.temporal_softmax_loss(scores["x"], words, mask)[0]), scores, {"x": dx}, np.array(1.0)) < 1e-6
likely = np.exp(-rnn_layers.temporal_softmax_loss(np.zeros((5, 1, 7)), np.zeros((5, 1), int), np.ones((5, 1), bool))[0])
assert np.isclose(likely, 1 / 7), "seven words, nothing known: each has a seventh"

# %% [markdown]
# ## The captioner
#
# `caption_loss` with `cell="rnn"`. First the gradients of a tiny one in 64 bits, then fifty captions by heart: the loss must fall below 0.1.

# %%
tiny = {k: v.astype(np.float64) for k, v in captioning.init_params(rng, "rnn", 4, 9, word_size=3, hidden=5).items()}
batch = rng.standard_normal((2, 4)), np.array([[1, 5, 8, 2, 0], [1, 6, 2, 0, 0]])
came = captioning.caption_loss(tiny, *batch, cell="rnn")[1]
assert gradients(lambda: np.array(captioning.caption_loss(tiny, *batch, cell="rnn")[0]), tiny, came, np.array(1.0)) < 1e-5

# %%
scenes = Scenes(count=1000)
params = captioning.init_params(rng, "rnn", 512, len(scenes.words))
loss = lambda *given: captioning.caption_loss(*given, cell="rnn")  # noqa: E731
losses = train(loss, params, scenes.features[:50], scenes.captions[:50], epochs=40, learning_rate=5e-3)
figure, axis = plt.subplots(figsize=(5, 2.4))
axis.semilogy(losses)
axis.set(xlabel="step", ylabel="loss", title="fifty captions by heart")
assert losses[-1] < 0.1

# %% [markdown]
# ## It speaks
#
# `caption_sample`, after a thousand scenes. Above the pictures, what your network says of scenes that it has never seen.

# %%
params = captioning.init_params(rng, "rnn", 512, len(scenes.words))
train(loss, params, scenes.features, scenes.captions, epochs=10)
said = [scenes.sentence(c) for c in captioning.caption_sample(params, scenes.new_features, cell="rnn", max_length=8)]
true = [scenes.sentence(c) for c in scenes.new_captions]
sheet(scenes.new_pixels[:12], said, ["#2a7d4f" if s == t else "#c44" for s, t in zip(said, true, strict=True)])
assert np.mean([s == t for s, t in zip(said, true, strict=True)]) > 0.3
