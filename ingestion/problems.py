"""What is wrong in a workspace, what to do about it, and where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from console.models import Workspace
from ingestion.models import ConfigState, ConnectionState, Hold, Integration, IntegrationState, Run, RunState


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that somebody should see to: `url` and `action` are where and what."""

    tone: str
    title: str
    detail: str
    url: str
    action: str


def problems_of(
    workspace: Workspace, sources: Sequence[Integration], held: Iterable[Run], last_runs: Iterable[Run]
) -> list[Problem]:
    """Return the problems of a workspace, the worst first.

    `sources` come with their connection; `held` are the runs that wait for somebody, `last_runs` the last ones.
    """
    found = [*_connections(workspace, sources)]
    for source in sources:
        found += _source(workspace, source)
    found += _held(workspace, held)
    failed = {run.integration_id: run for run in last_runs if run.state == RunState.FAILED}
    for source in sources:
        if source.state == IntegrationState.ACTIVE and source.config_state != ConfigState.INVALID:
            run = failed.get(source.pk)
            if run is not None:
                url = _url("ingestion:job", workspace, run.pk)
                found.append(
                    Problem("danger", f"The last sync of {source} failed", run.error, url, "Open the job")
                )
    return sorted(found, key=lambda problem: problem.tone != "danger")


def _connections(workspace: Workspace, sources: Sequence[Integration]) -> Iterable[Problem]:
    lost = {
        source.connection.pk: source.connection
        for source in sources
        if source.connection is not None and source.connection.state != ConnectionState.ACTIVE
    }
    url = reverse("ingestion:connections", args=[workspace.organization.slug])
    for connection in lost.values():
        state = ConnectionState(connection.state).label.lower()
        detail = connection.state_reason or "Its sources do not sync until it is connected again."
        yield Problem(
            "danger", f"The connection {connection.name} is {state}", detail, url, "Open connections"
        )


def _source(workspace: Workspace, source: Integration) -> Iterable[Problem]:
    url = _url("ingestion:source", workspace, source.pk)
    lost = source.connection is not None and source.connection.state != ConnectionState.ACTIVE
    if source.state == IntegrationState.BLOCKED and not lost:
        yield Problem("danger", f"{source} does not sync", source.state_reason, url, "Open the source")
    if source.config_state == ConfigState.INVALID:
        first = source.config_problems[0] if source.config_problems else {"line": 1, "message": ""}
        detail = f"Line {first['line']}: {first['message']} The index stays as it was until this is mended."
        config = _url("ingestion:config", workspace, source.pk)
        yield Problem("danger", f"The lightfast.yml of {source} is invalid", detail, config, "See the lines")
    if source.failed:
        number = f"{source.failed:,} document{'' if source.failed == 1 else 's'}"
        failed = _url("ingestion:source_omissions", workspace, source.pk) + "?state=failed"
        yield Problem(
            "warning",
            f"{number} of {source} failed",
            "Every sync tries again what failed.",
            failed,
            "See why",
        )


def _held(workspace: Workspace, held: Iterable[Run]) -> Iterable[Problem]:
    runs = list(held)
    waiting = [run for run in runs if run.hold == Hold.BUDGET]
    if waiting:
        url = reverse("ingestion:budget", args=[workspace.organization.slug, workspace.slug])
        title = f"{len(waiting)} {'job waits' if len(waiting) == 1 else 'jobs wait'} for the budget"
        yield Problem("danger", title, waiting[0].error, url, "See the budget")
    asking = [run for run in runs if run.hold == Hold.CONFIRMATION]
    if len(asking) == 1:
        [run] = asking
        url = _url("ingestion:source", workspace, run.integration_id)
        detail = f"It is planned: {run.estimate['documents']:,} documents, about {run.estimate['tokens']:,} tokens."
        title = f"The first sync of {run.integration} waits for your go-ahead"
        yield Problem("warning", title, detail, url, "See what it costs")
    elif asking:
        url = reverse("ingestion:sources", args=[workspace.organization.slug, workspace.slug])
        tokens = sum(run.estimate["tokens"] for run in asking)
        title = f"{len(asking)} first syncs wait for your go-ahead"
        yield Problem("warning", title, f"Together about {tokens:,} tokens.", url, "See what they cost")


def _url(view: str, workspace: Workspace, pk: object) -> str:
    return reverse(view, args=[workspace.organization.slug, workspace.slug, pk])
