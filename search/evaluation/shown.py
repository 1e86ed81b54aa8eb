"""An evaluation's figures as pages show them."""

from typing import Any, NamedTuple

from console.models import Workspace
from search.evaluation.measures import NAMES
from search.evaluation.run import HYBRID
from search.models import Evaluation, EvaluationState

LEGS = {
    HYBRID: "All together",
    "lexical": "Words",
    "semantic": "Meaning",
    "path": "Paths",
    "symbol": "Headings and symbols",
    "definition": "Definitions",
    "nearness": "Words side by side",
    "bm25": "BM25 alone",
    "rrf": "Plain fusion",
}
POINTS = 30  # of a trend
WIDTH, HEIGHT = 600, 120


class Leg(NamedTuple):
    """One row of figures: a leg's name in words, and each measure with its interval."""

    name: str
    is_whole: bool
    measures: list[dict[str, Any]]


def legs_of(evaluation: Evaluation) -> list[Leg]:
    """Return the figures of an evaluation, the whole first."""
    return [
        Leg(
            label,
            name == HYBRID,
            [
                {"label": NAMES[m], **evaluation.measures[name][m]}
                for m in NAMES
                if m in evaluation.measures[name]
            ],
        )
        for name, label in LEGS.items()
        if name in evaluation.measures
    ]


def latest_of(workspace: Workspace) -> list[Evaluation]:
    """Return the newest completed evaluation of each source that is still there."""
    rows = Evaluation.objects.in_workspace(workspace).filter(
        state=EvaluationState.COMPLETED, integration__isnull=False
    )
    newest = rows.order_by("integration", "-id").distinct("integration").select_related("integration")
    return sorted(newest, key=lambda row: row.source_name)


def trend(workspace: Workspace) -> dict[str, Any] | None:
    """Return the points of recall@10 and MRR@10 over the last evaluations, for an SVG; None for fewer than two."""
    rows = Evaluation.objects.in_workspace(workspace).filter(state=EvaluationState.COMPLETED)
    found = list(rows.values_list("measures", "created_at")[:POINTS])[::-1]
    if len(found) < 2:
        return None
    step = WIDTH / (len(found) - 1)
    lines = {
        measure: " ".join(
            f"{number * step:.0f},{HEIGHT * (1 - row[HYBRID][measure]['value']):.0f}"
            for number, (row, _) in enumerate(found)
        )
        for measure in ("recall_10", "mrr_10")
    }
    return {"lines": lines, "width": WIDTH, "height": HEIGHT, "since": found[0][1], "count": len(found)}
