"""The function's secrets, kept in Parameter Store, from where it reads them when it starts.

All are in one parameter, so that it takes one call. A variable of the function names the parameter's version:
another version is another configuration, which Lambda starts the function anew for, and one that is running
goes on with what it has read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import boto3

from portal.config.settings import SECRETS

PARAMETER = "PORTAL_SECRETS_PARAMETER"


def name_parameter(function: str) -> str:
    return f"/{function}/secrets"


def keep_secrets(session: boto3.Session, function: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The variables for the function, where one that says where the secrets are stands in for these. What
    the function runs with by now is never the same one with other secrets."""
    store, name = session.client("ssm"), name_parameter(function)
    secrets = {key: value for key, value in variables.items() if key in SECRETS}
    others = {key: value for key, value in variables.items() if key not in {*SECRETS, PARAMETER}}
    text, in_use = json.dumps(secrets, sort_keys=True), variables.get(PARAMETER)
    try:
        found = store.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        if found["Value"] == text:
            return others | {PARAMETER: f"{name}:{found['Version']}"}
    except store.exceptions.ParameterNotFound:
        pass
    for _ in range(2):  # versions begin again with 1 after a parameter was deleted
        made = store.put_parameter(Name=name, Value=text, Type="SecureString", Overwrite=True)
        selector = f"{name}:{made['Version']}"
        if selector != in_use:
            break
    return others | {PARAMETER: selector}


def read_secrets(session: boto3.Session, variables: Mapping[str, str]) -> dict[str, str]:
    """The secrets that a function with these variables runs with; one of 0.5 has them as variables."""
    own = {key: value for key, value in variables.items() if key in SECRETS}
    if PARAMETER not in variables:
        return own
    store = session.client("ssm")
    try:
        found = store.get_parameter(Name=variables[PARAMETER], WithDecryption=True)["Parameter"]
    except (store.exceptions.ParameterNotFound, store.exceptions.ParameterVersionNotFound):
        return own
    return dict(json.loads(found["Value"])) | own
