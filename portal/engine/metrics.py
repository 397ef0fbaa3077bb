"""Figures for the operator, as log lines that CloudWatch reads as metrics ("Embedded metric format")."""

from __future__ import annotations

import logging

from portal.engine.services import Services

log = logging.getLogger("portal.metrics")


def emit(name: str, value: float, unit: str, services: Services, **dimensions: str) -> None:
    """One figure, filed under its dimensions and once more without, so that one alarm sees all of them."""
    directive = {
        "Namespace": services.metrics_namespace,
        "Dimensions": [sorted(dimensions), []] if dimensions else [[]],
        "Metrics": [{"Name": name, "Unit": unit}],
    }
    about = {"Timestamp": int(services.clock().timestamp() * 1000), "CloudWatchMetrics": [directive]}
    log.info("metric", extra={"_aws": about, name: value, **dimensions})
