# ---
# jupyter:
#   jupytext:
#     formats: py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. A recurrent network learns to say what it is shown
#
# A caption is written one word at a time. What has been said so far, and what was seen at the beginning, is kept in a few
# numbers, the *hidden state* `h`. Each word `x` changes it:
#
#     h' = tanh(x Wx + h Wh + b)
#
# and the state, times one more matrix, scores every word that might come next. That is all of a vanilla recurrent network
# (Elman 1990). This notebook takes it apart, checks its gradients, teaches it fifty captions by heart, and then more of them
# until it describes pictures that it has never seen. At the end it shows what is wrong with it.
#
# Everything runs offline: the pictures are made on the spot. With a folder `coco_captioning` in the folder that the environment
# variable `PHOSPHENE_DATA` names, section 3 learns captions of real photographs by heart.

# %%
import os
from pathlib import Path

import attrs
import matplotlib.pyplot as plt
import numpy as np

from phosphene_captioning import Captioner, greedy
from phosphene_cnn import CNN
from phosphene_core import Need, Pass
from phosphene_core.gradcheck import numeric_gradient, relative_error
from phosphene_optimizers import Adam
from phosphene_rnn import VanillaRNN
from phosphene_scenes import Scenes

plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
DATA = Path(os.environ.get("PHOSPHENE_DATA", "no such folder"))
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. The material
#
# Coloured shapes with sentences that are true of them. A sentence is a row of numbers: `<START>`, the words, `<END>`, and
# `<NULL>` until all rows are equally long.

# %%
scenes = Scenes(count=2000, held_out=300, objects=1)
words = scenes.vocabulary
captions = scenes.batch("train", np.arange(2000))["captions"][:, :6]

figure, axes = plt.subplots(2, 6, figsize=(9, 3.4))
for i, axis in enumerate(axes.T.ravel()[::2]):
    axis.imshow(scenes.pixels("train", [i])[0])
    axis.set_title(scenes.sentence("train", i), fontsize=8)
    axis.axis("off")
for i, axis in enumerate(axes.T.ravel()[1::2]):
    axis.axis("off")
    for t, token in enumerate(captions[i]):
        axis.text(0, 1 - 0.16 * t, f"{token:>2}  {words[token]}", family="monospace", fontsize=8, va="top")
figure.tight_layout()

# %% [markdown]
# What the network sees of a picture are 512 numbers: the last hidden layer of a small classifier of photographs, which has never
# been told about coloured shapes.

# %%
encoder = CNN.pretrained()


def features_of(split, count):
    images = scenes.batch(split, np.arange(count))["images"] + scenes.mean - encoder.mean
    return np.concatenate([encoder.trace(part.astype(np.float32), upto="hidden", run=Pass(need=Need.NOTHING))["hidden"]
                           for part in np.array_split(images, 20)])  # fmt: skip


seen = features_of("train", 2000)
center, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-3
seen = (seen - center) / spread

# %% [markdown]
# ## 2. One step, and the way back
#
# A layer in Phosphene holds no numbers of its own. `forward` takes parameters and inputs and gives the output and a function that
# takes a gradient back. Are those gradients right? Move each number a little up and down and see how the output moves: the
# central difference. In 64-bit numbers both agree to about nine digits.

# %%
layer = VanillaRNN(hidden=6)
params = {k: v.astype(np.float64) for k, v in layer.init(rng, ((5, 4), (6,)))[0].items()}
x, h0 = rng.standard_normal((3, 5, 4)), rng.standard_normal((3, 6))
h, backward = layer.forward(params, (x, h0), Pass())
by_hand = h0
for t in range(5):
    by_hand = np.tanh(x[:, t] @ params["Wx"] + by_hand @ params["Wh"] + params["b"])
    assert np.allclose(by_hand, h[:, t])

seed = rng.standard_normal(h.shape)
(dx, dh0), grads = backward(seed)
errors = {}
for name, value, gradient in [("x", x, dx), ("h0", h0, dh0), *((k, params[k], grads[k]) for k in params)]:
    difference = numeric_gradient(lambda: layer.forward(params, (x, h0), Pass())[0], value, seed)
    errors[name] = relative_error(gradient, difference)

figure, axis = plt.subplots(figsize=(5, 2.2))
axis.barh(list(errors), list(errors.values()), color="#557a95")
axis.set_xscale("log")
axis.set_xlim(1e-12, 1)
axis.axvline(1e-6, color="#c44", lw=1)
axis.text(1.3e-6, 4.2, "more would be a mistake", color="#c44", fontsize=8)
axis.set_title("gradients against central differences: largest relative error")
assert max(errors.values()) < 1e-6

# %% [markdown]
# ## 3. Fifty captions by heart
#
# A network that cannot learn fifty captions by heart will learn nothing. The features, times a matrix, become the first hidden
# state; the loss is minus the logarithm of the probability of each right next word, summed over the caption. At the beginning
# every one of the words is equally likely.

