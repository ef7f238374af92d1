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
# # 5. Something extra
#
# Everything so far was made of three pieces: a model that lets gradients through, a question, and a technique. Because they do not
# know each other, they can be put together in ways that nobody has planned. Three of them.
#
# Runs offline on sample photographs. With `flickr8k-1000.zip` in the folder that the environment variable `PHOSPHENE_DATA` names, the
# words of captions are shown on photographs from there.

# %%
import os
import zipfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from skimage import data as photographs

from phosphene_captioning import PictureCaptioner, beam_search
from phosphene_captioning.objectives import CaptionLogProb
from phosphene_cnn import CNN
from phosphene_core.heatmap import overlay
from phosphene_core.image import center_crop, decode, resize
from phosphene_gradcam import GradCAM
from phosphene_objectives import ClassScore, FeatureMatch, GramMatch
from phosphene_registry import Registry
from phosphene_saliency import Saliency
from phosphene_smoothgrad import SmoothGrad

plt.rcParams.update({"figure.dpi": 110, "font.size": 9})
DATA = Path(os.environ.get("PHOSPHENE_DATA", "no such folder"))
rng = np.random.default_rng(0)
model = CNN.pretrained()


def show(pictures, titles, size=1.7):
    """A row of pictures."""
    figure, axes = plt.subplots(1, len(pictures), figsize=(size * len(pictures), size + 0.4), squeeze=False)
    for axis, picture, title in zip(axes[0], pictures, titles, strict=True):
        axis.imshow(picture)
        axis.set_title(title, fontsize=8)
        axis.axis("off")
    figure.tight_layout()


# %% [markdown]
# ## 1. This and not that: Grad-CAM with a contrast
#
# Grad-CAM (Selvaraju et al. 2017) stops on its way back at a convolution, where things still have a place, and weighs each channel by
# its mean gradient. Ask it for one class, and it shows where the evidence is. Objectives can be added and subtracted, so ask it for
# one class *less another*: what in the picture tells the two apart?

# %%
picture = center_crop(photographs.chelsea())
images = model.preprocess([picture])
cat, dog = model.class_index("tabby"), model.class_index("golden retriever")
questions = {"tabby": ClassScore(target=cat), "golden retriever": ClassScore(target=dog), "tabby, not retriever": ClassScore(target=cat) - ClassScore(target=dog),
             "retriever, not tabby": ClassScore(target=dog) - ClassScore(target=cat)}  # fmt: skip
maps = {q: GradCAM().attribute(model, images, o.bound(model, images), rng).maps[0] for q, o in questions.items()}
show([picture, *(overlay(resize(picture, 192, 192), m) for m in maps.values())], ["the cat", *maps])
against = np.corrcoef(maps["tabby, not retriever"].ravel(), maps["retriever, not tabby"].ravel())[0, 1]
assert against < 0.5, "what speaks for one must not be what speaks for the other"

# %% [markdown]
# ## 2. The right picture in the wrong hand: style transfer
#
# Which features a layer has, and *where*, is what a picture shows. Which of its features occur *together*, wherever they are, is how it
# is painted: the Gram matrix (Gatys, Ecker and Bethge 2016). One picture from the places of the first and the company of the second.

# %%
content = resize(center_crop(photographs.chelsea()), 128, 128)
styles = {"bricks": photographs.brick(), "gravel": photographs.gravel(), "coffee": photographs.coffee()[:, 100:500]}
start = model.preprocess([content], square=False)
painted, losses = [content], {}
for name, style in styles.items():
    style = np.stack([style] * 3, axis=2) if style.ndim == 2 else style
    reference = model.preprocess([resize(center_crop(style), 128, 128)], square=False)
    same, company = FeatureMatch("conv3").bound(model, start), GramMatch.of(model, reference)
    values = []
    x = start.copy()
    question = company
    for step in range(60):
        trace = model.trace(x, upto="conv9")
        value, seeds = question(trace)
        near, pull = same(trace)
        gradient = trace.backward(seeds)[0]
        keep = trace.backward(pull)[0]
        gradient = gradient / np.abs(gradient).mean() + 0.5 * keep / max(1e-12, np.abs(keep).mean())
        x = np.clip(x + 3.0 * (1 - step / 60) * gradient / np.abs(gradient).mean(), *model.pixel_range(x)).astype(np.float32)
        values.append(-float(value[0]))
    losses[name] = values
    painted += [model.deprocess(reference)[0], model.deprocess(x)[0]]
    assert values[-1] < 0.3 * values[0]
show(painted, ["the cat", "bricks", "as bricks", "gravel", "as gravel", "coffee", "as coffee"], size=1.5)

# %%
figure, axis = plt.subplots(figsize=(4.4, 2.2))
for name, values in losses.items():
    axis.semilogy(values, label=name)
axis.set(xlabel="step", ylabel="distance of Gram matrices")
axis.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# The technique `style_transfer` does this with an optimizer that knows more (`phosphene run style_transfer photo.jpg --style painting.jpg`).
#
# ## 3. A map for every word
#
# The whole captioner, from pixels to words, is one network, so that a gradient comes back from any *word* to the picture. Every
# attribution that explains a class explains a word. Which pixels spoke for "dog", given "a brown" before it? The captioner learned
# from 800 photographs; look at what it looks at before you believe what it says.

# %%
captioner = PictureCaptioner.pretrained(Registry().resolve)
pictures = [photographs.chelsea(), photographs.rocket()]
if (DATA / "flickr8k-1000.zip").exists():
    with zipfile.ZipFile(DATA / "flickr8k-1000.zip") as archive:
        names = sorted(n for n in archive.namelist() if n.endswith(".jpg"))[-100:]
        pictures = [decode(archive.read(names[i])) for i in (3, 40)]
for picture in pictures:
    images = captioner.preprocess([picture])
    best = beam_search(captioner.speaker, captioner.features(images), forbid_unknown=True)[0][0]
    shown, titles, total = [resize(center_crop(picture), 128, 128)], ["photograph"], 0.0
    for place, token in enumerate(best.tokens[:9]):
        objective = CaptionLogProb(captioner, best.tokens, (place,))
        found = SmoothGrad(of=Saliency(), samples=8).attribute(captioner, images, objective, np.random.default_rng(1))
        total += float(Saliency().attribute(captioner, images, objective, rng).values[0])
        shown.append(overlay(shown[0], np.abs(found.maps[0])))
        titles.append(captioner.vocabulary_words[token])
    show(shown, titles, size=1.15)
    if len(best.tokens) <= 9:
        sentence = CaptionLogProb(captioner, best.tokens, tuple(range(len(best.tokens))))
        whole = Saliency().attribute(captioner, images, sentence, rng).values[0]
        assert abs(total - whole) < 1e-2, "the words' log-probabilities add up to the sentence's"
