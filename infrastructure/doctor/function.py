"""The function: what it runs, with which key, and how many of it there may be."""

from __future__ import annotations

from infrastructure.doctor.findings import Deployment, Finding, judge, right, wrong
from infrastructure.stack import OPTIONAL, VARIABLES

# AWS gives new accounts ten, and one page with its pictures and scripts asks for about as many at once.
LEAST_CONCURRENCY = 100
RAISE = "Ask for 1,000 in Service Quotas, Lambda, 'Concurrent executions' (L-B99A9384)."

# Neither an output nor a setting: a deploy makes them of the stacks and of the keys in Parameter Store.
MADE_BY_A_DEPLOY = (
    "PORTAL_SECRETS_PARAMETER", "PORTAL_SECRET_KEY_MADE", "PORTAL_OIDC_METADATA_URL", "PORTAL_SIGN_OUT_URL",
)  # fmt: skip


def check_function(deployment: Deployment) -> Finding:
    found = deployment.function
    wanted = {
        "Runtime": deployment.stage.settings["runtime"],
        "Architectures": [deployment.stage.settings["architecture"]],
        "MemorySize": deployment.stage.settings["memory_size"],
        "Timeout": deployment.stage.settings["timeout_seconds"],
        "Role": deployment.outputs["FunctionRoleArn"],
    }
    problems = [f"{key} is {found.get(key)}, not {value}" for key, value in wanted.items()
                if found.get(key, value) != value]  # fmt: skip
    if found.get("State", "Active") != "Active":
        problems.append(f"its state is {found['State']}: {found.get('StateReason', '')}")
    if found.get("LastUpdateStatus") == "Failed":
        problems.append(f"its last update failed: {found.get('LastUpdateStatusReason', '')}")
    return judge("function", problems, f"{found['Runtime']}, {found['MemorySize']} MB, active", "make deploy")


def check_secret_key(deployment: Deployment) -> Finding:
    """The newest key of Parameter Store is the one that the function makes links with."""
    name = f"/{deployment.stage.function}/secret-key"
    newest = deployment.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    if deployment.secrets.get("PORTAL_SECRET_KEY") != newest["Value"]:
        return wrong("secret key", "the function does not run with the newest key", "make deploy")
    return right("secret key", f"the newest, made on {newest['LastModifiedDate']:%Y-%m-%d}")


def check_settings(deployment: Deployment) -> Finding:
    """The function runs with what the stacks and the stage say, and with nothing else; a deploy that stopped
    half-way leaves it behind."""
    outputs = deployment.outputs
    wanted = {
        **deployment.stage.settings["aws_environment_variables"],
        **{variable: outputs[output] for output, variable in VARIABLES.items()},
        **{variable: outputs[output] for output, variable in OPTIONAL.items() if output in outputs},
    }
    problems = [f"{name} is {deployment.variables.get(name, 'not set')}, not {value}"
                for name, value in wanted.items() if deployment.variables.get(name) != value]  # fmt: skip
    more = deployment.variables.keys() - wanted.keys()
    problems += [f"{name} is set, and nothing says so" for name in sorted(more)
                 if name.startswith("PORTAL_") and not name.startswith(MADE_BY_A_DEPLOY)]  # fmt: skip
    return judge("settings", problems, "those of the stacks and the stage", "make deploy")


def check_concurrency(deployment: Deployment) -> Finding:
    limits = deployment.client("lambda").get_account_settings()["AccountLimit"]
    number = limits["ConcurrentExecutions"]
    few = [f"the account may run {number} functions at once"] if number < LEAST_CONCURRENCY else []
    return judge("concurrency", few, f"{number} at once in this account and region", RAISE)
