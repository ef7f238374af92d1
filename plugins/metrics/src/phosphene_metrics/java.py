"""METEOR and SPICE, which need Java and language tables: through pycocoevalcap where that is installed.

Denkowski and Lavie 2014 (METEOR 1.5); Anderson, Fernando, Johnson and Gould 2016 (SPICE). Everything else of this
package does without.
"""

import importlib
import importlib.util
import shutil
import subprocess
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from phosphene_core.errors import PhospheneError
from phosphene_metrics.pairs import Id, Pairs

SPICE_PARSER = ("stanford-corenlp-3.6.0.jar", "stanford-corenlp-3.6.0-models.jar")


@frozen
class JavaScores:
    """A score in 0..1 for all captions, and each image's own, in the order of the references."""

    score: float
    per_image: Mapping[Hashable, float] = field(repr=False)


def available(metric: Literal["meteor", "spice"] = "meteor") -> str | None:
    """None where the metric can be computed here; else one line that says what is missing and how to get it."""
    if importlib.util.find_spec("pycocoevalcap") is None:
        return f"{metric.upper()} needs pycocoevalcap: pip install 'phosphene-metrics[java]'"
    if shutil.which("java") is None:
        return f"{metric.upper()} needs Java, and there is no `java` on the PATH"
    if metric == "spice":
        spec = importlib.util.find_spec("pycocoevalcap.spice")
        folders = [Path(folder) / "lib" for folder in (spec.submodule_search_locations if spec else None) or []]
        if not any(all((folder / jar).is_file() for jar in SPICE_PARSER) for folder in folders):
            return "SPICE needs Stanford CoreNLP 3.6.0: run python -m pycocoevalcap.spice.get_stanford_models"
    return None


def meteor(
    candidates: Mapping[Id, str], references: Mapping[Id, Sequence[str]], *, tokenized: bool = False
) -> JavaScores:
    """METEOR 1.5. Takes what `evaluate` takes; raises `PhospheneError` where it is not `available`."""
    return _judged("meteor", Pairs.of(candidates, references, tokenized=tokenized))


def spice(
    candidates: Mapping[Id, str], references: Mapping[Id, Sequence[str]], *, tokenized: bool = False
) -> JavaScores:
    """SPICE's F-score. Takes what `evaluate` takes; raises `PhospheneError` where it is not `available`."""
    return _judged("spice", Pairs.of(candidates, references, tokenized=tokenized))


def _judged(metric: Literal["meteor", "spice"], pairs: Pairs[Any]) -> JavaScores:
    if reason := available(metric):
        raise PhospheneError(reason)
    scorer = getattr(importlib.import_module(f"pycocoevalcap.{metric}.{metric}"), metric.capitalize())
    numbered = range(len(pairs.ids))  # SPICE sorts the ids and writes them as JSON; ours may be anything
    theirs = {i: [" ".join(words) for words in pairs.references[i]] for i in numbered}
    mine = {i: [" ".join(pairs.candidates[i])] for i in numbered}
    try:
        score, each = scorer().compute_score(theirs, mine)
    except (ValueError, OSError, subprocess.SubprocessError) as error:
        raise PhospheneError(
            f"pycocoevalcap's {metric.upper()} failed; its Java program said nothing usable: {error}"
        ) from error
    values = [one["All"]["f"] if metric == "spice" else one for one in each]
    return JavaScores(float(score), dict(zip(pairs.ids, map(float, values), strict=True)))
