"""Fair queries out of a source's own past."""

from collections.abc import Iterator

from ingestion.models import Document, Integration
from ingestion.pipeline.context import source_of
from ingestion.sources.base import Head, HistorySource
from search.evaluation.pairs import Change, Pair, pairs_of

COMMITS = 2_000


def mine(integration: Integration) -> list[Pair]:
    """Return pairs of what was said of a change and the files that it touched; raises `SourceError`.

    From the history of the repository, where the source can tell it, else from the commits and pull requests that are
    indexed with it.
    """
    files = Document.objects.filter(integration=integration, kind="file")
    return pairs_of(_changes(integration), frozenset(files.values_list("key", flat=True)))


def _changes(integration: Integration) -> Iterator[Change]:
    source, context = source_of(integration)
    if isinstance(source, HistorySource):
        head = Head(integration.cursor, integration.cursor_label)
        for past in source.history(context, head, limit=COMMITS):
            yield Change(past.message, past.keys, past.author)
        return
    told = Document.objects.filter(integration=integration, kind__in=("commit", "pull_request"))
    for title, author, metadata in told.values_list("title", "author", "metadata").iterator():
        if len(metadata.get("parents", ())) < 2:
            yield Change(title, tuple(metadata.get("files", ())), author)
