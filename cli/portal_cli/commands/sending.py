"""Sending: files go up, and a share gives them to people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from portal_cli.context import Context, format_size
from portal_cli.http import Api
from portal_cli.journal import Journal, find_path, open_journal
from portal_cli.local_files import LocalFile, Skipped, find_files
from portal_cli.moments import format_for_people, format_rfc_3339, parse_end, read_now
from portal_cli.problems import UsageProblem
from portal_cli.progress import show_progress
from portal_cli.uploading import Uploader

FILES_IN_A_SHARE = 40  # which is what one share holds
PATHS = click.argument(
    "paths", nargs=-1, required=True, metavar="FILE|FOLDER...", type=click.Path(path_type=Path)
)


class Found:
    """What the paths hold, found while it is sent; what cannot be sent is noted."""

    def __init__(self, paths: tuple[Path, ...]) -> None:
        self.paths = paths
        self.skipped: list[Skipped] = []

    def __iter__(self) -> Iterator[LocalFile]:
        for each in find_files(self.paths):
            if isinstance(each, Skipped):
                self.skipped.append(each)
            else:
                yield each

    def describe_skipped(self) -> list[dict[str, str]]:
        return [{"path": str(each.path), "reason": each.reason} for each in self.skipped]


@click.command()
@PATHS
@click.option("--to", "addresses", multiple=True, required=True, metavar="ADDRESS", help="May be repeated.")
@click.option(
    "--expires", default="7d", show_default=True, metavar="WHEN", help="12h, 7d, 2w, a date or a time."
)
@click.option("--limit", type=click.IntRange(1, 100), help="Downloads of each file by each recipient.")
@click.option("--message", default="", help="For the email and the page.")
@click.option("--no-code", is_flag=True, help="Recipients need not prove their address.")
@click.option("--by-hand", is_flag=True, help="No email: you pass the printed links on.")
@click.option("--several", is_flag=True, help="Make several shares where there are more than 40 files.")
@click.pass_obj
def send(context: Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Upload files and folders, and share them with people.

    Run the same command again after it was cut off: it goes on where it ended.
    """
    expires_at = parse_end(options["expires"], read_now())
    is_many = not options["several"] and count_up_to(paths, FILES_IN_A_SHARE + 1) > FILES_IN_A_SHARE
    if is_many:
        raise UsageProblem(
            f"A share holds {FILES_IN_A_SHARE} files. Send an archive of these, or make --several shares.",
            reason="too_many_files",
        )  # fmt: skip
    api, found = context.open_api(), Found(paths)
    about = ["send", api.address, *(str(each.absolute()) for each in paths), *sorted(options["addresses"])]
    with open_journal(find_path(*about, options["message"])) as journal:
        sent = upload_all(context, api, journal, found)
        asked = journal.key_for("terms", *(f"{name}: {options[name]}" for name in sorted(options)))
        terms = journal.fix(asked, choose_terms(options, format_rfc_3339(expires_at)))
        shares = [share(api, journal, each, terms) for each in cut(sent, FILES_IN_A_SHARE)]
    told = {"shares": shares, "skipped": found.describe_skipped()}
    context.show(told, *(line for each in shares for line in describe_share(each)))
    warn_of_skipped(context, found)


def count_up_to(paths: tuple[Path, ...], most: int) -> int:
    return sum(1 for _ in zip(range(most), Found(paths), strict=False))


def cut(sent: list[str], size: int) -> Iterator[list[str]]:
    yield from (sent[at : at + size] for at in range(0, len(sent), size))


def upload_all(context: Context, api: Api, journal: Journal, found: Found) -> list[str]:
    """The ids of all files, in their order."""
    sent = []
    with (
        show_progress(context.err, "Sending", quiet=context.quiet or context.as_json) as meter,
        Uploader(api, journal, meter, context.connections) as uploader,
    ):
        for file, file_id in uploader.upload(found):
            meter.name(file.name)
            sent.append(file_id)
    if not sent:
        raise UsageProblem("There is nothing in it that can be sent.", reason="empty")
    return sent


def choose_terms(options: dict[str, Any], expires_at: str) -> dict[str, Any]:
    terms = {
        "expires_at": expires_at,
        "message": options["message"],
        "share_with": list(options["addresses"]),
    }
    terms |= {"download_limit": options["limit"]} if options["limit"] else {}
    terms |= {"confirm": False} if options["no_code"] else {}
    return terms | ({"by_hand": list(options["addresses"])} if options["by_hand"] else {})


def share(api: Api, journal: Journal, file_ids: list[str], terms: dict[str, Any]) -> dict[str, Any]:
    """The same command again is the same share; with other terms, as after a refusal, it is another."""
    key = journal.key_for("share", *file_ids, json.dumps(terms, sort_keys=True))
    asked = {"file_ids": file_ids, **terms}
    told: dict[str, Any] = api.ask("POST", "/v1/shares", asked, {"Idempotency-Key": key})
    return told


def describe_share(share: dict[str, Any]) -> Iterator[str]:
    size = format_size(sum(each["size"] for each in share["files"]))
    ends = format_for_people(share["expires_at"])
    yield f"Shared: {share['share_id']} ({len(share['files'])} files, {size}), expires {ends}"
    yield from (f"  {each['address']}  {each['link']}" for each in share["recipients"])


def warn_of_skipped(context: Context, found: Found) -> None:
    for each in found.skipped:
        context.say(f"Not sent ({each.reason}): {each.path}")


@click.command()
@PATHS
@click.pass_obj
def upload(context: Context, paths: tuple[Path, ...]) -> None:
    """Upload files and folders, whatever their number, and share them with nobody."""
    api, found = context.open_api(), Found(paths)
    about = ["upload", api.address, *(str(each.absolute()) for each in paths)]
    with open_journal(find_path(*about)) as journal:
        sent = upload_all(context, api, journal, found)
    context.show({"file_ids": sent, "skipped": found.describe_skipped()}, *sent)
    warn_of_skipped(context, found)


COMMANDS = (send, upload)
