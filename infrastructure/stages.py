"""A stage: one deployment of the portal, in one account and region, under a name of its own.

`zappa_settings.json` has what all stages share; `stages/<name>.toml`, which git does not track, has what is
one organisation's own. Every value is there for `stages/example.toml` to show.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import NoRegionError

from infrastructure.failures import CommandFailed
from infrastructure.parameters import PARAMETERS
from infrastructure.runtime import CHECKOUT

STAGES = CHECKOUT / "stages"
STAGE_TAG = "portal-stage"  # on everything that can have tags; the bill is asked by it
NAME = re.compile(r"[a-z][a-z0-9]{0,19}")  # Zappa takes no hyphen
PROTECTION = "termination_protection"
SAID_OF_A_STAGE = {"account", "region", "profile", "cloudformation_role", PROTECTION}
TABLES = {"parameters", "settings", "zappa", "tags", "adopt"}


@dataclass(frozen=True)
class Stage:
    """`settings` are Zappa's, `parameters` the templates', by the templates' names."""

    name: str
    settings: Mapping[str, Any]
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    adopt: Mapping[str, str] = field(default_factory=dict)
    account: str = ""
    region: str = ""
    profile: str = ""
    cloudformation_role: str = ""
    termination_protection: bool = True

    @property
    def function(self) -> str:
        """Zappa's name for the function, for its API, and for the stack of that API."""
        return f"{self.settings['project_name']}-{self.name}"

    def stack(self, suffix: str) -> str:
        return f"{self.function}-{suffix}"

    @property
    def resources(self) -> str:
        """The stack of everything the portal stands on."""
        return self.stack("resources")


def read_stage(name: str, folder: Path = STAGES) -> Stage:
    """Raises CommandFailed with what is wrong about the name or the file."""
    if not NAME.fullmatch(name):
        raise CommandFailed(
            f"{name!r} cannot name a stage: up to 20 small letters and digits can, a letter first."
        )
    shared, path = _shared_settings(), folder / f"{name}.toml"
    own = _read_file(path) if path.exists() else {}
    if not own and name not in shared:
        known = sorted({*shared, *(each.stem for each in folder.glob("*.toml") if each.stem != "example")})
        raise CommandFailed(
            f"There is no stage {name}; there are {', '.join(known)}. To make it:"
            f" cp stages/example.toml stages/{name}.toml, and fill that in."
        )
    settings = _on_top(_resolve(shared, name if name in shared else "production"), own.get("zappa", {}))
    settings = _on_top(settings, {"aws_environment_variables": own.get("settings", {})})
    values = {key: value for key, value in own.items() if key in SAID_OF_A_STAGE}
    tags = {STAGE_TAG: name, **own.get("tags", {})}
    parameters = {PARAMETERS[key][0]: value for key, value in own.get("parameters", {}).items()}
    return Stage(name, settings, parameters, tags, own.get("adopt", {}), **values)


def open_session(stage: Stage, environ: Mapping[str, str] = os.environ) -> boto3.Session:
    """With the credentials of AWS's usual places, in the stage's region. Asks nothing of AWS.

    Lambda and other SDKs say AWS_REGION; boto3 itself reads AWS_DEFAULT_REGION and the profile.
    """
    region = environ.get("AWS_REGION")
    if region and stage.region and region != stage.region:
        raise CommandFailed(
            f"The stage {stage.name} is in {stage.region}, as stages/{stage.name}.toml says, and AWS_REGION"
            f" is {region}. Unset AWS_REGION, or set it to {stage.region}."
        )
    session = boto3.Session(
        profile_name=profile_of(stage, environ) or None, region_name=region or stage.region or None
    )
    if not session.region_name:
        raise NoRegionError
    return session


def profile_of(stage: Stage, environ: Mapping[str, str] = os.environ) -> str:
    """AWS's profile that counts for the stage; empty for that of AWS's usual places."""
    return environ.get("AWS_PROFILE") or stage.profile


def _shared_settings() -> dict[str, Any]:
    return dict(json.loads((CHECKOUT / "zappa_settings.json").read_text(encoding="utf-8")))


def _resolve(stages: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The stage of zappa_settings.json on top of the one it extends."""
    own = dict(stages[name])
    return _on_top(_resolve(stages, own.pop("extends")), own) if "extends" in own else own


def _on_top(below: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Environments are added up; of everything else the upper one counts."""
    variables = "aws_environment_variables"
    return {**below, **own, variables: {**below.get(variables, {}), **own.get(variables, {})}}


def _read_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandFailed(f"{path} is not TOML, which is UTF-8: {error}") from error
    _check_kinds(path, found)
    unknown = found.keys() - SAID_OF_A_STAGE - TABLES
    unknown |= {f"parameters.{key}" for key in found.get("parameters", {}).keys() - PARAMETERS.keys()}
    if unknown:
        raise CommandFailed(
            f"{path} says {', '.join(sorted(unknown))}, which means nothing here. stages/example.toml shows"
            " what can be said."
        )
    texts = {name: _as_texts(found[name]) for name in found.keys() & TABLES - {"zappa"}}
    alone = _as_texts({name: found[name] for name in found.keys() & SAID_OF_A_STAGE - {PROTECTION}})
    return found | texts | alone


def _as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """AWS takes nothing else; a number is natural in TOML."""
    return {name: str(value) for name, value in values.items()}


def _check_kinds(path: Path, found: Mapping[str, Any]) -> None:
    """Raises CommandFailed for a table that is a value, and for a value that is a table, a list or a switch
    written as text."""
    tables = {name: found[name] for name in found.keys() & TABLES}
    wrong = [f"{name} must be a table: [{name}]" for name, one in tables.items() if not isinstance(one, dict)]
    values = {name: found[name] for name in found.keys() & SAID_OF_A_STAGE}
    for table, one in tables.items():
        if isinstance(one, dict) and table != "zappa":
            values |= {f"{table}.{name}": value for name, value in one.items()}
    wrong += [f"{name} must be one value" for name, one in values.items() if isinstance(one, (dict, list))]
    if not isinstance(found.get(PROTECTION, True), bool):
        wrong.append(f"{PROTECTION} must be true or false")
    if wrong:
        raise CommandFailed(f"{path}: {'; '.join(sorted(wrong))}. stages/example.toml shows how.")
