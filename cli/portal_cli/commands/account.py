"""Signing in and out, who one is, and one's tokens."""

from __future__ import annotations

import sys
import webbrowser
from typing import Any

import click

from portal_cli import sign_in
from portal_cli.context import Context
from portal_cli.credentials import find_kept_token, forget_token, keep_token
from portal_cli.http import Api, check_address
from portal_cli.moments import format_for_people
from portal_cli.problems import NotSignedIn, UsageProblem
from portal_cli.settings import find_address, remember_address


@click.command()
@click.argument("address", required=False)
@click.option(
    "--token", "with_token", is_flag=True, help="Read an access token of /account/tokens, typed or piped."
)
@click.option("--no-browser", is_flag=True, help="Print the address, and open no browser.")
@click.option(
    "--scope", "scopes", multiple=True,
    type=click.Choice(["read", "upload", "share", "request", "delete", "admin"]),
    help="What to ask for; may be repeated. [default: read, upload, share, delete]",
)  # fmt: skip
@click.pass_obj
def login(
    context: Context, address: str | None, with_token: bool, no_browser: bool, scopes: tuple[str, ...]
) -> None:
    """Sign in to the portal at ADDRESS, through the browser or with a token."""
    portal = check_address(address) if address else find_address(context.address)
    if with_token:
        token = read_typed_token()
    else:
        token = sign_in_by_browser(context, portal, scopes or sign_in.SCOPES, opens=not no_browser)
    me = Api(portal, token).ask("GET", "/v1/me")
    kept_in = keep_token(portal, token)
    remember_address(portal)
    context.say(f"The token is kept in {'the keyring' if kept_in == 'keyring' else kept_in}.")
    context.show(
        {"portal": portal, **me, "kept_in": kept_in},
        f"Signed in to {portal} as {me['name']} ({me['address']}).",
    )


def read_typed_token() -> str:
    """Never as an argument, which every process of the machine can read."""
    is_typed = sys.stdin.isatty()
    token = click.prompt("Access token", hide_input=True, err=True) if is_typed else sys.stdin.readline()
    if not token.strip():
        raise UsageProblem("No token was given.", reason="token")
    return str(token).strip()


def sign_in_by_browser(context: Context, portal: str, scopes: tuple[str, ...], *, opens: bool) -> str:
    attempt = sign_in.begin()
    with sign_in.Waiting(attempt) as waiting:
        page = attempt.page(portal, waiting.port, scopes)
        click.echo(f"Allow this in your browser, which shows the code {attempt.words}:\n{page}", err=True)
        if opens:
            webbrowser.open(page)
        return sign_in.exchange(portal, attempt, waiting.wait_for_code())


@click.command()
@click.pass_obj
def logout(context: Context) -> None:
    """Revoke the token that is kept here, and forget it. One in PORTAL_TOKEN is not touched."""
    portal = find_address(context.address)
    token = find_kept_token(portal)
    try:
        Api(portal, token).ask("DELETE", "/v1/tokens/current")
    except NotSignedIn:
        context.say("That token was valid no more.")
    forget_token(portal)
    context.show({"portal": portal}, f"Signed out of {portal}.")


@click.command()
@click.pass_obj
def whoami(context: Context) -> None:
    """Who you are, and what this token may do."""
    api = context.open_api()
    me = api.ask("GET", "/v1/me")
    lines = (f"{me['name']} ({me['address']})", f"at {api.address}", f"token for: {', '.join(me['scopes'])}")
    context.show({"portal": api.address, **me}, *lines)


@click.command()
@click.option("--revoke", metavar="TOKEN", help="End this one; it takes the scope `delete`.")
@click.pass_obj
def tokens(context: Context, revoke: str | None) -> None:
    """List your access tokens, or revoke one."""
    api = context.open_api()
    if revoke:
        api.ask("DELETE", f"/v1/tokens/{revoke}")
        context.show({"revoked": revoke}, f"Revoked {revoke}.")
        return
    told = api.ask("GET", "/v1/tokens")
    context.show_table(
        told,
        ("Token", "Name", "For", "Last used", "Valid until", ""),
        [describe(each) for each in told["tokens"]],
    )


def describe(token: dict[str, Any]) -> list[str]:
    used, ends = format_for_people(token["used_at"]), format_for_people(token["expires_at"])
    return [
        token["token_id"],
        token["name"],
        " ".join(token["scopes"]),
        used,
        ends,
        "this" if token["is_current"] else "",
    ]


COMMANDS = (login, logout, whoami, tokens)
