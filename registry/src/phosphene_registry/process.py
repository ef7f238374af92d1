"""One command line in a process: its exit code, and how a mistake is told.

0: done. 1: a check failed. 2: a user's mistake, told in one line. (130: stopped with Ctrl-C; see `main`.)
"""

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from phosphene_core.errors import PhospheneError
from phosphene_registry import discovery
from phosphene_registry.console import say

if TYPE_CHECKING:
    from phosphene_registry.registry import Registry

DONE, FAILED, MISTAKE = 0, 1, 2
FULL = (errno.ENOSPC, errno.EDQUOT)
COMPLETION = "_PHOSPHENE_COMPLETE"


def run(arguments: Sequence[str], registry: "Registry | None" = None) -> int:
    """The exit code of one command line. `registry`: what the commands are built from (default: what is installed)."""
    debug = "--debug" in arguments
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files, and terminals that know only ASCII
    try:
        rest, plugin_options = global_options(arguments)
        code = _execute(rest, registry or _registry(plugin_options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader has gone (`phosphene layers | head`): nothing to say
        _close_stdout()
        return DONE
    except PhospheneError as error:
        if debug:
            traceback.print_exc()
        say(f"phosphene: {_one_line(error)}")
        return MISTAKE
    except MemoryError as error:
        if debug:
            traceback.print_exc()
        say(f"phosphene: there is not enough memory{': ' * bool(str(error))}{str(error) and _one_line(error)}; "
            "take smaller pictures, batches or models")  # fmt: skip
        return MISTAKE
    except Exception as error:
        if debug:
            traceback.print_exc()
        if isinstance(error, OSError) and error.errno in FULL:  # what is written to files tells so itself: it was the output
            say(f"phosphene: cannot write the output: {error.strerror}")
            _close_stdout()
            return MISTAKE
        say(f"phosphene: a defect, please report it: {type(error).__name__}: {_one_line(error)} (--debug shows where)")
        return FAILED


def global_options(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """`-p VALUE` and `--debug` may stand anywhere: (the other arguments, the values of -p)."""
    rest: list[str] = []
    values: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "-p":
            value = next(waiting, None)
            if value is None:
                raise PhospheneError("-p needs the name of a module to load, or no:NAME to leave a plugin out")
            values.append(value)
        elif argument.startswith("-p") and not argument.startswith("--"):
            values.append(argument[2:])
        elif argument != "--debug":
            rest.append(argument)
    return rest, values


def _registry(plugin_options: list[str]) -> "Registry":
    """What is installed, and what `-p` says; modules named there that do not load are reported."""
    from phosphene_registry.registry import Registry

    load, leave = discovery.chosen(plugin_options)
    registry = Registry(load=load, disable=leave)
    for name in load:
        if registry.plugins[name].reason:
            say(f"phosphene: the plugin {name} {registry.plugins[name].reason}")
    return registry


def _execute(arguments: list[str], registry: "Registry") -> int:
    import typer

    from phosphene_registry.app import build

    command = typer.main.get_command(build(registry, say))
    if COMPLETION in os.environ:
        command.main(arguments, prog_name="phosphene")
    try:
        with command.make_context("phosphene", list(arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        return _told_by_typer(error)
    return result if isinstance(result, int) else DONE


def _told_by_typer(error: Exception) -> int:
    """Usage errors of the command line as one line. They have no public class; they know how to put themselves."""
    if not hasattr(error, "format_message"):
        raise error
    message = " ".join(str(error.format_message()).split()).rstrip(".")
    context: Any = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # the message is the help page
        say(str(error.format_message()))
    else:
        say(f"phosphene: {message} (see `{context.command_path if context else 'phosphene'} --help`)")
    return MISTAKE


def _one_line(error: BaseException) -> str:
    """The message in one line. What a file says of itself may hold what would move a terminal's cursor."""
    text = " ".join(str(error).split()) or type(error).__name__
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _close_stdout() -> None:
    """Keep the interpreter from complaining when it flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
