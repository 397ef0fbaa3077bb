"""Write what a deployer must be allowed: `python -m infrastructure.deployer_policy`.

deployer-policy.json is what the commands themselves call, as a test records it. cloudformation-policy-*.json
is what CloudFormation calls to make the stacks' resources, by the schemas of their types; it is for the role
that CloudFormation acts under (`cloudformation_role`), or for the deployer where there is none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby
from typing import Any

from cfnlint.decode import cfn_yaml

from infrastructure.runtime import CHECKOUT
from infrastructure.stacks import FOLDER, STACKS
from infrastructure.watch_costs import COSTS

# What a deploy, the doctor, `make admin`, `logs`, `rotate` and `destroy` call, by service.
CALLED = {
    "apigateway": "GET PATCH POST",
    "cloudformation": """CreateChangeSet CreateStack DeleteChangeSet DeleteStack DescribeChangeSet
        DescribeStackDriftDetectionStatus DescribeStackResource DescribeStackResourceDrifts DescribeStacks
        DetectStackDrift ExecuteChangeSet GetTemplate GetTemplateSummary UpdateStack
        UpdateTerminationProtection""",
    "cloudwatch": "DescribeAlarms GetMetricStatistics",
    "cognito-idp": "DescribeUserPool DescribeUserPoolClient ListUsersInGroup",
    "dynamodb": "DescribeContinuousBackups DescribeTable DescribeTimeToLive",
    "events": "ListRuleNamesByTarget",
    "lambda": """CreateFunction DeleteFunction DeleteFunctionConcurrency GetAccountSettings GetAlias
        GetFunction GetFunctionConfiguration GetPolicy ListEventSourceMappings ListFunctionUrlConfigs
        ListVersionsByFunction TagResource UpdateFunctionCode UpdateFunctionConfiguration""",
    "logs": "DescribeLogGroups",
    "s3": """DeleteObject GetBucketCORS GetBucketPublicAccessBlock GetBucketVersioning
        GetLifecycleConfiguration ListBucket PutObject""",
    "ses": "GetAccount GetEmailIdentity",
    "sns": "ListSubscriptionsByTopic",
    "sqs": "GetQueueAttributes",
    "ssm": "GetParameter GetParameterHistory PutParameter",
    "sts": "GetCallerIdentity",
}
# What the test's run does not call, and why it is there all the same.
REASONS = {
    "iam:PassRole": "Lambda and API Gateway are handed the function's role",
    "lambda:PutFunctionConcurrency": "a stage with lambda_concurrency in its [zappa]",
    "s3:GetObject": "CloudFormation reads a template from the bucket with the rights of whoever asks",
    "apigateway:DELETE": "deleting the API's stack, and one with a resource less",
    "apigateway:PUT": "CloudFormation makes the API's methods",
    "cloudformation:ContinueUpdateRollback": "a rollback that failed",
    "cloudformation:DescribeStackEvents": "a change that failed says why",
    "cloudformation:DescribeStackResources": "the API's address, and a creation that failed",
    "cognito-idp:AdminAddUserToGroup": "make admin",
    "cognito-idp:AdminCreateUser": "make admin",
    "cognito-idp:AdminGetUser": "make admin",
    "cognito-idp:AdminListGroupsForUser": "make admin",
    "cognito-idp:ListGroups": "taking in what outlived a stage",
    "ce:GetCostAndUsage": "make cost",
    "dynamodb:UpdateContinuousBackups": "taking in a table that was restored",
    "dynamodb:UpdateTimeToLive": "taking in a table that was restored",
    "dynamodb:Scan": "make rotate looks whether an old key is still needed",
    "lambda:ListTags": "GetFunction says the tags to who may list them, and they say what is deployed",
    "lambda:UntagResource": "make rollback",
    "logs:FilterLogEvents": "make logs",
    "ssm:DeleteParameter": "make rotate ARGS=--forget",
    "sqs:DeleteMessage": 'make redrive ("Using API actions to configure a dead-letter queue redrive")',
    "sqs:ListMessageMoveTasks": "make redrive",
    "sqs:ReceiveMessage": "make redrive",
    "sqs:SendMessage": "make redrive",
    "sqs:StartMessageMoveTask": "make redrive",
}
PASSING = "iam:PassRole"
# The function's role to Lambda, and to API Gateway, which invokes it under that role; the scanner's to
# GuardDuty; and to CloudFormation the one that it acts under.
PASSED_TO = [
    "apigateway.amazonaws.com", "cloudformation.amazonaws.com", "lambda.amazonaws.com",
    "malware-protection-plan.guardduty.amazonaws.com",
]  # fmt: skip
# Operations whose action has another name (service authorization reference).
OTHER_NAMES = {
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
# Asked for by the schemas for what no stack here does: replicas elsewhere, imports, code from a bucket.
# A deployer reads no file and no fact by them.
READS_OR_WRITES_DATA = {
    "dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:GetRecords",
    "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem", "lambda:InvokeFunction",
    "logs:GetLogEvents", "logs:PutLogEvents", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject",
    "s3:DeleteObject", "ses:SendEmail", "sns:Publish", "sqs:ReceiveMessage", "sqs:SendMessage",
}  # fmt: skip
# Of a managed policy, spaces left out ("IAM and AWS STS quotas").
LARGEST = 6144


def name_action(service: str, operation: str, method: str) -> str:
    """The action that a call needs; API Gateway's are the methods of HTTP."""
    prefix = {"monitoring": "cloudwatch"}.get(service, service)
    action = f"{prefix}:{method if prefix == 'apigateway' else operation}"
    return OTHER_NAMES.get(action, action)


