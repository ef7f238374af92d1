"""A captioner beside two that never look or never think: the most typical training caption for every picture, and the
caption of the nearest training picture. CIDEr-D and BLEU on a split that none of them has seen.

usage: python tests/benchmarks/captions_vs_baselines.py FOLDER MODEL [--split test] [--beam 5]
FOLDER: what `phosphene data prepare captions` wrote; MODEL: a captioner's file.
"""

import argparse

import numpy as np

from phosphene_captioning.judging import captions_for
from phosphene_coco.dataset import CocoCaptions
from phosphene_core import Model
from phosphene_metrics import evaluate
from phosphene_registry import Registry


def typical(captions: list[list[str]]) -> str:
    """The training caption that agrees best with all the others, by CIDEr-D against a sample of pictures."""
    rng = np.random.default_rng(0)
    sample = [captions[i] for i in rng.choice(len(captions), min(200, len(captions)), replace=False)]
    candidates = [c for said in sample for c in said[:1]]
    references = dict(enumerate(sample))

    def score(candidate: str) -> float:
        return evaluate(dict.fromkeys(references, candidate), references).cider_d

    return max(candidates, key=score)


def nearest(train: np.ndarray, captions: list[list[str]], features: np.ndarray) -> list[str]:
    """For each row of features, the first caption of the training picture with the most similar direction."""

    def unit(a: np.ndarray) -> np.ndarray:
        a = a - train.mean(axis=0)
        return a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-9)

    return [captions[i][0] for i in (unit(features) @ unit(train).T).argmax(axis=1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("model")
    parser.add_argument("--split", default="test")
    parser.add_argument("--beam", type=int, default=5)
    given = parser.parse_args()
    data = CocoCaptions(given.folder)
    train, said = data.pictures("train")
    train = np.asarray(train)
    features, references = data.pictures(given.split)
    features = np.asarray(features)
    model = Registry().resolve(Model, given.model)
    speaker = getattr(model, "speaker", model)
    told = {
        "most typical training caption": [typical(said)] * len(features),
        "caption of the nearest training picture": nearest(train, said, features),
        "captioner, greedy": [c.text(speaker.vocabulary) for c in captions_for(speaker, features)],
        f"captioner, beam {given.beam}": [c.text(speaker.vocabulary) for c in captions_for(speaker, features, given.beam)],
    }
    print(f"{'':42} CIDEr-D  BLEU-1  BLEU-4  ROUGE-L  distinct")
    for name, captions in told.items():
        s = evaluate(dict(enumerate(captions)), dict(enumerate(references)))
        print(f"{name:42} {s.cider_d:7.3f} {s.bleu1:7.3f} {s.bleu4:7.3f} {s.rouge_l:8.3f} {s.distinct_captions:9d}")


if __name__ == "__main__":
    main()
