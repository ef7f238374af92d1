"""What this plugin registers."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_captioning.captioner import Captioner
    from phosphene_captioning.picture_captioner import PictureCaptioner

    register("captioner", Captioner)
    register("picture_captioner", PictureCaptioner)


@hookimpl
def register_layers(register: Register) -> None:
    from phosphene_captioning.reduce import Reduce

    register("reduce", Reduce)


@hookimpl
def register_objectives(register: Register) -> None:
    from phosphene_captioning.objectives import CaptionSentence, CaptionWord

    register("caption_word", CaptionWord)
    register("caption_sentence", CaptionSentence)


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    from phosphene_captioning import commands

    commands.add(app, registry)


@hookimpl
def demo_section(registry: Any, folder: Any) -> str | None:
    from phosphene_captioning import demonstration

    return demonstration.section(registry, folder)


@hookimpl
def register_benchmarks(register: Any, registry: Any) -> None:
    from phosphene_captioning import benchmarks

    benchmarks.add(register, registry)
