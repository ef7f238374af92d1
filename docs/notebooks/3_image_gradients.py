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
# # 3. Which pixels moved the answer?
#
# A classifier turns a picture into a hundred scores. Its gradient by the *pixels* says how each of them would have to change to
# raise one of the scores: the same way back as in training, only that it goes on past the weights, to the picture. Two things
# come of it: a map of what the network looked at, and pictures that fool it.
#
# Runs offline on sample photographs. With `pretrained_model.h5` (the course's network) and `tiny-imagenet-100-A.zip` in the folder
# that the environment variable `PHOSPHENE_DATA` names, it asks that network about pictures from there.

# %%
import os
from pathlib import Path

import attrs
import matplotlib.pyplot as plt
import numpy as np
from skimage import data as photographs

from phosphene_cnn import CNN
from phosphene_core.image import center_crop
from phosphene_core.modelfile import load_model
from phosphene_fooling import Fooling
from phosphene_objectives import ClassScore
from phosphene_saliency import Saliency
from phosphene_smoothgrad import SmoothGrad

plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
DATA = Path(os.environ.get("PHOSPHENE_DATA", "no such folder"))
rng = np.random.default_rng(0)

model = CNN.pretrained()
pictures = [center_crop(p) for p in (photographs.chelsea(), photographs.coffee()[:, 100:500], photographs.rocket())]
asked = ["tabby", "espresso", "projectile"]
if (DATA / "pretrained_model.h5").exists():
    model = load_model(DATA / "pretrained_model.h5", {"CNN": CNN})
if (DATA / "tiny-imagenet-100-A.zip").exists():
    from phosphene_tinyimagenet import TinyImageNet

    dataset = TinyImageNet(path=str(DATA / "tiny-imagenet-100-A.zip"))
    batch = dataset.batch("val", np.arange(0, 5000, 250))
    likely = model.predict(batch["images"])[np.arange(20), batch["labels"]]
    best = np.argsort(-likely)[:3]
    pictures = list(model.deprocess(batch["images"][best]))
    asked = [str(int(k)) for k in batch["labels"][best]]

images = model.preprocess(pictures)
classes = tuple(model.class_index(a) for a in asked)


def name_of(k):
    return model.class_names[k].split(",")[0]


def show(rows, titles=(), left=()):
    """A sheet of pictures and maps."""
    figure, axes = plt.subplots(len(rows), len(rows[0]), figsize=(1.75 * len(rows[0]), 1.8 * len(rows) + 0.3), squeeze=False)
    for r, row in enumerate(rows):
        for c, picture in enumerate(row):
            axes[r, c].imshow(picture, **({"cmap": "magma"} if picture.ndim == 2 else {}))
            axes[r, c].set_xticks([])
            axes[r, c].set_yticks([])
            axes[r, c].spines[:].set_visible(False)
            if r == 0 and titles:
                axes[r, c].set_title(titles[c], fontsize=8)
        if left:
            axes[r, 0].set_ylabel(left[r], fontsize=8)
    figure.tight_layout()


# %% [markdown]
# ## 1. What it believes
#
# A hundred classes, 64 by 64 pixels: this is not what we see, but it is all that the network gets.

# %%
probabilities = model.predict(images)
figure, axes = plt.subplots(1, 6, figsize=(9.5, 2.1), width_ratios=[1, 1.2] * 3)
for i in range(3):
    axes[2 * i].imshow(model.deprocess(images)[i])
    axes[2 * i].axis("off")
    top = np.argsort(-probabilities[i])[:5][::-1]
    axes[2 * i + 1].barh(range(5), probabilities[i, top], color=["#2a7d4f" if k == classes[i] else "#bbb" for k in top])
    axes[2 * i + 1].set(yticks=[], xlim=(0, 1), xticks=[0, 1])
    for row, k in enumerate(top):
        axes[2 * i + 1].text(0.03, row, name_of(k), fontsize=7.5, va="center")
figure.tight_layout()
assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-4)

# %% [markdown]
# ## 2. Saliency maps
#
# The gradient of the class's score, and of its three channels the largest magnitude (Simonyan, Vedaldi and Zisserman 2014). Bright
# pixels are those that would move the score most. The gradient is a *slope*: if all pixels go a tiny step along it, the score rises
# by the step times the squared length of the gradient. That is easily tried.

# %%
objective = ClassScore(target=classes).bound(model, images)
maps = Saliency().attribute(model, images, objective, rng).maps
trace = model.trace(images)
scores, seeds = objective(trace)
gradient, _ = trace.backward(seeds)
assert np.allclose(np.abs(gradient).max(axis=1), maps, rtol=1e-4, atol=1e-7)

