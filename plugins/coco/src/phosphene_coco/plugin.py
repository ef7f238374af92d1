"""What this plugin registers: the data set `coco`, and `phosphene data prepare`."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_datasets(register: Register) -> None:
    from phosphene_coco.dataset import CocoCaptions

    register("coco", CocoCaptions)


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    @app.command("data prepare")
    def prepare(
        kind: Annotated[str, typer.Argument(help="what to prepare: captions")],
        source: Annotated[Path, typer.Argument(help="COCO's captions_*.json or Flickr's captions.txt with their pictures: a folder or a zip")],
        output: Annotated[Path, typer.Option("--output", "-o", help="the folder to write")] = Path("coco_captioning"),
        encoder: Annotated[str | None, typer.Option(help="the model that looks: a name or a file")] = None,
        activation: Annotated[str, typer.Option(help="its activation that describes a picture")] = "hidden",
        dimensions: Annotated[int, typer.Option(help="PCA to so many dimensions; 0 for none", min=0)] = 0,
        least: Annotated[int, typer.Option(help="how often a word must occur to be known", min=1)] = 2,
        length: Annotated[int, typer.Option(help="tokens of a caption, <START> and <END> included", min=3)] = 17,
        skip_missing: Annotated[bool, typer.Option(help="leave out pictures that are missing or damaged")] = False,
    ) -> None:  # fmt: skip
        """Turn captioned pictures and an encoder into the course's coco_captioning layout."""
        from phosphene_coco.captioned import read
        from phosphene_coco.place import Place
        from phosphene_coco.prepare import prepare as run
        from phosphene_core import ImageModel
        from phosphene_core.errors import unknown

        if kind != "captions":
            raise unknown("thing to prepare", kind, ["captions"])
        place = Place(source)
        splits = read(place)
        name = encoder or "cnn"
        model = registry.resolve(ImageModel, name)
        if activation not in model.activations:
            raise unknown("activation", activation, model.activations)
        with typer.progressbar(length=sum(map(len, splits.values())), label="looking", file=sys.stderr) as bar:
            done = run(place, splits, model, activation, output, encoder_name=str(Path(name).resolve()) if Path(name).is_file() else name, dimensions=dimensions or None, least=least, length=length,
                       skip_missing=skip_missing, progress=bar.update)  # fmt: skip
        parts = [f"{n} pictures and {done.captions[s]} captions for {s}" for s, n in done.pictures.items()]
        some = ", ".join(done.missing[:3]) + (", ..." if len(done.missing) > 3 else "")
        left = f"; left out: {len(done.missing)} picture{'s' * (len(done.missing) > 1)} ({some})" if done.missing else ""
        typer.echo(f"{output}: {', '.join(parts)}; {done.words} words{left}; features of {done.width:,} numbers, {done.kept_variance:.1%} of the variance kept")
