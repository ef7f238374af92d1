"""`phosphene evaluate MODEL --data SPEC`: how often a model is right."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from phosphene_core.errors import SettingError
from phosphene_core.model import ImageModel
from phosphene_core.options import build, options_of, settings_of
from phosphene_registry.completion import names
from phosphene_registry.console import show_json, show_remarks, show_table
from phosphene_registry.flags import Flag, united, with_flags
from phosphene_registry.lazy_group import lazy_command

if TYPE_CHECKING:
    from phosphene_registry.app import App
    from phosphene_registry.loading import Loaded
    from phosphene_registry.registry import Registry

SHOWN = 5
OWN = {"model", "data", "split", "batch-size", "batch_size", "limit", "per_class", "per_image", "json", "help"}
HELP = (
    "Measure a model on a data set: a classifier's top-1 and top-5, class by class; BLEU, ROUGE-L, CIDEr-D, ... of what a "
    "captioner says first."
)


def add(app: "App") -> None:
    """Add the command."""
    make = lambda: command_for(app.registry)  # noqa: E731
    app.command("evaluate", lambda: None, help=HELP, cls=lazy_command("evaluate", make))


def command_for(registry: "Registry") -> Callable[..., Any]:
    """The function behind `phosphene evaluate`, with an option for every setting of how models are asked."""

    def evaluate(
        model: Annotated[str, typer.Argument(help="A model by name, a model file, or a run's folder.", metavar="MODEL",
                                             autocompletion=names(registry, "model"))],
        data: Annotated[str, typer.Option(help="The data: NAME[:PATH][,key=value...].", metavar="SPEC",
                                          autocompletion=names(registry, "dataset"))],
        split: Annotated[str, typer.Option(help="The part of the data to evaluate on.")] = "val",
        batch_size: Annotated[int, typer.Option(help="Examples at a time.", min=1)] = 100,
        limit: Annotated[int | None, typer.Option(help="Use only so many examples.", min=1, show_default=False)] = None,
        per_class: Annotated[bool, typer.Option("--per-class", help="Show every class, not just extremes.")] = False,
        per_image: Annotated[bool, typer.Option("--per-image", help="Of a captioner: show each picture's caption and scores.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
        *,
        given: dict[str, dict[str, Any]],
    ) -> None:  # fmt: skip
        from phosphene_core.dataset import Dataset
        from phosphene_registry.loading import load

        show_remarks()
        loaded = load(registry.catalogue, model)
        dataset = registry.resolve(Dataset, data)
        dataset.check_split(split)
        manner = _manner(loaded, given.get("manner", {}))
        classifier = isinstance(loaded.model, ImageModel) and bool(loaded.model.class_names)
        found = {"model": loaded.source, "data": data, "split": split}
        if classifier:
            found |= _classify(loaded.model, dataset, split, batch_size, limit)
        else:
            found |= _measure(loaded.model, dataset, split, batch_size, limit, manner)
        if not per_image:
            found.pop("images", None)
        if json:
            show_json(found)
        else:
            _tell(found, per_class)

    evaluate.__doc__ = HELP
    return with_flags(evaluate, _flags(registry))


def _flags(registry: "Registry") -> list[Flag]:
    manners = {e.name: options_of(m) for e in registry.entries("model").values() if (m := e.cls.manner()) is not None}
    return united(manners, "How a captioner is asked", "manner", OWN)


def _manner(loaded: "Loaded", given: dict[str, Any]) -> Any:
    """How the model is to be asked; None as is usual. `SettingError` if there is no other way."""
    manner = type(loaded.model).manner()
    if manner is None:
        if given:
            name = next(iter(given))
            raise SettingError(f"{loaded.source} is asked in one way only; --{name.replace('_', '-')} is for captioners")
        return None
    return build(manner, given)


def _classify(model: Any, dataset: Any, split: str, batch_size: int, limit: int | None) -> dict[str, Any]:
    from phosphene_registry.evaluation import evaluate
    from phosphene_registry.progress import steps_bar

    started = time.perf_counter()
    count = min(dataset.size(split), limit or dataset.size(split))
    with steps_bar("top1", "rate") as bar:
        task = bar.add_task(f"evaluating {split}", total=count, top1="", rate="")
        for score in evaluate(model, dataset, split, batch_size, limit):
            rate = score.examples / (time.perf_counter() - started)
            bar.update(task, completed=score.examples, top1=f"top-1 {score.share(1):.1%}", rate=f"{rate:,.0f} images/s")
    return score.described() | {"seconds": round(time.perf_counter() - started, 3)}


def _measure(
    model: Any, dataset: Any, split: str, batch_size: int, limit: int | None, manner: Any
) -> dict[str, Any]:
    """The loss and the measures of a model that is no classifier, asked in this manner."""
    from phosphene_core.trainer import evaluate

    started = time.perf_counter()
    losses = evaluate(model, dataset, split, batch_size, limit, read=model.reading(dataset.facts()))
    judgement = model.judgement(dataset, split, limit, **({} if manner is None else {"manner": manner}))
    asked = {} if manner is None else {"asked": settings_of(manner)}
    return asked | {
        "measures": losses | dict(judgement.measures), "remarks": list(judgement.remarks),
        "images": [dict(one) for one in judgement.each], "seconds": round(time.perf_counter() - started, 3),
    }  # fmt: skip


def _tell(found: dict[str, Any], per_class: bool) -> None:
    if "measures" in found:
        for name, value in found["measures"].items():
            sys.stdout.write(f"{name} {value:.4g}\n")
        for remark in found["remarks"]:
            sys.stdout.write(f"{remark}\n")
        if images := found.get("images"):
            names = [k for k, v in images[0].items() if isinstance(v, float)]
            rows = [(i["name"], i["text"], *(f"{i[k]:.3f}" for k in names)) for i in images]
            show_table("", ("picture", "caption", *(n.replace("_", " ") for n in names)), rows)
        return
    examples = found["examples"]
    for words, key in (("top-1", "top1"), ("top-5", "top5")):
        sys.stdout.write(f"{words} {found[key]:.2%} ({found[key + '_correct']:,} of {examples:,})\n")
    sys.stdout.write(f"loss {found['loss']:.4f}, {examples / max(found['seconds'], 1e-9):,.0f} images/s\n")
    ranked = sorted(found["classes"], key=lambda c: -c["top1"])
    rows = [(c["class"].split(",")[0], c["id"] or "", str(c["examples"]), f"{c['top1']:.1%}", f"{c['top5']:.1%}")
            for c in ranked]  # fmt: skip
    if not per_class and len(rows) > 2 * SHOWN:
        rows = [*rows[:SHOWN], ("...", "", "", "", ""), *rows[-SHOWN:]]
    show_table("", ("class", "id", "examples", "top-1", "top-5"), rows)
