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
# # 4. Pictures that a network makes
#
# The last notebook followed the gradient for a few steps, to change a picture as little as possible. Now we follow it as far as it
# goes. From noise it leads to what the network takes a class to be; to a picture with given features, it leads back to what a layer
# still knows; and from a photograph, to a dream.
#
# All three are one loop: look, take the gradient by the pixels, step, keep the picture a picture. Runs offline; with
# `pretrained_model.h5` in the folder that the environment variable `PHOSPHENE_DATA` names, the course's network makes the pictures.

# %%
import os
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from skimage import data as photographs

from phosphene_class_visualization import ClassVisualization
from phosphene_cnn import CNN
from phosphene_core import Need, Pass
from phosphene_core.image import center_crop, resize
from phosphene_core.modelfile import load_model
from phosphene_deepdream import DeepDream
from phosphene_feature_inversion import FeatureInversion
from phosphene_objectives import ClassScore, FeatureMatch, LayerActivation

plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
DATA = Path(os.environ.get("PHOSPHENE_DATA", "no such folder"))

model = CNN.pretrained()
if (DATA / "pretrained_model.h5").exists():
    model = load_model(DATA / "pretrained_model.h5", {"CNN": CNN})
blank = np.zeros((1, *model.input_shape), np.float32)
low, high = model.pixel_range(blank)


def name_of(k):
    return model.class_names[k].split(",")[0]


def show(rows, titles=(), left=(), size=1.5):
    """A sheet of pictures."""
    height, width = rows[0][0].shape[:2]
    figure, axes = plt.subplots(len(rows), len(rows[0]), figsize=(size * len(rows[0]), size * height / width * len(rows) + 0.3), squeeze=False)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            axes[r, c].imshow(picture)
            axes[r, c].set_xticks([])
            axes[r, c].set_yticks([])
            axes[r, c].spines[:].set_visible(False)
            if r == 0 and titles:
                axes[r, c].set_title(titles[c], fontsize=8)
        if left:
            axes[r, 0].set_ylabel(left[r], fontsize=8)
    figure.tight_layout()


# %% [markdown]
# ## 1. What it takes a class to be
#
# Ascend the unnormalized score of a class from noise (Simonyan, Vedaldi and Zisserman 2014). Written out, with what keeps the picture
# calm: an L2 term, a blur, and *jitter*: the network sees the picture rolled by a few pixels, other ones each time, so that a shape
# that only works in one exact place has no chance.


# %%
def score_gradient(x, target):
    trace = model.trace(x)
    seed = np.zeros_like(trace[model.scores])
    seed[:, target] = 1
    return trace.backward({model.scores: seed})[0], float(trace[model.scores][0, target])


def visualize(target, steps=60, learning_rate=20_000, l2=1e-6, jitter=4, blur=True):
    rng = np.random.default_rng(1)
    x, kept, scores = rng.standard_normal(blank.shape).astype(np.float32), {}, []
    for step in range(steps + 1):
        if step in (0, 3, 10, 25, steps):
            kept[step] = model.deprocess(x)[0]
        shift = rng.integers(-jitter, jitter + 1, 2)
        gradient, score = score_gradient(np.roll(x, shift, (2, 3)), target)
        x = x + learning_rate * (np.roll(gradient, -shift, (2, 3)) - 2 * l2 * x).astype(np.float32)
        x = np.clip(x, low, high)
        if blur:
            neighbours = sum(np.roll(x, s, a) for s in (1, -1) for a in (2, 3))
            x = (0.96 * x + 0.01 * neighbours).astype(np.float32)
        scores.append(score)
    return x, kept, scores


targets = [model.class_index(t) for t in ("monarch", "espresso", "beacon")]
made = [visualize(t) for t in targets]
show([list(kept.values()) for _, kept, _ in made], [f"step {s}" for s in made[0][1]], [name_of(t) for t in targets])
for target, (x, _, _) in zip(targets, made, strict=True):
    assert model.predict(x)[0, target] > 0.9

# %% [markdown]
# And what each of these measures is good for: the same climb without it.

# %%
without = {"all of it": {}, "no jitter": {"jitter": 0}, "no blur": {"blur": False}, "neither": {"jitter": 0, "blur": False, "l2": 0}}
plain = [visualize(targets[0], **how)[0] for how in without.values()]


def roughness(x):
    """The mean difference of neighbouring pixels."""
    return float(np.abs(np.diff(x, axis=3)).mean())


