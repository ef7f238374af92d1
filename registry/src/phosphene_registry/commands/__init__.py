"""The commands that come with the registry, a file each."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phosphene_registry.app import App

ORDER = ("run", "train", "evaluate", "check", "plugins", "techniques", "objectives", "models", "layers", "optimizers",
         "datasets")  # fmt: skip
INSTALLED = "What is installed"


def add_all(app: "App") -> None:
    """Add every command to `app`, in the order in which help lists them."""
    from phosphene_registry.commands import check, evaluate, listing, plugins, run, train

    for command in (run, train, evaluate, check, plugins, listing):
        command.add(app)
