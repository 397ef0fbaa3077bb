"""A deployed stage to examine: a function of no code, the portal's answers from a small server."""

from __future__ import annotations

import io
import json
import zipfile
from http.server import BaseHTTPRequestHandler
from typing import Any

from infrastructure.doctor.findings import Deployment
from infrastructure.stages import Stage
from portal.engine.metrics import NAMESPACE, Metric
from portal.version import read_version


class Page(BaseHTTPRequestHandler):
    """The portal's answers, of which `broken` names what is wrong."""

    broken = ""
    sign_in = policy = ""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            version = "0.0.1" if self.broken == "version" else read_version()
            self.answer(503 if self.broken == "health" else 200, json.dumps({"version": version}))
        elif self.path == "/login":
            self.answer(
                302, "", Location="https://elsewhere.example/" if self.broken == "sign-in" else self.sign_in
            )
        else:
            self.answer(
                200, "", **{"Content-Security-Policy": "" if self.broken == "policy" else self.policy}
            )

    def answer(self, status: int, text: str, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


def make_function(session: Any, stage: Stage, told: dict[str, Any]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("app.py", "def handler(event, context): pass")
    functions = session.client("lambda")
    functions.create_function(
        FunctionName=stage.function,
        Runtime=told["runtime"],
        Architectures=[told["architecture"]],
        MemorySize=told["memory_size"],
        Timeout=told["timeout_seconds"],
        Role=told["role_arn"],
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": told["aws_environment_variables"]},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName=stage.function, WaiterConfig={"Delay": 1})


def put_tick(deployment: Deployment) -> None:
    dimension = {"Name": "service", "Value": deployment.stage.function}
    deployment.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[{"MetricName": Metric.SWEEP_LAG.title, "Dimensions": [dimension], "Value": 1}],
    )


def make_up_for_the_stand_in(deployment: Deployment) -> None:
    """Its CloudFormation leaves out what the template says of recovery and lifecycle."""
    for table in ("Table", "AuditTable"):
        deployment.client("dynamodb").update_continuous_backups(
            TableName=deployment.outputs[table],
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
    deployment.client("s3").put_bucket_lifecycle_configuration(
        Bucket=deployment.outputs["FilesBucket"], LifecycleConfiguration={"Rules": [*RULES.values()]}
    )


RULES: dict[str, Any] = {
    "abandoned-parts": {
        "ID": "abandoned-parts", "Status": "Enabled", "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 30},
    },
    "empty-delete-markers": {
        "ID": "empty-delete-markers", "Status": "Enabled", "Filter": {"Prefix": ""},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    },
}  # fmt: skip
ENDS_FILES = {"ID": "tidy", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}}