show([[model.deprocess(x)[0] for x in plain]], [f"{n}\nroughness {roughness(x):.0f}" for n, x in zip(without, plain, strict=True)], size=1.8)
assert roughness(plain[3]) > roughness(plain[0])

# %% [markdown]
# Nine years later people climb in the spectrum instead of in pixels, with the colours of photographs taken apart (Olah, Mordvintsev and
# Schubert 2017). That is what Phosphene's `class_visualization` does by default.

# %%
classes = [model.class_index(t) for t in ("monarch", "espresso", "beacon", "goldfish", "school bus")]
sheet = []
for target in classes:
    *_, last = ClassVisualization(steps=60).frames(model, blank, ClassScore(target=target), np.random.default_rng(2))
    sheet.append(last.images)
    assert model.predict(last.images)[0, target] > 0.8
show([[model.deprocess(x)[0] for x in sheet]], [name_of(k) for k in classes], size=1.8)

# %% [markdown]
# ## 2. What a layer still knows
#
# Take the features that a layer has of a photograph, forget the photograph, and look for any picture with the same features (Mahendran
# and Vedaldi 2015). From a low layer it comes back. Higher up the colours drift, then the places; near the top only the idea is left.

# %%
pictures = model.preprocess([center_crop(photographs.chelsea()), center_crop(photographs.coffee()[:, 100:500])])
layers = ("conv1", "conv3", "conv5", "conv7", "conv9")
rows = [[model.deprocess(pictures)[i]] for i in range(2)]
nearness = []
for layer in layers:
    objective = FeatureMatch(layer).bound(model, pictures)
    *_, last = FeatureInversion(steps=100).frames(model, pictures, objective, np.random.default_rng(3))
    nearness.append([np.corrcoef(last.images[i].ravel(), pictures[i].ravel())[0, 1] for i in range(2)])
    for i in range(2):
        rows[i].append(model.deprocess(last.images)[i])
show(rows, ["photograph", *layers])
assert min(nearness[0]) > 0.85
assert np.mean(nearness[0]) > np.mean(nearness[-1])

# %%
figure, axis = plt.subplots(figsize=(4.4, 2.2))
axis.plot(layers, nearness, "-o", ms=4, label=["cat", "coffee"])
axis.set(ylim=(0, 1), ylabel="correlation", title="how near the picture comes to the photograph")
axis.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## 3. DeepDream
#
# Show the network a photograph, take what a layer sees in it, and change the photograph so that it sees more of that: the gradient of
# half the squared activation is the activation itself (Mordvintsev, Olah and Tyka 2015). By hand, on one scale:

# %%
photo = resize(photographs.chelsea(), 120, 180)
x = model.preprocess([photo], square=False)
bounds = model.pixel_range(x)
rng = np.random.default_rng(4)
values = []
for _ in range(25):
    shift = rng.integers(-16, 17, 2)
    trace = model.trace(np.roll(x, shift, (2, 3)), upto="conv5")
    values.append(0.5 * float(np.square(trace["conv5"]).sum()))
    gradient = np.roll(trace.backward({"conv5": trace["conv5"]})[0], -shift, (2, 3))
    x = np.clip(x + 1.5 * gradient / np.abs(gradient).mean(), *bounds).astype(np.float32)
show([[photo, model.deprocess(x)[0]]], ["photograph", "25 steps for conv5"], size=3)
assert values[-1] > 5 * values[0]

# %% [markdown]
# With octaves, the small scale first, large shapes come as well as fine ones. What is dreamt depends on the layer: edges and weaves
# low down, eyes and snouts higher up.

# %%
start = model.preprocess([photo], square=False)
dreams = {}
for layer in ("conv2", "conv4", "conv6", "conv8"):
    objective = LayerActivation(layer).bound(model, start)
    *_, frame = DeepDream(steps=8, octaves=3).frames(model, start, objective, np.random.default_rng(5))
    seen = [float(np.square(model.trace(v, upto=layer, run=Pass(need=Need.NOTHING))[layer]).sum()) for v in (start, frame.images)]
    dreams[layer] = model.deprocess(frame.images)[0]
    assert seen[1] > 1.5 * seen[0]
show([[dreams["conv2"], dreams["conv4"]], [dreams["conv6"], dreams["conv8"]]], size=3, left=["conv2 and conv4", "conv6 and conv8"])
