"""What this distribution offers to Phosphene."""

from phosphene_core.hooks import Register, hookimpl


@hookimpl
def register_models(register: Register) -> None:
    from phosphene_scenes_captioner.model import ScenesCaptioner

    register("scenes_captioner", ScenesCaptioner)
