"""The figures of a measurement: how they are summed up, and what they were taken on."""

import os
import platform
from collections.abc import Sequence
from typing import Any

import psutil
from django.conf import settings

from bench.setting import percentile

Figures = dict[str, Any]


def milliseconds(seconds: Sequence[float]) -> Figures:
    """Return the usual percentiles of some times."""
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    return {f"{name} ms": round(percentile(list(seconds), share) * 1000, 1) for name, share in shares.items()}


def machine(when: str) -> Figures:
    """Return what the figures were taken on."""
    return {
        "when": when,
        "processors": os.cpu_count(),
        "memory": round(psutil.virtual_memory().total / 1e9, 1),
        "python": platform.python_version(),
        "load before": round(os.getloadavg()[0], 1),
        "index memory": settings.VECTOR_INDEX_MEMORY,
    }