lengths = np.linspace(0, 3, 13)
unit = gradient / np.abs(gradient).max(axis=(1, 2, 3), keepdims=True)
measured = np.array([objective(model.trace((images + s * unit).astype(np.float32)))[0] - scores for s in lengths])
promised = lengths[:, None] * (gradient * unit).sum(axis=(1, 2, 3))
figure, axis = plt.subplots(figsize=(4.6, 2.6))
for i, colour in enumerate(("#557a95", "#c44", "#e0a030")):
    axis.plot(lengths, measured[:, i], "o", ms=3, color=colour, label=name_of(classes[i]))
    axis.plot(lengths, promised[:, i], "-", lw=1, color=colour)
axis.set(xlabel="largest change of a pixel (of 255)", ylabel="change of the score", title="dots: measured; lines: what the gradient promised")
axis.legend(frameon=False, fontsize=8)
assert np.allclose(measured[1], promised[1], rtol=0.2, atol=0.02)

# %%
smooth = SmoothGrad(samples=16).attribute(model, images, objective, rng).maps
sheet = [[model.deprocess(images)[i], maps[i], np.abs(smooth[i]), (model.deprocess(images)[i] * np.clip(np.abs(smooth[i]) / np.percentile(np.abs(smooth[i]), 98), 0.15, 1)[..., None]).astype(np.uint8)]
         for i in range(3)]  # fmt: skip
show(sheet, ["picture", "saliency", "mean over noisy copies", "laid over the picture"], [name_of(k) for k in classes])

# %% [markdown]
# The third column is SmoothGrad (Smilkov et al. 2017): the mean of the maps of sixteen noisy copies. What is left are places that do
# not hang on the last bit of a pixel.
#
# ## 3. Is it the network that draws this map?
#
# Edges look convincing whatever they mean. Adebayo et al. (2018) propose a check: give the network random weights, from the top
# down, and see whether the map notices.

# %%
fresh = model.initialized(np.random.default_rng(1)).params
stages = {"trained": set(), "scores random": {"scores"}, "and hidden": {"scores", "hidden"}, "everything": {k.split(".")[0] for k in fresh}}
drawn = {}
for stage, names in stages.items():
    twin = attrs.evolve(model, params={k: fresh[k] if k.split(".")[0] in names else v for k, v in model.params.items()})
    drawn[stage] = Saliency().attribute(twin, images[:1], objective.select(np.arange(1)), rng).maps[0]
show([[model.deprocess(images)[0], *drawn.values()]], ["picture", *drawn])
alike = np.corrcoef(drawn["trained"].ravel(), drawn["everything"].ravel())[0, 1]
assert alike < 0.8

# %% [markdown]
# ## 4. Fooling images
#
# Walk along the gradient of *another* class until the network believes in it (Szegedy et al. 2014). How little that takes is the
# point. The difference is shown fifteen times too strong.

# %%
targets = [model.class_index(t) if isinstance(t, str) else t for t in (np.argsort(-probabilities, axis=1)[:, 12]).tolist()]
wanted = ClassScore(target=tuple(int(t) for t in targets)).bound(model, images)
*_, last = Fooling(steps=60).frames(model, images, wanted, rng)
before, after = model.deprocess(images).astype(int), model.deprocess(last.images).astype(int)
show([[before[i].astype(np.uint8), after[i].astype(np.uint8), np.clip(128 + 15 * (after[i] - before[i]), 0, 255).astype(np.uint8)] for i in range(3)],
     ["before", "after", "difference × 15"], [f"{name_of(int(model.predict(images[i : i + 1]).argmax()))} →\n{name_of(targets[i])}" for i in range(3)])  # fmt: skip
assert (model.predict(last.images).argmax(axis=1) == targets).all()
assert last.facts["largest_change"].max() <= 12

# %% [markdown]
# On the way there: the probability of both classes, while one picture changes. A step of this walk changes a pixel by less than a
# tenth of one of its 256 values on average.

# %%
x, (low, high) = images[:1].copy(), model.pixel_range(images[:1])
target, start = targets[0], int(probabilities[0].argmax())
way = []
for _ in range(40):
    p = model.predict(x)[0]
    way.append((p[start], p[target]))
    trace = model.trace(x)
    seed = np.zeros_like(trace[model.scores])
    seed[0, target] = 1
    g = trace.backward({model.scores: seed})[0]
    x = np.clip(x + 8 * g / np.linalg.norm(g), low, high)
figure, axis = plt.subplots(figsize=(4.6, 2.4))
axis.plot(way, label=[name_of(start), name_of(target)])
axis.set(xlabel="step", ylabel="probability", ylim=(0, 1.02), title="from one belief to another")
axis.legend(frameon=False, fontsize=8)
assert way[-1][1] > way[0][1]
