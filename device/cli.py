"""The command line: collects the commands and turns errors into one line and an exit status."""

from __future__ import annotations

import io
import logging
import os
import sys
from importlib.metadata import entry_points, version

import typer

from device.commands import (
    analyze,
    check,
    config,
    dataset,
    evaluate,
    gallery,
    keys,
    models,
    password,
    replay,
    run,
    self_test,
    settings,
    setup,
    teach,
    tokens,
    train,
    update,
    visits,
)
from device.commands.faults import tell_fault
from device.errors import LatchlensError
from device.supervisor import log_with_levels

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""Click's error for a command line that makes no sense; newer typers carry a click of their own."""

app = typer.Typer(
    name="latchlens",
    help="A smart camera that opens and shuts things by what it sees.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.command)
app.command("settings")(settings.command)
app.command("check")(check.command)
app.add_typer(config.app, name="config")
app.command("self-test")(self_test.command)
app.command("update")(update.command)
app.command("analyze")(analyze.command)
app.command("teach")(teach.command)
app.command("train")(train.command)
app.command("evaluate")(evaluate.command)
app.command("replay")(replay.command)
app.add_typer(visits.app, name="visits")
app.add_typer(dataset.app, name="dataset")
app.add_typer(models.app, name="models")
app.add_typer(gallery.app, name="gallery")
app.command("setup")(setup.command)
app.command("password")(password.command)
app.add_typer(tokens.app, name="tokens")
app.add_typer(keys.app, name="keys")
for entry in entry_points(group="latchlens.commands"):
    app.command(entry.name)(entry.load())


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"latchlens {version('latchlens')}")
        raise typer.Exit


@app.callback()
def options(
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Log everything, not only the story."),
    show_version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    """Options before the command."""
    del show_version
    level = logging.DEBUG if verbose else logging.INFO
    logging.basicConfig(level=level, stream=sys.stderr, format="%(message)s", force=True)
    log_with_levels()


def main() -> None:
    """Run the command line. Exit status: 0 well, 1 a fault was found, 2 the request does not make sense.

    69: `run` wants to be begun again, for its camera stays away; 75: for its owner asked for it.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()  # its reader left, as `| head` does
        sys.exit(1)
    except typer.Abort:
        sys.exit(130)  # Ctrl-C, as a shell counts it
    except (LatchlensError, OSError, UsageError) as error:
        tell_fault(_in_words(error))
        if _is_of_output(error):
            _drop_output()
        sys.exit(2 if isinstance(error, UsageError) else getattr(error, "status", 1))
    sys.exit(status)


def _drop_output() -> None:
    """What is still buffered goes nowhere: trying again at exit would only complain once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _in_words(error: BaseException) -> str:
    if isinstance(error, UsageError):
        where = context.command_path if (context := getattr(error, "ctx", None)) else "latchlens"
        return f"{error.format_message().rstrip('.')}; see `{where} --help`"  # type: ignore[attr-defined]
    if isinstance(error, OSError) and not isinstance(error, LatchlensError):
        return f"{'standard output' if _is_of_output(error) else error.filename}: {error.strerror or error}"
    return str(error)


def _is_of_output(error: BaseException) -> bool:
    """A full disk behind standard output: the only file that goes without a name."""
    return isinstance(error, OSError) and not isinstance(error, LatchlensError) and not error.filename
