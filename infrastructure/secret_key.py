"""The portal's secret key: made once, kept where every deployer of the account finds the same one.

Links and sessions hang on it, so a second deploy must not make another. Parameter Store's standard parameters
cost nothing (a Secrets Manager secret 0.40 USD a month). Deploying puts it into the function's environment,
which Lambda encrypts: reading it at the start would cost a call in every cold start.
"""

from __future__ import annotations

import secrets
from typing import Any

import boto3

# Links are derived from a key and live for 90 days at most: keys of the last three rotations still open them.
FALLBACKS = 3


def secret_key_variables(session: boto3.Session, function: str, rotate: bool = False) -> dict[str, str]:
    """PORTAL_SECRET_KEY and, after rotations, PORTAL_SECRET_KEY_FALLBACKS. Makes the key if there is none."""
    parameters = session.client("ssm")
    name = f"/{function}/secret-key"
    keys = _keys(parameters, name)
    if rotate or not keys:
        keys.append(secrets.token_hex(32))
        parameters.put_parameter(Name=name, Value=keys[-1], Type="SecureString", Overwrite=len(keys) > 1)
    *older, newest = keys[-1 - FALLBACKS :]
    return {
        "PORTAL_SECRET_KEY": newest,
        **({"PORTAL_SECRET_KEY_FALLBACKS": ",".join(reversed(older))} if older else {}),
    }


def _keys(parameters: Any, name: str) -> list[str]:
    """Every key there was, oldest first."""
    pages = parameters.get_paginator("get_parameter_history").paginate(Name=name, WithDecryption=True)
    try:
        versions = [version for page in pages for version in page["Parameters"]]
    except parameters.exceptions.ParameterNotFound:
        return []
    return [version["Value"] for version in sorted(versions, key=lambda version: version["Version"])]
