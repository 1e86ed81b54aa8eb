"""What an index keeps count of, compared with what is there."""

from collections import Counter

from ingestion.models import Chunk, Document, IndexVersion, Integration, Omission, Run, RunItem, Tally


def assert_true(integration: Integration) -> None:
    """Compare every kept count with the rows."""
    documents: Counter[tuple[str, str]] = Counter()
    sizes: Counter[tuple[str, str]] = Counter()
    for kind, language, size in Document.objects.filter(integration=integration).values_list(
        "kind", "language", "size"
    ):
        documents[kind, language] += 1
        sizes[kind, language] += size
    tallies = Tally.objects.filter(integration=integration)
    assert {(t.kind, t.language): t.documents for t in tallies if t.documents} == documents
    assert {(t.kind, t.language): t.size for t in tallies if t.size} == sizes
    for version in IndexVersion.objects.filter(store=integration.store):
        assert version.chunk_total == Chunk.objects.filter(version=version).count()
    omitted: dict[str, Counter[str]] = {}
    for state, reason in Omission.objects.filter(integration=integration).values_list("state", "reason"):
        omitted.setdefault(state, Counter())[reason] += 1
    integration.refresh_from_db()
    assert integration.omitted == omitted
    for run in Run.objects.filter(integration=integration):
        items = RunItem.objects.filter(run=run)
        assert run.total == items.count()
        assert run.settled == items.filter(state__in=("done", "skipped", "failed")).count()
