# %% [markdown]
# # Part 5: something extra
#
# Write `extra` and `about` in `assignment3/extra.py`: any pictures that show something of the network's inside, and what they show.

# %%
# %load_ext autoreload
# %autoreload 2
import sys

sys.path.insert(0, "..")
import numpy as np
from assignment3 import extra
from assignment3.looking import classifier, photographs, sheet
from IPython.display import Markdown

model = classifier()
for X in photographs(model)[:, None]:
    pictures = extra.extra(model, X, np.random.default_rng(0))
    sheet([model.deprocess(X)[0], *pictures], ["the picture"] + [f"{i + 1}" for i in range(len(pictures))])
    assert pictures.dtype == np.uint8 and pictures.ndim == 4 and pictures.shape[3] == 3
assert len(extra.about().split()) >= 80

# %%
Markdown(extra.about())
