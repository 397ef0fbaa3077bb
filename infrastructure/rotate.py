"""Give the portal a new secret key: `make rotate`. Links that are out still open with the keys before it.

Where a key has leaked, `make rotate ARGS=--forget` ends everything that was made with it and those before.
"""

from __future__ import annotations

import boto3

from infrastructure.commands import make_parser, open_stage
from infrastructure.consent import require_consent
from infrastructure.deploy import key_use
from infrastructure.failures import CommandFailed, end_with_a_sentence
from infrastructure.function import bring_variables
from infrastructure.kept_secrets import keep_secrets, read_secrets
from infrastructure.secret_key import forget_keys, secret_key_variables
from infrastructure.stack import stack_outputs
from infrastructure.stages import Stage
from portal.config.settings import SECRETS

ENDS_ALL = "Every link that is out and every session ends, for good. Go on?"


def main() -> None:
    parser = make_parser("rotate", __doc__)
    parser.add_argument("--forget", action="store_true", help="keep no key before it, as one has leaked")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args()
    with end_with_a_sentence():
        session, stage = open_stage(options)
        if options.forget and not options.yes:
            require_consent(ENDS_ALL)
        rotate(session, stage, forget=options.forget)
        links = "No link that is out opens" if options.forget else "Links that are out still open"
        print(f"{stage.function} runs with a new secret key. {links}.")


def rotate(session: boto3.Session, stage: Stage, forget: bool = False) -> None:
    """Make a key, give it to the function and see it there; `forget` leaves no other. Can be repeated.

    Raises StackFailed where that ended a link that should stay.
    """
    functions = session.client("lambda")
    try:
        found = functions.get_function_configuration(FunctionName=stage.function)
    except functions.exceptions.ResourceNotFoundException as error:
        raise CommandFailed(f"There is no function {stage.function} yet: make deploy comes first.") from error
    use = key_use(stage.settings, stack_outputs(session, stage.resources))
    running = found["Environment"]["Variables"]
    others = {key: value for key, value in (running | read_secrets(session, running)).items()
              if not key.startswith("PORTAL_SECRET_KEY")}  # fmt: skip
    if forget:
        forget_keys(session, stage.function)
    keys = secret_key_variables(session, stage.function, rotate=not forget, use=use)
    variables = keep_secrets(session, stage.function, others | keys)
    bring_variables(session, stage.function, variables)
    found = functions.get_function_configuration(FunctionName=stage.function)["Environment"]["Variables"]
    if found != variables or not read_secrets(session, found).items() >= _secret(keys).items():
        raise CommandFailed(f"{stage.function} does not run with the new key: make deploy brings it there.")


def _secret(keys: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in keys.items() if name in SECRETS}


if __name__ == "__main__":
    main()
