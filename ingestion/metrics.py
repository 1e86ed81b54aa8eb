"""The state of the work, for Prometheus: what waits and for how long, what came of it, how old each index is."""

from collections.abc import Iterable, Iterator

from django.db.models import Count, F, Max, Model, Q, QuerySet, Sum
from django.db.models.functions import Extract, Now
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ingestion.models import (
    OPEN_ITEM_STATES,
    Delivery,
    DeliveryState,
    Integration,
    Purge,
    Run,
    RunItem,
    RunState,
    Store,
)
from ingestion.pipeline.vector_index import indexes, large


class WorkCollector(Collector):
    """Queues, outcomes and ages, as the tables have them."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; seconds for every age."""
        yield from _waiting("runs", Run.objects.filter(state=RunState.QUEUED, due_at__lte=Now()), "due_at")
        received = Delivery.objects.filter(state=DeliveryState.RECEIVED)
        yield from _waiting("deliveries", received, "created_at")
        yield from _waiting("purges", Purge.objects.filter(completed_at=None), "created_at")
        open_items = RunItem.objects.filter(state__in=OPEN_ITEM_STATES).count()
        yield GaugeMetricFamily("lightfast_items_open", "Documents of runs not done yet.", value=open_items)
        runs = Run.objects.values_list("state").annotate(Count("pk"))
        yield _by("runs", "Runs by state; those that ended keep it.", "state", runs)
        sources = Integration.objects.alive().values_list("state").annotate(Count("pk"))
        yield _by("sources", "Sources by state.", "state", sources)
        yield _ages()
        tokens = Run.objects.aggregate(total=Sum("tokens_embedded"))["total"] or 0
        yield CounterMetricFamily("lightfast_embedded_tokens", "Tokens embedded by runs.", value=tokens)
        chunks = Store.objects.aggregate(total=Sum("serving__chunk_count"))["total"] or 0
        yield GaugeMetricFamily("lightfast_chunks", "Chunks that are searched.", value=chunks)
        yield _vector_indexes()


def _waiting(what: str, rows: QuerySet[Model], since: str) -> Iterator[Metric]:
    found = rows.aggregate(number=Count("pk"), age=Max(Extract(Now() - F(since), "epoch")))
    yield GaugeMetricFamily(f"lightfast_{what}_waiting", f"{what.title()} that wait.", value=found["number"])
    age = max(0.0, float(found["age"] or 0))
    name = f"lightfast_{what}_waiting_seconds"
    yield GaugeMetricFamily(name, "How long the oldest of them has waited.", value=age)


def _by(what: str, help_text: str, label: str, rows: Iterable[tuple[str, int]]) -> Metric:
    family = GaugeMetricFamily(f"lightfast_{what}", help_text, labels=[label])
    for value, number in rows:
        family.add_metric([value], number)
    return family


def _ages() -> Metric:
    family = GaugeMetricFamily(
        "lightfast_index_age_seconds",
        "Since the index of a source was last equal to it.",
        labels=["organization", "workspace", "source"],
    )
    rows = Integration.objects.alive().filter(~Q(synced_at=None))
    names = ("workspace__organization__slug", "workspace__slug", "pk")
    for *labels, age in rows.values_list(*names, Extract(Now() - F("synced_at"), "epoch")):
        family.add_metric([str(label) for label in labels], float(age))
    return family


def _vector_indexes() -> Metric:
    there, wanted = indexes(), set(large().values_list("pk", flat=True))
    counts = {
        "valid": sum(there.values()),
        "invalid": sum(not valid for valid in there.values()),
        "missing": len(wanted - there.keys()),
    }
    help_text = "Indexes over vectors; an invalid one is in work, or was not finished."
    return _by("vector_indexes", help_text, "state", counts.items())
