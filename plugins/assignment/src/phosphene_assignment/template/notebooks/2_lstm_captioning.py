# %% [markdown]
# # Part 2: captions with an LSTM
#
# Write the functions in `assignment3/lstm_layers.py`, and let `caption_loss` and `caption_sample` take `cell="lstm"` too.

# %%
# %load_ext autoreload
# %autoreload 2
import sys

sys.path.insert(0, "..")
import matplotlib.pyplot as plt
import numpy as np
from assignment3 import captioning, lstm_layers, rnn_layers
from assignment3.looking import Scenes, gradients, sheet, train

rng = np.random.default_rng(0)

# %% [markdown]
# ## One step
#
# `lstm_step_forward`, `lstm_step_backward`. The step gives two arrays, so its gradient is checked for both at once.

# %%
step = {"x": rng.standard_normal((3, 4)), "prev_h": rng.standard_normal((3, 5)), "prev_c": rng.standard_normal((3, 5)),
        "Wx": rng.standard_normal((4, 20)), "Wh": rng.standard_normal((5, 20)), "b": rng.standard_normal(20)}  # fmt: skip
next_h, next_c, cache = lstm_layers.lstm_step_forward(**step)
seeds = rng.standard_normal((2, 3, 5))
came = dict(zip(step, lstm_layers.lstm_step_backward(*seeds, cache), strict=True))
assert gradients(lambda: np.stack(lstm_layers.lstm_step_forward(**step)[:2]), step, came, seeds) < 1e-6

# %% [markdown]
# An open forget gate and a shut input gate keep the cell as it is. Do yours, in the order i, f, o, g?

# %%
b = np.repeat([-50.0, 50.0, 0.0, 0.0], 5)
_, kept, _ = lstm_layers.lstm_step_forward(step["x"], step["prev_h"], step["prev_c"], 0 * step["Wx"], 0 * step["Wh"], b)
figure, axes = plt.subplots(1, 2, figsize=(5, 1.6), sharey=True)
for axis, cell, title in zip(axes, (step["prev_c"], kept), ("the cell before", "and after"), strict=True):
    axis.imshow(cell, cmap="RdBu_r", vmin=-2, vmax=2)
    axis.set_title(title, fontsize=9)
assert np.allclose(kept, step["prev_c"])

# %% [markdown]
# ## A sequence
#
# `lstm_forward`, `lstm_backward`. Two gradients go from step to step.

# %%
sequence = {"x": rng.standard_normal((2, 6, 4)), "h0": rng.standard_normal((2, 5)), "Wx": step["Wx"], "Wh": step["Wh"], "b": step["b"]}
h, cache = lstm_layers.lstm_forward(**sequence)
dh = rng.standard_normal(h.shape)
came = dict(zip(sequence, lstm_layers.lstm_backward(dh, cache), strict=True))
assert gradients(lambda: lstm_layers.lstm_forward(**sequence)[0], sequence, came, dh) < 1e-6

# %% [markdown]
# ## How far a gradient reaches
#
# Both of your networks, forty steps: how much the last state feels an input of long ago.

# %%
x, h0, end = 0.1 * rng.standard_normal((4, 40, 8)), np.zeros((4, 32)), np.zeros((4, 40, 32))
end[:, -1] = rng.standard_normal((4, 32))
reach = {}
for name, run, back, gates in (("RNN", rnn_layers.rnn_forward, rnn_layers.rnn_backward, 1), ("LSTM", lstm_layers.lstm_forward, lstm_layers.lstm_backward, 4)):
    bias = np.zeros(32 * gates)
    bias[32:64] = 3.0  # the forget gate, open at the start
    weights = rng.standard_normal((8, 32 * gates)) / 3, rng.standard_normal((32, 32 * gates)) * 0.5 / np.sqrt(32), bias
    reach[name] = np.linalg.norm(back(end, run(x, h0, *weights)[1])[0], axis=(0, 2))[::-1]
    plt.semilogy(reach[name] / reach[name][0], label=name)
plt.legend()
plt.xlabel("steps back")
plt.title("size of the gradient")
assert reach["LSTM"][-1] / reach["LSTM"][0] > 10 * reach["RNN"][-1] / reach["RNN"][0]

# %% [markdown]
# ## It speaks

# %%
scenes = Scenes(count=1000)
params = captioning.init_params(rng, "lstm", 512, len(scenes.words), hidden=64)
losses = train(lambda *given: captioning.caption_loss(*given, cell="lstm"), params, scenes.features, scenes.captions, epochs=10, learning_rate=4e-3)
said = [scenes.sentence(c) for c in captioning.caption_sample(params, scenes.new_features, cell="lstm", max_length=8)]
true = [scenes.sentence(c) for c in scenes.new_captions]
sheet(scenes.new_pixels[:12], said, ["#2a7d4f" if s == t else "#c44" for s, t in zip(said, true, strict=True)])
assert losses[-1] < 0.3 * losses[0]
assert np.mean([s == t for s, t in zip(said, true, strict=True)]) > 0.3
