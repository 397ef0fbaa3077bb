"""The metrics that a log holds, as CloudWatch reads them ("Specification: Embedded metric format")."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from portal.engine.metrics import NAMESPACE, Metric
from portal.web.edge.logging import JsonLines

SERVICE = "portal-of-tests"
# Fields that may file a metric: kinds of things, of which there are few.
MAY_FILE = {"service", "audience", "kind"}


def watch_figures(caplog: pytest.LogCaptureFixture) -> None:
    """Keep their lines from now on, as a portal does however little it logs. One that was started in this
    process before may have had them kept already.
    """
    caplog.clear()
    for name in ("portal.metrics", "portal.request"):
        caplog.set_level(logging.INFO, name)


def read_figures(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """The lines that tell of figures. Fails where CloudWatch would pass over one."""
    lines = [
        json.loads(JsonLines(SERVICE).format(each)) for each in caplog.records if "figures" in vars(each)
    ]
    for line in lines:
        check_line(line)
    return lines


def list_values(caplog: pytest.LogCaptureFixture, metric: Metric) -> list[float]:
    return [line[metric.title] for line in read_figures(caplog) if metric.title in line]


def check_line(line: dict[str, Any]) -> None:
    units = {each.title: each.unit for each in Metric}
    assert isinstance(line["_aws"]["Timestamp"], int)
    assert line["_aws"]["CloudWatchMetrics"]
    for directive in line["_aws"]["CloudWatchMetrics"]:
        assert directive["Namespace"] == NAMESPACE
        assert directive["Dimensions"][0] == ["service"]
        for name in {each for names in directive["Dimensions"] for each in names}:
            assert name in MAY_FILE
            assert isinstance(line[name], str), name
        for each in directive["Metrics"]:
            assert isinstance(line[each["Name"]], int | float), each
            assert each["Unit"] == units[each["Name"]]
