"""Stages: what their files say, and what is refused before AWS is asked anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import NoRegionError

from infrastructure.failures import CommandFailed
from infrastructure.parameters import PARAMETERS
from infrastructure.stages import STAGES, open_session, read_stage

EXAMPLE = (STAGES / "example.toml").read_text(encoding="utf-8")


def write(folder: Path, text: str, name: str = "pilot") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_stage_of_its_own_is_what_all_share_and_what_its_file_says(tmp_path: Path) -> None:
    stage, shared = read_stage("pilot", write(tmp_path, EXAMPLE)), read_stage("production", tmp_path)
    assert stage.function == "file-portal-pilot"
    assert stage.resources == "file-portal-pilot-resources"
    assert stage.parameters == {
        "PublicUrl": "https://files.example.org",
        "MailFrom": "portal@example.org",
        "AlarmAddress": "operations@example.org",
    }
    assert stage.tags == {"portal-stage": "pilot", "cost-centre": "4711"}
    assert (stage.account, stage.region, stage.profile) == ("123456789012", "eu-central-1", "files")
    variables = stage.settings["aws_environment_variables"]
    assert variables == shared.settings["aws_environment_variables"] | {"PORTAL_ORGANISATION_NAME": "Example"}
    assert stage.settings.keys() == shared.settings.keys()


def test_a_file_adds_to_a_stage_that_all_know(tmp_path: Path) -> None:
    stage = read_stage("development", write(tmp_path, "[zappa]\nmemory_size = 512\n", "development"))
    assert stage.settings["memory_size"] == 512
    assert stage.settings["aws_environment_variables"]["PORTAL_LOG_LEVEL"] == "DEBUG"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("acount = '1'", "acount"),
        ("[parameters]\npublicurl = 'x'", "parameters.publicurl"),
        ("[parameters]\nPublicUrl = 'x'", "parameters.PublicUrl"),
        ("region = ", "not TOML"),
        ("parameters = 1", r"parameters must be a table: \[parameters\]"),
        ("settings = 'a'", r"settings must be a table"),
        ("tags = ['a']", r"tags must be a table"),
        ("[settings]\nPORTAL_STEPS = ['a']", "settings.PORTAL_STEPS must be one value"),
        ("[region]\nname = 'a'", "region must be one value"),
        ("termination_protection = 'false'", "termination_protection must be true or false"),
    ],
)
def test_what_a_file_says_in_vain_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(CommandFailed, match=named):
        read_stage("pilot", write(tmp_path, text))


@pytest.mark.parametrize("name", ["", "Production", "a b", "../up", "a" * 21, "1st", "-x", "a-b", "a_b"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(CommandFailed, match="cannot name a stage"):
        read_stage(name)


def test_a_number_is_its_text(tmp_path: Path) -> None:
    """Natural in TOML, and AWS takes texts alone."""
    text = "account = 123456789012\n[settings]\nA = 30\n[tags]\nb = 4711\n[parameters]\nsecret_key_days = 9"
    stage = read_stage("pilot", write(tmp_path, text))
    assert stage.account == "123456789012"
    assert stage.settings["aws_environment_variables"]["A"] == "30"
    assert stage.tags["b"] == "4711"
    assert stage.parameters == {"SecretKeyDays": "9"}


def test_a_file_in_another_encoding_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "pilot.toml").write_bytes("[tags]\na = 'ü'".encode("latin-1"))
    with pytest.raises(CommandFailed, match="UTF-8"):
        read_stage("pilot", tmp_path)


def test_a_stage_that_is_not_there_says_which_are(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match=r"development, pilot, production.*cp stages/example.toml"):
        read_stage("pilto", write(tmp_path, "region = 'eu-central-1'"))


def test_every_parameter_can_be_said_in_a_file(tmp_path: Path) -> None:
    lines = "\n".join(f"{name} = 'x'" for name in PARAMETERS)
    stage = read_stage("pilot", write(tmp_path, f"[parameters]\n{lines}"))
    assert stage.parameters == {parameter: "x" for parameter, _ in PARAMETERS.values()}


@pytest.mark.parametrize(
    ("written", "environ", "region"),
    [
        ("eu-central-1", {}, "eu-central-1"),
        ("", {"AWS_REGION": "us-east-1"}, "us-east-1"),
        ("eu-central-1", {"AWS_REGION": "eu-central-1"}, "eu-central-1"),
        ("eu-central-1", {"AWS_REGION": "us-east-1"}, CommandFailed),
        ("", {}, NoRegionError),
    ],
)
def test_the_region_is_the_stages(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    written: str,
    environ: dict[str, str],
    region: str | type[Exception],
) -> None:
    """And never another one by accident."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    stage = read_stage("pilot", write(tmp_path, f"region = '{written}'"))
    if isinstance(region, str):
        assert open_session(stage, environ).region_name == region
    else:
        with pytest.raises(region):
            open_session(stage, environ)
