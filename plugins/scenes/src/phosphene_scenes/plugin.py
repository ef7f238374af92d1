"""What this plugin offers."""

from phosphene_core.hooks import Register, hookimpl
from phosphene_scenes.dataset import Scenes


@hookimpl
def register_datasets(register: Register) -> None:
    register("scenes", Scenes)
