"""Shares that were made: what became of them, and changing them."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any
from urllib.parse import quote

import click

from portal_cli.context import Context
from portal_cli.http import Api
from portal_cli.moments import format_for_people, format_rfc_3339, parse_end, parse_span, read_now
from portal_cli.problems import NotThere, UsageProblem


def share_path(share_id: str) -> str:
    return f"/v1/shares/{quote(share_id, safe='')}"


@click.command()
@click.argument("share_id", metavar="SHARE")
@click.option("--watch", is_flag=True, help="Go on until everyone has downloaded everything, or it is over.")
@click.option(
    "--every", default=5.0, show_default=True, type=click.FloatRange(1), help="Seconds between two looks."
)
@click.pass_obj
def status(context: Context, share_id: str, watch: bool, every: float) -> None:
    """What became of SHARE, for each recipient."""
    api, shown = context.open_api(), None
    while True:
        share = api.ask("GET", share_path(share_id))
        if share != shown:
            show_share(context, share)
            shown = share
        if not watch or is_over(share):
            return
        time.sleep(every)


def is_over(share: dict[str, Any]) -> bool:
    wanted = [each["file_id"] for each in share["files"] if not each["closed"]]
    waiting = [each for each in share["recipients"] if each["status"] == "open"]
    has_all = all(each["downloads"].get(file_id) for each in waiting for file_id in wanted)
    return share["status"] != "open" or has_all


def show_share(context: Context, share: dict[str, Any]) -> None:
    limit = share["download_limit"]
    context.say(
        f"{share['share_id']}: {share['status']}, {len(share['files'])} files, expires "
        f"{format_for_people(share['expires_at'])}, downloads: {limit if limit else 'no limit'}"
    )
    rows = [describe_recipient(each) for each in share["recipients"]]
    context.show_table(share, ("To", "State", "Email", "Opened", "Downloads", "Last download"), rows)


def describe_recipient(each: dict[str, Any]) -> list[str]:
    count = str(sum(each["downloads"].values()))
    opened, last = format_for_people(each["opened_at"]), format_for_people(each["last_download_at"])
    return [each["address"], each["status"], each["mail"], opened, count, last]


@click.command()
@click.argument("share_id", metavar="SHARE")
@click.option("--by", metavar="SPAN", help="So much longer than now: 7d, 12h, 2w.")
@click.option("--expires", metavar="WHEN", help="Until then: 7d from now, 2026-12-24, or a time.")
@click.option(
    "--limit", type=click.IntRange(0, 100), help="Downloads of each file by each recipient; 0: no limit."
)
@click.pass_obj
def extend(context: Context, share_id: str, by: str | None, expires: str | None, limit: int | None) -> None:
    """Keep SHARE open for longer, or allow more downloads."""
    if bool(by) + bool(expires) > 1 or not (by or expires or limit is not None):
        raise UsageProblem("Say --by or --expires, or --limit.")
    api = context.open_api()
    answer = api.get_answer("GET", share_path(share_id))
    change = choose_change(answer.json(), by, expires, limit)
    share = api.ask("PATCH", share_path(share_id), change, {"If-Match": answer.headers["ETag"]})
    context.show(share, f"{share_id} expires {format_for_people(share['expires_at'])}.")


def choose_change(
    share: dict[str, Any], by: str | None, expires: str | None, limit: int | None
) -> dict[str, Any]:
    change: dict[str, Any] = {} if limit is None else {"download_limit": limit or None}
    if by:
        ends = max(datetime.fromisoformat(share["expires_at"]), read_now()) + parse_span(by)
        change["expires_at"] = format_rfc_3339(ends)
    elif expires:
        change["expires_at"] = format_rfc_3339(parse_end(expires, read_now()))
    return change


@click.command()
@click.argument("share_id", metavar="SHARE")
@click.pass_obj
def remind(context: Context, share_id: str) -> None:
    """Send the email again to whoever has not downloaded anything yet."""
    told = context.open_api().ask("POST", f"{share_path(share_id)}/remind")
    rows = [[each["address"], "sent" if each["sent"] else each["detail"]] for each in told["reminded"]]
    context.show_table(told, ("To", "Email"), rows)


@click.command()
@click.argument("share_id", metavar="SHARE")
@click.option("--from", "address", help="From this recipient alone.")
@click.pass_obj
def revoke(context: Context, share_id: str, address: str | None) -> None:
    """Withdraw SHARE: its links stop at once, and for good."""
    api, path = context.open_api(), share_path(share_id)
    share = api.ask("DELETE", f"{path}/recipients/{find_recipient(api, path, address)}" if address else path)
    context.show(share, f"Withdrawn: {share_id}" + (f" from {address}." if address else "."))


@click.command()
@click.argument("share_id", metavar="SHARE")
@click.argument("wrong", metavar="WRONG")
@click.argument("right", metavar="RIGHT")
@click.pass_obj
def correct(context: Context, share_id: str, wrong: str, right: str) -> None:
    """Give SHARE to the address RIGHT instead of WRONG, whose link stops at once."""
    api, path = context.open_api(), share_path(share_id)
    recipient_id = find_recipient(api, path, wrong)
    share = api.ask("POST", f"{path}/recipients/{recipient_id}/correct", {"address": right})
    context.show(share, f"{right} has a link of its own; that of {wrong} no longer works.")


def find_recipient(api: Api, path: str, address: str) -> str:
    for each in api.ask("GET", path)["recipients"]:
        if each["address"].casefold() == address.casefold():
            return str(each["recipient_id"])
    raise NotThere(f"The share has no recipient {address}.")


COMMANDS = (status, extend, remind, correct, revoke)
