"""Every caption of the data folder, against pycocoevalcap: PHOSPHENE_DATA, or shared/data beside the repository."""

import csv
import io
import json
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from phosphene_metrics import evaluate, tokenize_all

pytest.importorskip("pycocoevalcap.bleu.bleu")
FOLDER = Path(os.environ.get("PHOSPHENE_DATA") or Path(__file__).resolve().parents[4] / "shared" / "data")
pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="no data folder"),
    pytest.mark.skipif(shutil.which("java") is None, reason="the PTB tokenizer needs Java"),
]


def flickr():
    captions = {}
    with zipfile.ZipFile(FOLDER / "flickr8k-1000.zip") as archive:
        text = archive.read("flickr8k-1000/captions.txt").decode("utf-8")
    for row in csv.DictReader(io.StringIO(text)):
        captions.setdefault(row["image"], []).append(row["caption"])
    return captions


def coco():
    captions = {}
    with zipfile.ZipFile(FOLDER / "coco-mini.zip") as archive:
        for name in sorted(archive.namelist()):
            if Path(name).name.startswith("captions_"):
                for row in json.loads(archive.read(name))["annotations"]:
                    captions.setdefault(row["image_id"], []).append(row["caption"])
    return captions


@pytest.mark.parametrize("read", [flickr, coco])
def test_tokens_and_scores_of_real_captions(read):
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.rouge.rouge import Rouge
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    captions = read()
    theirs = PTBTokenizer().tokenize({image: [{"caption": c} for c in several] for image, several in captions.items()})
    ours = tokenize_all(caption for several in captions.values() for caption in several)
    assert [" ".join(words) for words in ours] == [words for several in theirs.values() for words in several]

    # The last caption of each image, and the first of the image before, judged by the others.
    mine = {image: [several[-1]] for image, several in theirs.items()}
    wrong = dict(zip(mine, [list(theirs.values())[-1][:1], *([s[0]] for s in theirs.values())], strict=False))
    references = {image: several[:-1] for image, several in theirs.items()}
    for candidates in (mine, wrong):
        four, _ = Bleu(4).compute_score(references, candidates, verbose=0)
        expected = [*four, Rouge().compute_score(references, candidates)[0]]
        expected.append(Cider().compute_score(references, candidates)[0])
        scores = evaluate({image: one[0] for image, one in candidates.items()}, references, tokenized=True)
        found = [scores.bleu1, scores.bleu2, scores.bleu3, scores.bleu4, scores.rouge_l, scores.cider_d]
        np.testing.assert_allclose(found, expected, atol=1e-9)