def list_called_actions() -> set[str]:
    return {f"{service}:{name}" for service, names in CALLED.items() for name in names.split()}


def list_deployer_actions() -> list[str]:
    return sorted(list_called_actions() | REASONS.keys())


def list_formation_actions() -> list[str]:
    """Of every type of the stacks' templates, by the handlers in its schema, for services that these use."""
    templates = [cfn_yaml.load(str(each)) for each in (*(one.template for one in STACKS), COSTS)]
    types = {one["Type"] for template in templates for one in template["Resources"].values()}
    asked = {
        action
        for schema in _schemas()
        if schema["typeName"] in types
        for handler in schema.get("handlers", {}).values()
        for action in handler.get("permissions", [])
    }
    services = {each.split("::")[1].casefold() for each in types} - {"cognito"}
    services |= {"cognito-idp", "acm"}
    # Some schemas name what is no action, such as an entry of a log.
    actions = {each for each in asked if re.fullmatch(r"[a-z0-9-]+:[A-Za-z]+", each)}
    own = {each for each in actions if each.partition(":")[0] in services}
    return sorted(own - READS_OR_WRITES_DATA)


def make_policy(actions: Iterable[str]) -> dict[str, Any]:
    """A statement for each service; roles may be passed to the services that need one, and to no other."""
    actions = list(actions)
    others = [each for each in actions if each != PASSING]
    passing = {
        "Sid": "PassRoles",
        "Effect": "Allow",
        "Action": [PASSING],
        "Resource": "*",
        "Condition": {"StringEquals": {"iam:PassedToService": PASSED_TO}},
    }
    statements = [
        {
            "Sid": "".join(part.capitalize() for part in service.split("-")),
            "Effect": "Allow",
            "Action": list(names),
            "Resource": "*",
        }
        for service, names in groupby(others, lambda action: action.partition(":")[0])
    ]
    passed = [passing] if PASSING in actions else []
    return {"Version": "2012-10-17", "Statement": [*statements, *passed]}


def split_policy(actions: list[str]) -> Iterator[dict[str, Any]]:
    """As few as fit the size of a managed policy."""
    part: list[str] = []
    for action in actions:
        if measure(make_policy([*part, action])) > LARGEST:
            yield make_policy(part)
            part = []
        part.append(action)
    yield make_policy(part)


def measure(policy: dict[str, Any]) -> int:
    return len(json.dumps(policy, separators=(",", ":")))


def list_documents() -> dict[str, dict[str, Any]]:
    """Each document by its file's name."""
    parts = enumerate(split_policy(list_formation_actions()), 1)
    return {
        "deployer-policy.json": make_policy(list_deployer_actions()),
        **{f"cloudformation-policy-{number}.json": policy for number, policy in parts},
    }


def main() -> None:
    for name, policy in list_documents().items():
        (FOLDER / name).write_text(json.dumps(policy, indent=2) + "\n", encoding="utf-8")
        print((FOLDER / name).relative_to(CHECKOUT))


def _schemas() -> Iterator[dict[str, Any]]:
    """Those of CloudFormation's registry, which cfn-lint brings."""
    for path in files("cfnlint.data.schemas.resources").iterdir():
        if path.name.endswith(".json"):
            found = json.loads(path.read_text(encoding="utf-8"))
            if "typeName" in found:
                yield found


if __name__ == "__main__":
    main()
