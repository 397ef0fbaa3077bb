"""`portal completion`: what a shell needs to complete this command's words."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_PORTAL_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL, to be put where it reads such scripts."""
    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(context.find_root().command, {}, "portal", VARIABLE).source())


COMMANDS = (completion,)
