"""`portal`: reads what was typed, and turns whatever goes wrong into words and an exit code."""

from __future__ import annotations

import sys

import click

from portal_cli import __version__
from portal_cli.commands import account, completion, files, getting, sending, shares
from portal_cli.context import Context
from portal_cli.problems import Problem, UsageProblem

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="portal")
@click.option(
    "--portal", "address", default="", metavar="URL", help="Which portal; else PORTAL_URL, or the last."
)
@click.option("--json", "as_json", is_flag=True, help="Answers and errors as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress, no remarks.")
@click.option(
    "--connections",
    default=8,
    show_default=True,
    type=click.IntRange(1, 64),
    help="At the same time, to the storage.",
)
@click.pass_context
def cli(context: click.Context, address: str, as_json: bool, quiet: bool, connections: int) -> None:
    """Send files through the file portal, see what became of them, and fetch what was sent.

    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 refused, 5 not there, 6 unreachable (try
    again), 7 checksum differs, 8 code needed, 130 interrupted.
    """
    context.obj = Context(address, as_json, quiet, connections)


for each in (account, sending, shares, files, getting, completion):
    for command in each.COMMANDS:
        cli.add_command(command)


def run(arguments: list[str]) -> int:
    """The exit code."""
    said = Context(as_json="--json" in arguments)
    try:
        cli.main(args=arguments, prog_name="portal", standalone_mode=False)
    except Problem as problem:
        said.fail(problem)
        return problem.exit_code
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as wrong:
        if said.as_json:
            said.fail(UsageProblem(wrong.format_message()))
        else:
            wrong.show()
        return wrong.exit_code
    except (KeyboardInterrupt, click.Abort):
        said.say("Interrupted. The same command goes on where this ended.")
        return INTERRUPTED
    except OSError as problem:
        said.fail(Problem(f"{problem.filename or ''} {problem.strerror or problem}".strip(), reason="system"))
        return Problem.exit_code
    return 0


def main() -> None:
    sys.exit(run(sys.argv[1:]))
