"""What embedding is going to cost, told before it is done."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from console.models import Workspace
from ingestion.embedding.prices import SOURCE, dollars_of, estimated_tokens, is_paid, price_of
from ingestion.models import Hold, IndexVersion, Run, Store, Tally
from ingestion.stores import IndexConfig


@dataclass(frozen=True, slots=True)
class Quote:
    """An estimate: documents to read, about how many tokens they have, and what that costs.

    `unsized` of the documents are of a size that their source does not tell beforehand; they are not in the tokens.
    """

    model: str
    paid: bool
    documents: int
    size: int
    tokens: int
    unsized: int
    price: Decimal
    dollars: Decimal
    source: str = SOURCE


def quote_of(run: Run) -> Quote | None:
    """Return what a planned run was going to cost; its integration comes with its store's target."""
    target = run.integration.store.target
    if target is None or not run.estimate:
        return None
    found = run.estimate
    return _quote(target, found["documents"], found["bytes"], found["unsized"])


def quote_of_all(workspace: Workspace) -> tuple[int, Quote | None]:
    """Return how many of a workspace's runs wait for a go-ahead, and what they would cost together."""
    waiting = Run.objects.in_workspace(workspace).active().filter(hold=Hold.CONFIRMATION)
    runs = list(waiting.select_related("integration__store__target"))
    quotes = [quote for quote in map(quote_of, runs) if quote is not None]
    if not quotes:
        return 0, None
    sums = {
        name: sum(getattr(quote, name) for quote in quotes)
        for name in ("documents", "size", "tokens", "unsized", "dollars")
    }
    return len(runs), replace(quotes[0], **sums)


def quotes_of_change(store: Store, configs: Iterable[IndexConfig]) -> list[tuple[IndexConfig, Quote]]:
    """Return what it would cost to embed all of a store again under each of the configurations."""
    held = Tally.objects.in_store(store).held()
    return [(config, _quote(config, held.documents, held.size, 0)) for config in configs]


def _quote(config: IndexVersion | IndexConfig, documents: int, size: int, unsized: int) -> Quote:
    tokens = estimated_tokens(size)
    return Quote(
        model=config.model,
        paid=is_paid(config),
        documents=documents,
        size=size,
        tokens=tokens,
        unsized=unsized,
        price=price_of(config),
        dollars=dollars_of(config, tokens),
    )
