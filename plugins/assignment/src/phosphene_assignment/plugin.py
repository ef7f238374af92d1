"""What this plugin registers: the commands `phosphene assignment start`, `grade` and `submit`."""

from typing import Any

from phosphene_core.hooks import hookimpl


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    from phosphene_assignment import commands

    commands.add(app)
