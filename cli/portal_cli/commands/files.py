"""What one has at the portal: listed, and removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click

from portal_cli.context import Context, format_size
from portal_cli.http import Api
from portal_cli.moments import format_for_people
from portal_cli.problems import Problem


@click.command()
@click.option("--shares", "lists_shares", is_flag=True, help="Your shares instead of your files.")
@click.option("--search", default="", help="Files with these words in their names.")
@click.option(
    "--limit", "most", default=100, show_default=True, type=click.IntRange(1), help="So many at most."
)
@click.pass_obj
def ls(context: Context, lists_shares: bool, search: str, most: int) -> None:
    """List your files, or your shares, the newest first."""
    api = context.open_api()
    if lists_shares:
        found = list_all(api, "/v1/shares", "shares", most)
        context.show_table(
            {"shares": found},
            ("Share", "State", "Files", "Downloads", "Expires", "To"),
            [describe_share(each) for each in found],
        )
        return
    found = list_all(api, f"/v1/files?q={quote(search)}" if search else "/v1/files", "files", most)
    context.show_table(
        {"files": found},
        ("File", "Name", "Size", "Uploaded", "Kept until"),
        [describe_file(each) for each in found],
    )


def list_all(api: Api, path: str, name: str, most: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in read_pages(api, path):
        found += page[name]
        if len(found) >= most:
            break
    return found[:most]


def read_pages(api: Api, path: str) -> Iterator[dict[str, Any]]:
    at, mark = path, "&" if "?" in path else "?"
    while True:
        page = api.ask("GET", at)
        yield page
        if not page["next"]:
            return
        at = f"{path}{mark}cursor={quote(page['next'], safe='')}"


def describe_file(file: dict[str, Any]) -> list[str]:
    name = f"{file['folder']}/{file['file_name']}" if file["folder"] else file["file_name"]
    added, kept = format_for_people(file["ready_at"]), format_for_people(file["keep_until"])
    return [file["file_id"], name, format_size(file["size"]), added, kept]


def describe_share(share: dict[str, Any]) -> list[str]:
    names = [each["file_name"] for each in share["files"]]
    words = names[0] if len(names) == 1 else f"{len(names)} files"
    ends, to = format_for_people(share["expires_at"]), ", ".join(share["addresses"])
    return [share["share_id"], share["status"], words, str(share["download_count"]), ends, to]


@click.command()
@click.argument("file_ids", nargs=-1, required=True, metavar="FILE...")
@click.pass_obj
def rm(context: Context, file_ids: tuple[str, ...]) -> None:
    """Move files to the trash, by their ids: their links stop."""
    api, gone, problems = context.open_api(), list[str](), list[Problem]()
    for file_id in file_ids:
        try:
            api.ask("DELETE", f"/v1/files/{quote(file_id, safe='')}")
            gone.append(file_id)
        except Problem as problem:
            context.say(f"{file_id}: {problem.detail}")
            problems.append(problem)
    context.show({"trashed": gone}, *(f"In the trash: {each}" for each in gone))
    if problems:
        raise problems[0]


COMMANDS = (ls, rm)
