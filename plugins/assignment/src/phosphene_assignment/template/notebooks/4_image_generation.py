# %% [markdown]
# # Part 4: image generation
#
# Write the functions in `assignment3/image_generation.py`.

# %%
# %load_ext autoreload
# %autoreload 2
import sys

sys.path.insert(0, "..")
import numpy as np
from assignment3 import image_generation
from assignment3.looking import classifier, photographs, sheet

model = classifier()
X = photographs(model)
name_of = [n.split(",")[0] for n in model.class_names]

# %% [markdown]
# ## Class visualization
#
# With jitter and blur, and without: what are they good for?

# %%
made, titles = [], []
for name in ("monarch", "espresso", "beacon"):
    target = model.class_index(name)
    for jitter, blur_every in ((4, 1), (0, 0)):
        picture = image_generation.create_class_visualization(model, target, np.random.default_rng(0), steps=30, max_jitter=jitter, blur_every=blur_every)
        assert model.predict(picture)[0, target] > 0.5
        made.append(model.deprocess(picture)[0])
        titles.append(name if jitter else "without")
sheet(made, titles)

# %% [markdown]
# ## Feature inversion
#
# From a low layer the photograph comes back; from a higher one, less and less.

# %%
made, titles, alike = [model.deprocess(X)[0]], ["photograph"], []
for layer, learning_rate in (("conv1", 200.0), ("conv2", 60.0), ("conv3", 120.0), ("conv5", 300.0)):
    features = model.trace(X[:1], upto=layer)[layer]
    picture = image_generation.invert_features(model, features, layer, np.random.default_rng(0), steps=60, learning_rate=learning_rate, blur_every=2)
    alike.append(np.corrcoef(picture.ravel(), X[0].ravel())[0, 1])
    made.append(model.deprocess(picture)[0])
    titles.append(f"{layer}: {alike[-1]:.2f}")
sheet(made, titles, columns=5)
assert alike[0] > 0.8

# %% [markdown]
# ## DeepDream

# %%
made, titles = [model.deprocess(X)[0]], ["photograph"]
for layer, learning_rate in (("conv2", 20.0), ("conv4", 60.0), ("conv5", 100.0), ("conv7", 400.0)):
    picture = image_generation.deepdream(model, X[:1], layer, np.random.default_rng(0), steps=20, learning_rate=learning_rate, max_jitter=8)
    before, after = (float(np.square(model.trace(v, upto=layer)[layer]).sum()) for v in (X[:1], picture))
    assert after > 1.2 * before
    made.append(model.deprocess(picture)[0])
    titles.append(layer)
sheet(made, titles, columns=5)
