"""How many sentences of the scenes' grammar come back word for word from the pictures that are dreamt of them.

    python tests/benchmarks/caption_dreams.py [COUNT] [--seed N] [SETTING=VALUE ...]

The sentences are captions of held-out scenes, so no setting was chosen on them.
"""

import argparse

import numpy as np

from phosphene_caption_dream import CaptionDream
from phosphene_captioning.objectives import CaptionSentence
from phosphene_core import Technique
from phosphene_registry import Registry
from phosphene_registry.loading import load
from phosphene_scenes import Scenes

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("count", nargs="?", type=int, default=20)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("settings", nargs="*", help="settings of caption_dream: tries=1 steps=100")
options = parser.parse_intermixed_args()

registry = Registry()
model = load(registry.catalogue, "scenes_captioner").model
made = registry.resolve(Technique, ":".join(["caption_dream", ",".join(options.settings)]).rstrip(":"))
assert isinstance(made, CaptionDream)
scenes = Scenes(side=48)
words = scenes.facts()["vocabulary"]
rows = np.random.default_rng(options.seed).choice(scenes.size("test"), options.count, replace=False)
blank = np.zeros((1, *model.input_shape), np.float32)
right = 0
for caption in scenes.batch("test", rows)["captions"]:
    sentence = " ".join(words[w] for w in caption if words[w][0] != "<")
    *_, last = made.frames(model, blank, CaptionSentence(sentence).bound(model, blank), np.random.default_rng(options.seed))
    right += bool(last.facts["word_for_word"][0])
    print(f"{sentence:60s} {last.facts['caption'][0]}", flush=True)
print(f"{right} of {options.count} word for word")
