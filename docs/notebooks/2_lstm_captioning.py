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
# # 2. Long short-term memory
#
# A vanilla network multiplies its whole state by a matrix at every step, and so the gradient fades (the end of the last
# notebook). Hochreiter and Schmidhuber (1997) put beside the hidden state `h` a second one, the cell `c`, that is only ever
# multiplied by a *gate* between 0 and 1, number by number, and added to:
#
#     c' = σ(f) c + σ(i) tanh(g)
#     h' = σ(o) tanh(c')
#
# where `i`, `f`, `o`, `g` are the four quarters of `x Wx + h Wh + b`. While the forget gate is open, what is in the cell stays,
# and a gradient comes back through it unharmed.
#
# Runs offline. With `flickr8k-1000.zip` in the folder that the environment variable `PHOSPHENE_DATA` names, the last pictures are
# photographs from there.

# %%
import os
from pathlib import Path

import attrs
import matplotlib.pyplot as plt
import numpy as np
from skimage import data as photographs

from phosphene_captioning import Beam, Captioner, Draw, PictureCaptioner, beam_search, greedy, sample
from phosphene_captioning.stepping import Stepper
from phosphene_cnn import CNN
from phosphene_core import Need, Pass
from phosphene_core.image import decode
from phosphene_lstm import LSTM
from phosphene_optimizers import Adam
from phosphene_registry import Registry
from phosphene_rnn import VanillaRNN
from phosphene_scenes import Scenes

plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
DATA = Path(os.environ.get("PHOSPHENE_DATA", "no such folder"))
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. The gates at work
#
# One unit, written out. The input says "remember" at the fifth step, and "forget" at the fifteenth; in between there is noise. With
# gates that follow these signals, the cell holds its value for ten steps as if nothing were there. Nobody would set weights by hand;
# but these are the ones that training looks for.


# %%
def sigmoid(a):
    return 1 / (1 + np.exp(-a))


steps = 24
signals = 0.3 * rng.standard_normal((steps, 3))  # a value, "remember", "forget"
signals[5] += [2, 6, 0]
signals[15] += [0, 0, 6]
Wx, b = np.zeros((3, 4)), np.array([-4.0, 4.0, 4.0, 0.0])  # i shut, f open, o open
Wx[1, 0], Wx[2, 1], Wx[0, 3] = 2.0, -2.0, 1.0
layer = LSTM(hidden=1)
h, _ = layer.forward({"Wx": Wx, "Wh": np.zeros((1, 4)), "b": b}, (signals[None], np.zeros((1, 1))), Pass())
a = signals @ Wx + b
c, cells = 0.0, []
for t in range(steps):
    c = sigmoid(a[t, 1]) * c + sigmoid(a[t, 0]) * np.tanh(a[t, 3])
    cells.append(c)
assert np.allclose(h[0, :, 0], sigmoid(a[:, 2]) * np.tanh(cells))

figure, axes = plt.subplots(3, 1, figsize=(6, 4), sharex=True, height_ratios=[2, 1, 2])
axes[0].plot(signals, label=["value", '"remember"', '"forget"'])
axes[0].legend(frameon=False, ncols=3, fontsize=8)
axes[0].set_ylabel("input")
axes[1].imshow(sigmoid(a[:, :3]).T, cmap="Greys", vmin=0, vmax=1, aspect="auto")
axes[1].set_yticks(range(3), ["i", "f", "o"])
axes[2].step(range(steps), cells, where="mid", color="#c44", label="cell c")
axes[2].plot(h[0, :, 0], color="#557a95", label="state h")
axes[2].legend(frameon=False)
axes[2].set_xlabel("step")
figure.suptitle("dark gates are open: the cell keeps what it was given until it is told to forget")
figure.tight_layout()
assert min(cells[6:15]) > 0.7 * cells[5] and abs(cells[18]) < 0.35 * cells[5]

# %% [markdown]
# ## 2. How far a gradient reaches
#
# The experiment of the last notebook, with both. The forget gate's bias decides. With 0 at the start the cell loses half at every step,
# faster than a vanilla network; with 1, as Jozefowicz, Zaremba and Sutskever (2015) recommend, it keeps about three quarters; with 3
# nearly all, and what comes back through the other gates even grows.

# %%
length, units = 40, 64


