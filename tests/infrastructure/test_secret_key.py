"""The secret key: one for every deployer, and rotated only where no link dies of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from infrastructure import rotate, secret_key
from infrastructure.deploy import key_use
from infrastructure.kept_secrets import PARAMETER, read_secrets
from infrastructure.secret_key import MAX_FALLBACKS, Use, secret_key_variables
from infrastructure.stack import StackFailed
from infrastructure.stages import Stage
from portal.aws.client.codec import moment
from portal.config.parsing import ConfigurationError
from portal.config.settings import Config
from portal.domain.links.tokens import LinkKeys
from tests.builders import make_environment
from tests.infrastructure.conftest import Stack

pytestmark = pytest.mark.requirement("R13", "R83")

Deploy = Callable[[dict[str, str]], None]


def keys(variables: dict[str, str]) -> list[str]:
    """The keys that the portal would know, newest first."""
    older = variables.get("PORTAL_SECRET_KEY_FALLBACKS", "")
    return [variables["PORTAL_SECRET_KEY"], *filter(None, older.split(","))]


def later(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def test_every_deployer_finds_the_same_secret_key(stack: Stack) -> None:
    """A second deploy must not end every session and break every link."""
    first = secret_key_variables(stack.root, "portal-test")
    assert secret_key_variables(stack.root, "portal-test") == first
    assert len(first["PORTAL_SECRET_KEY"]) == 64
    assert first["PORTAL_SECRET_KEY_MADE"] == datetime.now(UTC).date().isoformat()
    mine = [{"Key": "Name", "Option": "Contains", "Values": ["portal-test/secret-key"]}]
    (parameter,) = stack.root.client("ssm").describe_parameters(ParameterFilters=mine)["Parameters"]
    assert parameter["Type"] == "SecureString"


@pytest.fixture
def function(stack: Stack, request: pytest.FixtureRequest) -> str:
    """The name of a function of this test's own, which does not exist yet."""
    return "portal-" + str(abs(hash(request.node.name)))[:12]


@pytest.fixture
def deploy(stack: Stack, function: str) -> Deploy:
    """Bring variables to the function, as Zappa's deploy and update do."""
    functions, archive = stack.root.client("lambda"), io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("app.py", "def handler(event, context): pass")

    def bring(variables: dict[str, str]) -> None:
        try:
            functions.update_function_configuration(
                FunctionName=function, Environment={"Variables": variables}
            )
        except functions.exceptions.ResourceNotFoundException:
            functions.create_function(
                FunctionName=function, Runtime="python3.11", Role=stack.outputs["FunctionRoleArn"],
                Handler="app.handler", Code={"ZipFile": archive.getvalue()},
                Environment={"Variables": variables},
            )  # fmt: skip

    return bring


def put_recipient(session: boto3.Session, table: str, key: str, ends: datetime) -> None:
    """A recipient's item as the portal writes it, of which only the key and the share's end matter here."""
    session.client("dynamodb").put_item(
        TableName=table,
        Item={
            "pk": {"S": "SHARE#1"},
            "sk": {"S": "RECIPIENT#1"},
            "key_id": {"S": LinkKeys.from_secrets([key]).current_id},
            "share": {"M": {"expires_at": {"S": moment(ends)}}},
        },
    )


def test_a_rotated_key_still_opens_what_it_made(stack: Stack, function: str, deploy: Deploy) -> None:
    first = secret_key_variables(stack.root, function)
    deploy(first)
    second = secret_key_variables(stack.root, function, rotate=True)
    assert keys(second)[1:] == keys(first)
    assert keys(second)[0] not in keys(first)


def test_a_key_is_not_replaced_before_it_is_deployed(stack: Stack, function: str, deploy: Deploy) -> None:
    """Four rotations without an update would leave the function with a key that nobody knows any more."""
    deploy(secret_key_variables(stack.root, function))
    waiting = secret_key_variables(stack.root, function, rotate=True)
    for _ in range(4):
        with pytest.raises(StackFailed, match="make deploy"):
            secret_key_variables(stack.root, function, rotate=True)
        assert secret_key_variables(stack.root, function) == waiting
    deploy(waiting)
    assert keys(secret_key_variables(stack.root, function, rotate=True))[1:] == keys(waiting)


