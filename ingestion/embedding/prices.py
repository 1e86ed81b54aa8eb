"""What embedding costs: US dollars a million tokens, as https://docs.voyageai.com/docs/pricing listed them in 2026-05.

The tokens that the service gives for free at first are not considered: an estimate is rather too high than too low.
"""

from decimal import Decimal

from ingestion.embedding import EmbeddingConfig

PAID = frozenset({"voyage"})
DOLLARS_PER_MILLION = {
    "voyage-4-large": Decimal("0.12"),
    "voyage-4": Decimal("0.06"),
    "voyage-4-lite": Decimal("0.02"),
    "voyage-3-large": Decimal("0.18"),
    "voyage-3.5": Decimal("0.06"),
    "voyage-3.5-lite": Decimal("0.02"),
    "voyage-code-3": Decimal("0.18"),
    "voyage-code-2": Decimal("0.12"),
    "voyage-finance-2": Decimal("0.12"),
    "voyage-law-2": Decimal("0.12"),
    "voyage-multilingual-2": Decimal("0.12"),
}
SOURCE = "https://docs.voyageai.com/docs/pricing"
BYTES_PER_TOKEN = 3  # fewer than code and prose have, so that an estimate is rather too high


def is_paid(config: EmbeddingConfig) -> bool:
    """Tell whether embedding under a configuration costs money."""
    return config.embedder in PAID


def price_of(config: EmbeddingConfig) -> Decimal:
    """Return dollars a million tokens; a model that is not listed costs as much as the dearest."""
    if not is_paid(config):
        return Decimal(0)
    return DOLLARS_PER_MILLION.get(config.model, max(DOLLARS_PER_MILLION.values()))


def dollars_of(config: EmbeddingConfig, tokens: int) -> Decimal:
    """Return what so many tokens cost."""
    return price_of(config) * tokens / 1_000_000


def estimated_tokens(size: int) -> int:
    """Return about how many tokens so many bytes have."""
    return -(-size // BYTES_PER_TOKEN)
