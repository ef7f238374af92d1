"""What this distribution offers to Phosphene."""

from typing import Any

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_scenes_captioner.model import ScenesCaptioner

    register("scenes_captioner", ScenesCaptioner)


@hookimpl
def demo_section(registry: Any, folder: Any) -> str | None:
    from phosphene_scenes_captioner import demonstration

    return demonstration.section(registry, folder)
