"""Measure how well search answers queries whose answers are known."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from console.models import Workspace
from ingestion.models import Integration
from ingestion.sources.errors import SourceError
from lightfast.lib.errors import UserError
from search.evaluation.mine import mine
from search.evaluation.pairs import Pair, read_pairs
from search.evaluation.run import evaluate
from search.evaluation.services import keep, sample
from search.evaluation.tables import gain_table, measure_table
from search.models import Evaluation, EvaluationState
from search.modes import Effort


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("workspace", help="team/workspace, as in its address")
        parser.add_argument("--source", help="the name of the source to ask about (default: the only one)")
        parser.add_argument(
            "--pairs", type=Path, help='JSON of [{"query": …, "documents": [path, …]}] (default: the history)'
        )
        parser.add_argument(
            "--split", choices=("dev", "test", "all"), default="all", help="which half to ask"
        )
        parser.add_argument("--limit", type=int, default=1_000, help="ask so many queries at most")
        parser.add_argument("--effort", type=Effort, choices=list(Effort), default=Effort.BALANCED)
        parser.add_argument(
            "--references", action="store_true", help="measure BM25 and plain fusion beside it"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Ask, print, and keep the figures for the page of the workspace."""
        workspace = _workspace(options["workspace"])
        source = _source(workspace, options["source"])
        try:
            pairs = read_pairs(options["pairs"]) if options["pairs"] else mine(source)
        except (SourceError, UserError) as error:
            raise CommandError(str(error)) from error
        pairs = sample([pair for pair in pairs if _is_in(pair, options["split"])], options["limit"])
        if not pairs:
            raise CommandError("There are no queries to ask.")
        with Progress(transient=True) as progress:
            task = progress.add_task("Asking", total=len(pairs))
            report = evaluate(
                workspace,
                pairs,
                source=source.pk,
                store=source.store.name,
                effort=options["effort"],
                references=options["references"],
                progress=lambda: progress.advance(task),
            )
        evaluation = Evaluation(
            workspace=workspace,
            integration=source,
            source_name=source.name,
            origin=options["pairs"].name if options["pairs"] else "its own history",
            state=EvaluationState.COMPLETED,
        )
        keep(evaluation, report)
        console = Console()
        console.print(
            measure_table(f"{source.name}: {report.pairs} queries, {evaluation.documents} files", report)
        )
        if options["references"]:
            console.print(gain_table(report))


def _workspace(name: str) -> Workspace:
    organization, _, slug = name.partition("/")
    workspace = Workspace.objects.alive().filter(organization__slug=organization, slug=slug).first()
    if workspace is None:
        raise CommandError(f"There is no workspace {name!r}. Write it as in its address: team/workspace.")
    return workspace


def _source(workspace: Workspace, name: str | None) -> Integration:
    sources = Integration.objects.in_workspace(workspace).select_related("store__serving")
    found = list(sources.filter(name=name) if name else sources)
    if len(found) != 1:
        names = ", ".join(sorted(row.name for row in sources)) or "none"
        raise CommandError(f"Name one source of {workspace} with --source; there are: {names}.")
    return found[0]


def _is_in(pair: Pair, split: str) -> bool:
    return split == "all" or pair.is_dev == (split == "dev")
