"""`phosphene judge TECHNIQUE...`: which map is right."""

from pathlib import Path
from typing import Annotated, Any

import typer

ON = "scenes:objects=3"


def add(app: Any, registry: Any) -> None:
    """Add the command."""

    @app.command("judge")
    def judge(
        techniques: Annotated[
            list[str] | None,
            typer.Argument(help="Techniques with their settings: saliency gradcam:variant=layercam (default: every one "
                           "that draws maps).", metavar="TECHNIQUE...", show_default=False)] = None,
        on: Annotated[
            list[Path] | None,
            typer.Option(help="Photographs, or a folder of them, in the place of scenes.", metavar="IMAGE")] = None,
        data: Annotated[str, typer.Option(help="The scenes.", metavar="SPEC")] = ON,
        split: Annotated[str, typer.Option(help="The scenes' split.")] = "test",
        model: Annotated[
            str | None,
            typer.Option(help="A model by name, or a file: a classifier, or on scenes a captioner too (default: "
                         "scene_classifier on scenes, the embedded classifier on photographs).", metavar="NAME|FILE"),
        ] = None,
        target: Annotated[
            str | None, typer.Option(help="The class to ask photographs about (default: the model's own prediction).")
        ] = None,
        cover: Annotated[
            str, typer.Option(help="What photographs are covered with: blur, mean, black or white.")] = "blur",
        count: Annotated[int, typer.Option(help="Questions to ask, at most.", min=1)] = 32,
        margin: Annotated[int, typer.Option(help="Pixels by which a map may point beside the thing.", min=0)] = 0,
        seed: Annotated[int, typer.Option(help="Seed of everything that is random.", min=0)] = 0,
        output: Annotated[Path, typer.Option("--output", "-o", help="Where results go.")] = Path("out/judge"),
        json: Annotated[bool, typer.Option("--json", help="Print what result.json holds.")] = False,
    ) -> None:  # fmt: skip
        """Measure how faithful maps are to the model, beside a random map and an edge detector.

        On scenes, whose truth is known, the map should lie on the thing that is asked about and not on the others.
        """
        from phosphene_faithfulness.session import Session

        session = Session(registry, seed)
        if on:
            session.ask_pictures(model or "cnn", on, target, cover, count)
        else:
            session.ask_scenes(model or "scene_classifier", data, split, count)
        session.run(techniques or [], margin, output, show=not json)
        if json:
            typer.echo(session.json)