def reach(layer):
    params, _ = layer.init(np.random.default_rng(2), ((length, 16), (units,)))
    x = 0.1 * np.random.default_rng(3).standard_normal((8, length, 16)).astype(np.float32)
    h, backward = layer.forward(params, (x, np.zeros((8, units), np.float32)), Pass())
    seed = np.zeros_like(h)
    seed[:, -1] = np.random.default_rng(4).standard_normal((8, units))
    size = np.linalg.norm(backward(seed)[0][0], axis=(0, 2))[::-1]
    return size / size[0]


reached = {"vanilla": reach(VanillaRNN(hidden=units)), "LSTM": reach(LSTM(hidden=units)),
           "LSTM, forget bias 1": reach(LSTM(hidden=units, forget_bias=1.0)),
           "LSTM, forget bias 3": reach(LSTM(hidden=units, forget_bias=3.0))}  # fmt: skip
figure, axis = plt.subplots(figsize=(5.5, 2.8))
for (name, size), style in zip(reached.items(), ("--", "-", "-", "-"), strict=True):
    axis.semilogy(size, style, label=name)
axis.set(xlabel="steps back", ylabel="size of the gradient", title="how much the last state feels an input of long ago")
axis.legend(frameon=False, fontsize=8)
assert reached["LSTM, forget bias 3"][-1] > 100 * reached["LSTM, forget bias 1"][-1] > 100 * reached["LSTM"][-1]

# %% [markdown]
# ## 3. Both learn the same sentences
#
# Scenes of two objects: "a large blue circle right of a small green square". The second object is named last, when the picture was
# seen ten words ago. Here the picture starts the LSTM's cell as well as its state. On sentences as short as these the two end up
# alike. Few sentences are right as a whole: colours and places are learned, shapes only begin to be, as section 4 shows word by word.

# %%
scenes = Scenes(count=3000, held_out=200)
words = scenes.vocabulary
encoder = CNN.pretrained()


def features_of(split, count):
    """Where things are and what: the seventh layer's map, 4 x 4 places with 256 channels brought down to 24, and a thumbnail of
    8 x 8 pixels for the colours."""
    pixels = scenes.batch(split, np.arange(count))["images"]
    images = pixels + scenes.mean - encoder.mean
    maps = [encoder.trace(part.astype(np.float32), upto="conv7", run=Pass(need=Need.NOTHING))["conv7"] for part in np.array_split(images, 16)]
    seen = np.einsum("nchw,ck->nkhw", np.concatenate(maps), mix)
    thumbnails = pixels.reshape(count, 3, 8, 8, 8, 8).mean(axis=(3, 5))
    return np.concatenate([seen.reshape(count, -1), thumbnails.reshape(count, -1)], axis=1)


mix = np.linalg.qr(np.random.default_rng(5).standard_normal((256, 24)))[0].astype(np.float32)
seen, new = features_of("train", 3000), features_of("val", 200)
center, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-3
seen, new = (seen - center) / spread, (new - center) / spread
captions = scenes.batch("train", np.arange(3000))["captions"]
checked = {"features": new, "captions": scenes.batch("val", np.arange(200))["captions"]}