# %%
def learn(model, features, captions, epochs, learning_rate, batch_size=25):
    """Train a twin of the model; it, and the loss of every step."""
    params = {k: v.copy() for k, v in model.params.items()}
    model = attrs.evolve(model, params=params)
    adam = Adam(learning_rate=learning_rate)
    state, losses, order = adam.start(params), [], np.random.default_rng(1)
    for epoch in range(epochs):
        for rows in np.array_split(order.permutation(len(captions)), len(captions) // batch_size):
            loss, _, grads = model.loss({"features": features[rows], "captions": captions[rows]}, Pass(train=True, need=Need.PARAMS))
            adam.update(params, grads, state, 1 - epoch / epochs)
            losses.append(loss)
    return model, losses


few = {"features": seen[:50], "captions": captions[:50], "words": words}
if (DATA / "coco_captioning").exists():
    from phosphene_coco.dataset import CocoCaptions

    coco = CocoCaptions(path=str(DATA / "coco_captioning"))
    few = {**coco.batch("train", np.arange(50)), "words": coco.vocabulary.words}

fresh = Captioner(recurrent=VanillaRNN(hidden=256), features=few["features"].shape[1], word_size=64, vocabulary_words=few["words"])
parrot, losses = learn(fresh.initialized(rng), few["features"], few["captions"], 50, 5e-3)

figure, axis = plt.subplots(figsize=(5, 2.4))
axis.semilogy(losses, color="#557a95")
length = (few["captions"][:, 1:] != 0).sum(axis=1).mean()
axis.axhline(length * np.log(len(few["words"])), color="#999", lw=1, ls=":")
axis.text(30, length * np.log(len(few["words"])) * 1.2, "every word equally likely", color="#777", fontsize=8)
axis.set(xlabel="step", ylabel="loss of a caption", title="fifty captions by heart")
assert losses[-1] < 0.1
assert abs(losses[0] / (length * np.log(len(few["words"]))) - 1) < 0.35

# %% [markdown]
# ## 4. Pictures it has never seen
#
# Knowing by heart is not seeing. Two thousand scenes are enough to say something of new ones. A sentence is written greedily: the
# likeliest word each time, which is the next input.

# %%
model = Captioner(recurrent=VanillaRNN(hidden=128), features=512, word_size=64, vocabulary_words=words)
model, losses = learn(model.initialized(rng), seen, captions, 12, 2e-3, batch_size=50)
new = (features_of("val", 300) - center) / spread
said = [" ".join(c.words(model.vocabulary)) for c in greedy(model, new)]
true = [scenes.sentence("val", i) for i in range(300)]
right = np.array([[a == b for a, b in zip(s.split() + [""] * 4, t.split(), strict=False)] for s, t in zip(said, true, strict=True)])

figure, axes = plt.subplots(2, 6, figsize=(9, 3.6))
for i, axis in enumerate(axes.ravel()):
    axis.imshow(scenes.pixels("val", [i])[0])
    axis.set_title(said[i], fontsize=8, color="#2a7d4f" if said[i] == true[i] else "#c44")
    axis.axis("off")
figure.suptitle("captions of new pictures: green is right, red is not")
figure.tight_layout()

figure, axis = plt.subplots(figsize=(5, 2.2))
axis.bar(["a", "size", "colour", "shape"], right.mean(axis=0), color="#557a95")
axis.hlines([1, 1 / 2, 1 / 6, 1 / 5], np.arange(4) - 0.4, np.arange(4) + 0.4, color="#111", lw=1.5)
axis.set(ylim=(0, 1.02), title="how often each word is right on 300 new pictures (black: by guessing)")
assert right[:, 1].mean() > 0.85 and right[:, 2].mean() > 0.6 and right[:, 3].mean() > 0.5

# %% [markdown]
# ## 5. What the state knows
#
# The state of every unit while the sentence is written, for three pictures. It starts from the picture, and each word stirs it.
# Units whose sign the last word alone decides stand beside others that keep what the picture said.

# %%
figure, axes = plt.subplots(1, 3, figsize=(9, 3), sharey=True)
recurrent = {k.removeprefix("recurrent."): v for k, v in model.params.items() if k.startswith("recurrent.")}
for axis, i in zip(axes, (0, 1, 2), strict=True):
    tokens = [1, *(words.index(w) for w in said[i].split())]
    h0 = new[i : i + 1] @ model.params["W_proj"] + model.params["b_proj"]
    states, _ = model.recurrent.forward(recurrent, (model.params["W_embed"][tokens][None], h0), Pass(need=Need.NOTHING))
    shown = axis.imshow(np.vstack([np.tanh(h0), states[0]]).T[:40], cmap="RdBu_r", vmin=-1, vmax=1, aspect="auto")
    axis.set_xticks(range(len(tokens) + 1), ["picture", *(words[t] for t in tokens)], rotation=45, ha="right")
axes[0].set_ylabel("unit")
figure.colorbar(shown, ax=axes, shrink=0.8)
figure.suptitle("forty of the hidden units, from the picture to the last word")
assert np.abs(states).max() <= 1

# %% [markdown]
# ## 6. What is wrong with it
#
# On the way back every step multiplies the gradient by `Wh` and by the slope of tanh. Over many steps that is a power of a
# matrix: it fades, or it explodes (Hochreiter 1991; Bengio, Simard and Frasconi 1994). So the network learns what is near, and
# the beginning of a long sentence is out of its reach. The next notebook mends that.

# %%
steps, units = 40, 64
figure, axis = plt.subplots(figsize=(5.5, 2.8))
reach = {}
for scale in (0.5, 1.0, 1.5):
    layer = VanillaRNN(hidden=units)
    params, _ = layer.init(np.random.default_rng(2), ((steps, 16), (units,)))
    params["Wh"] = params["Wh"] * np.float32(scale)
    h, backward = layer.forward(params, (0.1 * rng.standard_normal((8, steps, 16)).astype(np.float32), np.zeros((8, units), np.float32)), Pass())
    seed = np.zeros_like(h)
    seed[:, -1] = rng.standard_normal((8, units))
    size = np.linalg.norm(backward(seed)[0][0], axis=(0, 2))[::-1]
    reach[scale] = size / size[0]
    axis.semilogy(reach[scale], label=f"{scale:g} times the usual $W_h$")
axis.set(xlabel="steps back", ylabel="size of the gradient", title="how much the last state feels an input of long ago")
axis.legend(frameon=False)
assert reach[0.5][-1] < 1e-8 and reach[1.0][-1] < 0.1
