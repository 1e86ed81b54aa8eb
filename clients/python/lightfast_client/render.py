"""What people see of answers in a terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from lightfast_client.client import Lightfast
from lightfast_client.models import Run, SearchAnswer, Snippet, Source

STYLES = {"completed": "green", "failed": "red", "completed_with_errors": "yellow", "cancelled": "dim"}
LINES = 6  # of a result


def show_results(console: Console, found: SearchAnswer) -> None:
    """Show results: where, and the lines that tell most."""
    for result in found.results:
        place = f"{result.key}:{result.first_line}"
        console.print(
            f"[bold cyan]{escape(place)}[/]  [dim]{escape(result.source.name)}[/]  {escape(result.heading)}"
        )
        console.print(_lines(result.matches[0].snippet))
    for note in found.notes:
        console.print(f"[yellow]{escape(note)}[/]")
    shown = f"{len(found.results)} of {found.total}" if found.total > len(found.results) else str(found.total)
    console.print(f"[dim]{shown} found in {found.took_ms:.0f} ms[/]")


def _lines(snippet: Snippet) -> Text:
    text = Text(snippet.text)
    for start, end in snippet.highlights:
        text.stylize("bold yellow", start, end)
    shown = Text()
    for number, line in enumerate(text.split("\n")[:LINES], snippet.first_line):
        shown.append(f"{number:>6}  ", style="dim")
        shown.append_text(line)
        shown.append("\n")
    return shown


def show_sources(console: Console, sources: Sequence[Source]) -> None:
    """Show sources with how fresh each is."""
    table = Table("Source", "Kind", "State", "Documents", "Branch", "Synced", box=None, header_style="bold")
    for row in sources:
        synced = ago(row.synced_at) if row.synced_at else "never"
        table.add_row(row.name, row.kind, row.state, f"{row.documents:,}", row.branch, synced)
    console.print(table if sources else "There are no sources yet.")


def show_runs(console: Console, runs: Sequence[Run]) -> None:
    """Show runs with what each did."""
    table = Table(
        "Run",
        "Source",
        "State",
        "Added",
        "Changed",
        "Removed",
        "Failed",
        "Started",
        box=None,
        header_style="bold",
    )
    for row in runs:
        state = f"[{STYLES.get(row.state, 'cyan')}]{row.state}[/]"
        numbers = (f"{number:,}" for number in (row.added, row.changed, row.removed, row.failed))
        started = ago(row.started_at) if row.started_at else "not yet"
        table.add_row(str(row.id), escape(row.source_name), state, *numbers, started)
    console.print(table if runs else "There are no runs yet.")
    for row in runs:
        if row.error:
            console.print(f"{row.id}: {escape(row.error)}")


def follow(client: Lightfast, run: Run) -> Run:
    """Show a run's progress until it has ended."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(escape(run.source_name), total=None)
        return client.wait_for_run(
            run.id, each=lambda now: progress.update(task, total=now.planned, completed=now.settled)
        )


def ago(moment: datetime) -> str:
    """Return how long ago it was, in one unit."""
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {name} ago"
    return "now"
