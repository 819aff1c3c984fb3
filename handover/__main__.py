"""The command line. Each command is read only when it is asked for, so that `handover --help` is quick."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from handover import __version__
from handover.commands.telling import sentence
from handover.errors import HandoverError

# The word people type, and the line that `handover --help` says about it; the file in handover/commands is named alike.
COMMANDS = {
    "demo": "Try everything with invented people, on this machine.",
    "demo-talk": "In a demo: a talk right now, with everybody's address.",
    "serve": "Serve the pages.",
    "check": "Say whether everything the service leans on is in order.",
    "smoke-call": "Let two synthetic participants meet in the running service.",
    "organisation": "Add and list organisations.",
    "user": "Add staff, let them choose a new password, close their account.",
    "token": "Give a program of an organisation its way in.",
    "offers": "Fetch the catalogue of offers from a file, or write it to one.",
}


class Commands(click.Group):
    """The commands of `COMMANDS`; what goes wrong is told in one sentence, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"handover.commands.{cmd_name.replace('-', '_')}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except HandoverError as error:
            raise click.ClickException(sentence(error)) from error


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Settings come from the environment (HANDOVER_…) or from handover.toml; docs/settings.md lists them.",
)
@click.version_option(__version__, prog_name="handover")
def main() -> None:
    """Handover: the conversation about what comes after hospital, from booking to figures.

    \b
    Try it:        handover demo
    First start:   handover serve            (prints a link that makes the first administrator)
    Every day:     handover check
    """


if __name__ == "__main__":
    main(prog_name="handover")
