"""The page of the command line: every command with its arguments and options, from the command itself."""

from typing import Any

from markdown_text import cell, prose, table


def text(registry: Any) -> str:
    """Markdown."""
    import typer

    from phosphene_registry.app import build

    group = typer.main.get_command(build(registry, print))
    made = "# Commands\n\nEverything that `phosphene` understands here. `phosphene COMMAND --help` tells the same.\n\n"
    return made + _options(group) + "".join(_told(c, f"phosphene {n}", 2) for n, c in _inside(group))


def _inside(group: Any) -> list[tuple[str, Any]]:
    context = group.context_class(group)
    found = [(n, c) for n in group.list_commands(context) if (c := group.get_command(context, n)) and not c.hidden]
    return [(n, c.made() if hasattr(c, "made") else c) for n, c in found]


def _told(command: Any, name: str, level: int) -> str:
    made = f"{'#' * level} {name}\n\n{prose(_paragraphs(command.help))}\n\n"
    if name == "phosphene run":  # each technique has the options of all, and its own settings
        inside = _inside(command)
        made += "The techniques: " + ", ".join(f"[{n}](reference/techniques/{n}.md)" for n, _ in inside) + ".\n\n"
        shared = [{p.name for p in c.params} for _, c in inside]
        first = inside[0][1]
        first.params = [p for p in first.params if p.name in set.intersection(*shared)]
        options = _options(first).replace(inside[0][0], "TECHNIQUE")
        return made + "Options of all of them; each has its own settings besides:\n\n" + options
    if hasattr(command, "list_commands"):
        return made + "".join(_told(c, f"{name} {n}", level + 1) for n, c in _inside(command))
    return made + _options(command)


def _paragraphs(help: str | None) -> str:
    return (help or "").replace("\\[", "[").strip()


def _options(command: Any) -> str:
    rows = []
    for parameter in command.params:
        if parameter.name == "help" or getattr(parameter, "hidden", False):
            continue
        argument = parameter.param_type_name == "argument"
        name = f"{(parameter.metavar or parameter.name).upper()}" if argument else ", ".join(f"`{o}`" for o in parameter.opts)
        rows.append((name, cell(_paragraphs(getattr(parameter, "help", "")))))
    return table(("", ""), rows) + "\n" if rows else ""