def test_a_key_stays_for_as_long_as_a_share_can(stack: Stack, function: str, deploy: Deploy) -> None:
    """However many there were in between, and for every setting of the longest share."""
    made: list[str] = []
    for _ in range(6):
        variables = secret_key_variables(stack.root, function, rotate=bool(made))
        made.insert(0, keys(variables)[0])
        assert keys(variables) == made
        deploy(variables)
    for days in (30, 90, 365):
        kept, gone = later(days - 1), later(days + 3)
        assert keys(secret_key_variables(stack.root, function, use=Use(days), now=kept)) == made
        # The last two may have been in use until this moment: the newest, and the one it has just replaced.
        assert keys(secret_key_variables(stack.root, function, use=Use(days), now=gone)) == made[:2]


def test_a_key_stays_while_a_share_that_was_extended_is_open(
    stack: Stack, function: str, deploy: Deploy
) -> None:
    made: list[str] = []
    for _ in range(5):
        variables = secret_key_variables(stack.root, function, rotate=bool(made))
        made.insert(0, keys(variables)[0])
        deploy(variables)
    table = stack.outputs["Table"]
    put_recipient(stack.root, table, made[4], ends=later(400))
    for now, expected in [(later(200), [*made[:2], made[4]]), (later(401), made[:2])]:
        assert keys(secret_key_variables(stack.root, function, use=Use(90, table), now=now)) == expected


def test_keys_that_would_not_fit_are_not_made(stack: Stack, function: str, deploy: Deploy) -> None:
    """Lambda takes 4 KB of variables; a deployment that fails there must not have rotated before."""
    variables = secret_key_variables(stack.root, function)
    for _ in range(MAX_FALLBACKS):
        deploy(variables)
        variables = secret_key_variables(stack.root, function, rotate=True)
    deploy(variables)
    with pytest.raises(StackFailed, match="shares"):
        secret_key_variables(stack.root, function, rotate=True)
    assert secret_key_variables(stack.root, function) == variables
    assert sum(len(name) + len(value) for name, value in variables.items()) < 2048
    assert (
        keys(secret_key_variables(stack.root, function, rotate=True, now=later(100)))[1] == keys(variables)[0]
    )


def test_a_key_that_leaked_is_forgotten_for_good(
    stack: Stack, function: str, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the function nor the next deploy has it or any before it, and what else it runs with stays."""
    monkeypatch.setattr(secret_key, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(rotate, "stack_outputs", lambda *_: stack.outputs)
    known: set[str] = set()
    for _ in range(3):
        variables = secret_key_variables(stack.root, function, rotate=bool(known))
        known |= set(keys(variables))
        deploy(variables | {"PORTAL_TABLE": "facts"})
    assert len(known) == 3
    project, _, name = function.partition("-")
    rotate.rotate(stack.root, Stage(name, {"project_name": project}), forget=True)
    found = stack.root.client("lambda").get_function_configuration(FunctionName=function)
    running = found["Environment"]["Variables"]
    deployed = secret_key_variables(stack.root, function, now=later(1))
    kept = read_secrets(stack.root, running)
    for variables in (kept, deployed):
        assert len(keys(variables)) == 1
        assert not known & set(keys(variables))
    assert kept["PORTAL_SECRET_KEY"] == deployed["PORTAL_SECRET_KEY"]
    assert running.keys() == {"PORTAL_TABLE", "PORTAL_SECRET_KEY_MADE", PARAMETER}


@pytest.mark.parametrize(("variables", "days"), [({}, 90), ({"PORTAL_MAX_SHARE_DAYS": "365"}, 365)])
def test_the_stages_own_limit_counts(variables: dict[str, str], days: int) -> None:
    assert key_use({"aws_environment_variables": variables}, {"Table": "facts"}) == Use(days, "facts")


def test_the_day_of_the_key_is_a_day() -> None:
    made = Config.from_env(make_environment(PORTAL_SECRET_KEY_MADE="2026-02-03")).secret_key_made
    assert made == date(2026, 2, 3)
    assert Config.from_env(make_environment()).secret_key_made is None
    for text in ("yesterday", "2026-02-30", "3.2.2026"):
        with pytest.raises(ConfigurationError, match="PORTAL_SECRET_KEY_MADE must be a day"):
            Config.from_env(make_environment(PORTAL_SECRET_KEY_MADE=text))
