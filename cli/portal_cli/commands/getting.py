"""Fetching what a link offers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from portal_cli.context import Context, format_size
from portal_cli.downloading import Addresses, Download, find_pieces, is_there_already, make_target
from portal_cli.http import make_session
from portal_cli.problems import NotThere, Problem, UsageProblem
from portal_cli.progress import Meter, show_progress
from portal_cli.recipient_link import Offered, RecipientLink, ask_for_step, find_wanted, read_offered


@click.command()
@click.argument("link", metavar="LINK")
@click.argument("names", nargs=-1, metavar="[FILE...]")
@click.option(
    "-o", "--output", default=".", type=click.Path(file_okay=False, path_type=Path), help="Into this folder."
)
@click.option("--code", help="The 6 digits that were mailed.")
@click.option("--password", help="The sender's password; asked for where there is a terminal.")
@click.option("--list", "only_list", is_flag=True, help="Say what is offered, and fetch nothing.")
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.pass_obj
def get(context: Context, /, link: str, names: tuple[str, ...], output: Path, **options: Any) -> None:
    """Fetch the files behind LINK, all or those that are named.

    Run the same command again after it was cut off: it goes on where it ended, and does not count twice.
    """
    opened = RecipientLink(link)
    told = show_whose_it_is(context, opened, options["code"] or "", options["password"] or "")
    wanted = find_wanted(read_offered(told), names)
    if options["only_list"]:
        rows = [[each.name, format_size(each.size), each.closed or "open"] for each in wanted]
        told.pop("csrf_token", None)
        context.show_table(told, ("Name", "Size", "State"), rows)
        return
    with show_progress(context.err, "Fetching", quiet=context.quiet or context.as_json) as meter:
        made = [fetch(context, opened, each, output, meter, force=options["force"]) for each in wanted]
    context.show({"files": made}, *(each["path"] for each in made))


def show_whose_it_is(context: Context, link: RecipientLink, code: str, password: str) -> dict[str, Any]:
    """What the link offers, once everything was shown that it asks for."""
    for _ in range(4):  # a code, a password, and one more of each where a person mistyped
        try:
            return link.read()
        except Problem as problem:
            if problem.reason != "unconfirmed":
                raise
            if problem.facts.get("step") == "password":
                link.enter_password(password or prompt(problem, "Password", hidden=True))
                password = ""
            else:
                code = confirm_address(context, link, problem, code)
    raise UsageProblem("The link goes on asking who you are.", reason="unconfirmed")


def confirm_address(context: Context, link: RecipientLink, problem: Problem, code: str) -> str:
    if not code:
        if not problem.facts.get("code_sent") or sys.stdin.isatty():
            link.send_code()
        context.say(f"A code was mailed to {problem.facts.get('masked_address')}.")
        code = prompt(problem, "Code", hidden=False)
    link.confirm(code)
    return ""


def prompt(problem: Problem, words: str, *, hidden: bool) -> str:
    """Asked of a person; of a script nothing can be."""
    if not sys.stdin.isatty():
        raise ask_for_step(problem)
    return str(click.prompt(words, hide_input=hidden, err=True))


def fetch(
    context: Context, link: RecipientLink, offered: Offered, folder: Path, meter: Meter, *, force: bool
) -> dict[str, Any]:
    target = make_target(folder, offered)
    made = {"path": str(target), "size": offered.size, "sha256": offered.sha256}
    if is_there_already(target, offered):
        context.say(f"{target} is there already.")
        return {**made, "fetched": False}
    if target.exists() and not force:
        raise UsageProblem(
            f"{target} is there, and is another file. Say --force to write over it.", reason="exists"
        )
    pieces = find_pieces(target, offered)
    if offered.closed and not (offered.closed == "spent" and pieces.path.exists()):
        raise NotThere(f"{offered.name} cannot be had: {offered.closed}.", reason=offered.closed)
    meter.name(offered.name)
    meter.expect(offered.size)
    addresses = Addresses(lambda: link.press(offered.file_id, pieces.attempt_id))
    Download(make_session(connections=context.connections), addresses, pieces, target, meter).run(
        context.connections
    )
    if not offered.sha256:
        context.say(f"{target}: the sender's checksum is not known, so it was compared with nothing.")
    return {**made, "fetched": True}


COMMANDS = (get,)
