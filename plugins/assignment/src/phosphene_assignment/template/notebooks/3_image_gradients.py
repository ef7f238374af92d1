# %% [markdown]
# # Part 3: image gradients
#
# Write the functions in `assignment3/image_gradients.py`.

# %%
# %load_ext autoreload
# %autoreload 2
import sys

sys.path.insert(0, "..")
import numpy as np
from assignment3 import image_gradients
from assignment3.looking import classifier, photographs, sheet

model = classifier()
X = photographs(model)
pictures = model.deprocess(X)
name_of = [n.split(",")[0] for n in model.class_names]

# %% [markdown]
# ## Saliency maps
#
# Of three photographs, for the class that is in them.

# %%
y = np.array([model.class_index(n) for n in ("tabby", "espresso", "projectile")])
maps = image_gradients.compute_saliency_maps(model, X, y)
assert maps.shape == (3, 64, 64) and maps.min() >= 0
sheet([p for pair in zip(pictures, maps, strict=True) for p in pair], [t for k in y for t in (name_of[k], "saliency")])

# %% [markdown]
# A map is a slope: if one pixel's largest channel goes up by a little, the score moves by that much times the map, up or down. Try it at the
# brightest place of each.

# %%
for i in range(3):
    row, column = np.unravel_index(maps[i].argmax(), maps[i].shape)
    moves = []
    for channel in range(3):
        moved = X[i : i + 1].copy()
        moved[0, channel, row, column] += 1
        moves.append(float(model.trace(moved)["scores"][0, y[i]] - model.trace(X[i : i + 1])["scores"][0, y[i]]))
    assert np.isclose(np.abs(moves).max(), maps[i].max(), rtol=0.1)

# %% [markdown]
# ## Fooling images

# %%
targets = np.argsort(-model.predict(X), axis=1)[:, 7]
fooled = np.concatenate([image_gradients.make_fooling_image(model, X[i : i + 1], int(targets[i])) for i in range(3)])
seen = model.predict(fooled).argmax(axis=1)
assert (seen == targets).all()
change = fooled - X
sheet([p for i in range(3) for p in (pictures[i], model.deprocess(fooled)[i], np.clip(128 + 8 * change[i].transpose(1, 2, 0), 0, 255).astype(np.uint8))],
      [t for i in range(3) for t in (name_of[int(model.predict(X)[i].argmax())], name_of[int(seen[i])], "difference × 8")], columns=3)
