"""How well rankings answer queries, with how sure that is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log2
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAMES = {"recall_5": "recall@5", "recall_10": "recall@10", "mrr_10": "MRR@10", "ndcg_10": "nDCG@10"}
SAMPLES = 2_000
CONFIDENCE = 0.95

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over queries, and the 95 % bootstrap interval around it."""

    value: float
    low: float
    high: float

    @property
    def figure(self) -> str:
        """The mean, as it is printed."""
        return f"{self.value:.3f}"

    @property
    def percent(self) -> str:
        """The mean in percent."""
        return f"{self.value:.0%}"

    @property
    def between(self) -> str:
        """The interval in percent."""
        return f"{self.low:.0%} to {self.high:.0%}"

    def as_json(self) -> dict[str, float]:
        """Return the figures, rounded."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def scores(ranking: Sequence[str], relevant: Collection[str]) -> dict[str, float]:
    """Return each measure of one ranking; a document counts or does not."""
    gains = [float(document in relevant) for document in ranking[:10]]
    first = next((rank for rank, gain in enumerate(gains, start=1) if gain), None)
    ideal = sum(1 / log2(rank + 1) for rank in range(1, min(len(relevant), 10) + 1))
    return {
        "recall_5": sum(gains[:5]) / len(relevant),
        "recall_10": sum(gains) / len(relevant),
        "mrr_10": 1 / first if first else 0.0,
        "ndcg_10": sum(gain / log2(rank + 1) for rank, gain in enumerate(gains, start=1)) / ideal,
    }


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean, and the interval that the means of resampled queries lie in (Efron's percentiles)."""
    found = np.asarray(values, dtype=np.float64)
    if not len(found):
        return Estimate(0.0, 0.0, 0.0)
    low, high = _interval(found[_resampled(len(found))].mean(axis=1))
    return Estimate(float(found.mean()), low, high)


def gain(ours: Sequence[float], theirs: Sequence[float]) -> Estimate:
    """Return by how much of theirs our mean is larger, resampling the queries of both together."""
    a, b = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if not b.any():
        return Estimate(0.0, 0.0, 0.0)
    chosen = _resampled(len(a))
    means = b[chosen].mean(axis=1)
    low, high = _interval(a[chosen].mean(axis=1) / np.where(means == 0, np.nan, means) - 1)
    return Estimate(float(a.mean() / b.mean() - 1), low, high)


def estimates(rows: Sequence[Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """Return each measure's estimate over the scores of many queries."""
    return {name: estimate([row[name] for row in rows]).as_json() for name in NAMES}


def _resampled(count: int) -> NDArray[np.int64]:
    return np.random.default_rng(0).integers(0, count, size=(SAMPLES, count))


def _interval(means: Values) -> tuple[float, float]:
    tail = (1 - CONFIDENCE) / 2 * 100
    means = means[~np.isnan(means)]
    low, high = np.percentile(means, [tail, 100 - tail]) if len(means) else (0.0, 0.0)
    return float(low), float(high)