def learn(layer, epochs=8):
    model = Captioner(recurrent=layer, features=seen.shape[1], word_size=48, fill_state=True, vocabulary_words=words).initialized(np.random.default_rng(6))
    params = {k: v.copy() for k, v in model.params.items()}
    model = attrs.evolve(model, params=params)
    adam, order, curve = Adam(learning_rate=2e-3), np.random.default_rng(7), []  # the usual loop, with clipping
    state = adam.start(params)
    for epoch in range(epochs):
        for rows in np.array_split(order.permutation(len(seen)), len(seen) // 40):
            _, _, grads = model.loss({"features": seen[rows], "captions": captions[rows]}, Pass(train=True, need=Need.PARAMS))
            norm = np.sqrt(sum(float((g * g).sum()) for g in grads.values()))
            adam.update(params, {k: g * min(1, 5 / norm) for k, g in grads.items()}, state, 1 - epoch / epochs)
        curve.append(model.loss(checked, Pass(need=Need.NOTHING))[0])
    return model, curve


vanilla, vanilla_curve = learn(VanillaRNN(hidden=96))
lstm, lstm_curve = learn(LSTM(hidden=96, forget_bias=1.0))

figure, axis = plt.subplots(figsize=(5, 2.4))
axis.plot(range(1, 9), vanilla_curve, "--o", ms=3, label="vanilla, 96 units")
axis.plot(range(1, 9), lstm_curve, "-o", ms=3, label="LSTM, 96 units")
axis.set(xlabel="epoch", ylabel="loss of a caption")
axis.legend(frameon=False)
whole = {}
for name, model in (("vanilla", vanilla), ("LSTM", lstm)):
    said = [c.text(model.vocabulary) for c in greedy(model, new)]
    whole[name] = np.mean([s == scenes.sentence("val", i) for i, s in enumerate(said)])
axis.set_title(f"200 new scenes; right as a whole: vanilla {whole['vanilla']:.0%}, LSTM {whole['LSTM']:.0%}", fontsize=9)
assert max(vanilla_curve[-1], lstm_curve[-1]) < 5.5 and min(whole.values()) > 0.05

# %% [markdown]
# ## 4. One distribution, many sentences
#
# What the network gives is not a sentence but, after every word, a probability for each next one. *Greedy* takes the likeliest
# word, *beam search* keeps several beginnings and the sentence that is likeliest as a whole, and *sampling* draws: with a low
# temperature carefully, with a high one wildly.

# %%
pick = 3
ways = {"greedy": [greedy(lstm, new[pick : pick + 1])[0]], "beam of 5": beam_search(lstm, new[pick : pick + 1], Beam(width=5))[0][:3]}
for temperature in (0.5, 1.0, 2.0):
    drawn = sample(lstm, np.repeat(new[pick : pick + 1], 3, axis=0), Draw(temperature=temperature), np.random.default_rng(8))
    ways[f"temperature {temperature:g}"] = drawn

figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), width_ratios=[1, 2.6])
left.imshow(scenes.pixels("val", [pick])[0])
left.set_title(scenes.sentence("val", pick).replace(" of ", " of\n"), fontsize=8)
left.axis("off")
right.axis("off")
y = 1.0
for way, found in ways.items():
    right.text(0, y, way, weight="bold", transform=right.transAxes)
    for caption in found:
        y -= 0.065
        right.text(0.03, y, f"{caption.log_prob:7.2f}   {caption.text(lstm.vocabulary)}", family="monospace", fontsize=7.5, transform=right.transAxes)
    y -= 0.085
assert ways["beam of 5"][0].log_prob >= ways["greedy"][0].log_prob - 1e-4

# %% [markdown]
# And the distribution itself, step by step, along the greedy sentence: where it is sure, and where it wavers.

# %%
stepper = Stepper(lstm)
state, word = stepper.start(new[pick : pick + 1])
rows, chosen = [], []
for _ in range(12):
    log_p, state = stepper.step(state, word)
    rows.append(np.exp(log_p[0]))
    word = log_p.argmax(axis=1)
    chosen.append(words[int(word[0])])
    if chosen[-1] == "<END>":
        break
table = np.array(rows).T
assert np.allclose(table.sum(axis=0), 1, atol=1e-4)
kept = [i for i in range(len(words)) if table[i].max() > 0.02]
figure, axis = plt.subplots(figsize=(6, 3.2))
axis.imshow(table[kept], cmap="magma_r", vmin=0, vmax=1, aspect="auto")
axis.set_yticks(range(len(kept)), [words[i] for i in kept])
axis.set_xticks(range(len(chosen)), chosen, rotation=45, ha="right")
axis.set_title("probability of every word that had a chance, and the word that was taken")
figure.tight_layout()

# %% [markdown]
# ## 5. Photographs
#
# The captioner that travels with Phosphene is an LSTM that learned from 800 photographs: few, and that shows.

# %%
captioner = PictureCaptioner.pretrained(Registry().resolve)
pictures = [photographs.chelsea(), photographs.coffee(), photographs.rocket()]
if (DATA / "flickr8k-1000.zip").exists():
    import zipfile

    with zipfile.ZipFile(DATA / "flickr8k-1000.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".jpg"))[-100:]  # it has not learned from these
        pictures = [decode(archive.read(names[i])) for i in (3, 40, 77)]
best = beam_search(captioner.speaker, captioner.features(captioner.preprocess(pictures)), Beam(width=5), forbid_unknown=True)
figure, axes = plt.subplots(1, 3, figsize=(9, 2.9))
for axis, picture, found in zip(axes, pictures, best, strict=True):
    axis.imshow(picture)
    text = found[0].text(captioner.speaker.vocabulary)
    half = text.rfind(" ", 0, 30) if len(text) > 30 else len(text)
    axis.set_title(f"{text[:half]}\n{text[half + 1 :]}", fontsize=8)
    axis.axis("off")
figure.tight_layout()
assert all(found[0].finished for found in best)
