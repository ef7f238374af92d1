"""What this plugin offers."""

from phosphene_core.hooks import Register, hookimpl
from phosphene_tinyimagenet.dataset import TinyImageNet


@hookimpl
def register_datasets(register: Register) -> None:
    register("tinyimagenet", TinyImageNet)
