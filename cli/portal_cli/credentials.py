"""The token of each portal: in the system's keyring, else in a file for nobody else to read (mode 600)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from portal_cli.problems import NotSignedIn
from portal_cli.settings import APP, TOKEN_VARIABLE, find_folder, write_private

STORE_VARIABLE = "PORTAL_TOKEN_STORE"  # `file` where a keyring is there and cannot be used


def find_token(address: str) -> str:
    """PORTAL_TOKEN, else what was kept. Raises NotSignedIn."""
    return os.environ.get(TOKEN_VARIABLE, "").strip() or find_kept_token(address)


def find_kept_token(address: str) -> str:
    """What `portal login` kept. Raises NotSignedIn."""
    token = (read_keyring(address) or read_file(address)).strip()
    if not token:
        raise NotSignedIn(f"You are not signed in to {address}: portal login {address}")
    return token


def keep_token(address: str, token: str) -> str:
    """Where it is by now: `keyring`, or the path of a file."""
    if put_into_keyring(address, token):
        token_file(address).unlink(missing_ok=True)
        return "keyring"
    write_private(token_file(address), token)
    return str(token_file(address))


def forget_token(address: str) -> None:
    token_file(address).unlink(missing_ok=True)
    if uses_keyring():
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.delete_password(APP, address)
        except KeyringError:
            return  # it held none


def token_file(address: str) -> Path:
    return find_folder() / "tokens" / hashlib.sha256(address.encode()).hexdigest()[:32]


def read_file(address: str) -> str:
    try:
        return token_file(address).read_text(encoding="utf-8")
    except OSError:
        return ""


def uses_keyring() -> bool:
    return os.environ.get(STORE_VARIABLE, "") != "file"


def read_keyring(address: str) -> str:
    """Nothing where there is none: imported here, since looking for one takes a while."""
    if not uses_keyring():
        return ""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(APP, address) or ""
    except (KeyringError, OSError):
        return ""


def put_into_keyring(address: str, token: str) -> bool:
    """Whether it is there, which is looked at: some keyrings take everything and keep nothing."""
    if not uses_keyring():
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(APP, address, token)
    except (KeyringError, OSError):
        return False
    return read_keyring(address) == token
