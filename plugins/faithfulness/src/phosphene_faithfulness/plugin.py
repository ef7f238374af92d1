"""What this plugin registers: the command `phosphene judge`."""

from typing import Any

from phosphene_core.hooks import hookimpl


@hookimpl
def register_commands(app: Any, registry: Any) -> None:
    from phosphene_faithfulness import command

    command.add(app, registry)
