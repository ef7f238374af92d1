"""`phosphene caption`: what a captioner says of photographs, and which pixels spoke for each word."""

from pathlib import Path
from typing import Annotated, Any

import typer

from phosphene_captioning.speech import MOST, Speech

SPEECH = Speech()


def add(app: Any, registry: Any) -> None:
    """Add the command, and `phosphene train captioner`."""
    app.add_training("captioner", _trains, "captioner:recurrent=lstm", help="Train a captioner, on feature vectors or from pixels.")

    @app.command("caption")
    def caption(
        images: Annotated[list[Path], typer.Argument(help="Pictures.", metavar="IMAGE...")],
        model: Annotated[list[str] | None, typer.Option(help="A captioner, by name or file (default: the embedded one); given several times, all of them are asked as one.", metavar="MODEL")] = None,
        features: Annotated[Path | None, typer.Option(help="For a captioner of feature vectors: the folder that `data prepare captions` wrote, which tells how a picture becomes one.", metavar="DIR")] = None,
        save: Annotated[Path | None, typer.Option(help="Write the captioner, whole, from pixels, to this file: other commands take it as --model.", metavar="FILE")] = None,
        beam: Annotated[int, typer.Option(help="Beam width; 1 is greedy.")] = SPEECH.beam,
        groups: Annotated[int, typer.Option(help="Diverse beam search: groups of beams that must differ from each other.")] = SPEECH.groups,
        diversity: Annotated[float, typer.Option(help="What a word costs a later group for each earlier one that has it.")] = SPEECH.diversity,
        length_power: Annotated[float, typer.Option(help="Beams are ranked by log-probability / length ** this; 0 favours short captions.")] = SPEECH.length_power,
        best: Annotated[int | None, typer.Option(help="How many captions to show, and so many beams at least (default 3, or as many as there are beams).", min=1, max=MOST, show_default=False)] = None,
        temperature: Annotated[float, typer.Option(help="Draw at random with this temperature; 0 for beam search.")] = SPEECH.temperature,
        top_k: Annotated[int, typer.Option(help="Draw from so many of the likeliest words; 0 for all.")] = SPEECH.top_k,
        nucleus: Annotated[float, typer.Option(help="Draw from the likeliest words that hold this much probability.")] = SPEECH.nucleus,
        explain: Annotated[bool, typer.Option("--explain", help="Draw a map of the picture for every word.")] = False,
        technique: Annotated[str | None, typer.Option(help="The attribution that draws it, or attention: where a captioner that attends has looked (its default; else integrated_gradients).")] = None,
        output: Annotated[Path, typer.Option("--output", "-o", help="Where the maps go.")] = Path("out/captions"),
        seed: Annotated[int, typer.Option(help="Seed of everything that is random.")] = SPEECH.seed,
        json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    ) -> None:  # fmt: skip
        """Say what is in photographs."""
        import json as writer

        from phosphene_captioning.describing import Describer
        from phosphene_core.left_out import LeftOut
        from phosphene_core.modelfile import save_model

        speech = Speech(beam=beam, groups=groups, diversity=diversity, length_power=length_power, temperature=temperature,
                        top_k=top_k, nucleus=nucleus, seed=seed)  # fmt: skip
        describer = Describer(registry, model or (), features, speech, best or min(3, speech.most))
        if save is not None:
            save_model(describer.model, save)
        told: list[dict[str, Any]] = []
        left_out = LeftOut(len(images), lambda line: typer.echo(line, err=True))
        for image, found, best_one in describer.describe(images, left_out):
            if explain or technique:
                found["words"] = describer.explain(image, best_one, technique, output)
            told.append(found)
            if not json:
                for rank, one in enumerate(found["captions"]):
                    said = one["text"] or "(no words)"
                    typer.echo(f"{image}: {said}" if not rank else f"    {said}")
                    typer.echo(f"    log-probability {one['log_prob']:.2f}")
                if "words" in found:
                    typer.echo(f"    maps of its words: {found['words']}")
        if json and told:
            typer.echo(writer.dumps(told, indent=1))
        left_out.complain()


    @app.command("ensemble")
    def ensemble(
        members: Annotated[list[str], typer.Argument(help="Captioners' files: runs with other seeds, of the same words and features.", metavar="MODEL...")],
        output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.", metavar="FILE")],
    ) -> None:  # fmt: skip
        """Join captioners into one that says what they agree on: its scores of words are the means of theirs."""
        from phosphene_captioning.describing import joined
        from phosphene_core.modelfile import save_model

        save_model(joined(registry, members), output)
        typer.echo(f"{output}: {len(members)} captioners as one")


def _trains() -> tuple[type, ...]:
    from phosphene_captioning.captioner import Captioner
    from phosphene_captioning.picture_captioner import PictureCaptioner

    return Captioner, PictureCaptioner
