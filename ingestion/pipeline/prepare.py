"""Turning what a source gave into a document and its chunks; nothing here touches the database."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from ingestion.models import Document, IndexVersion, ItemState, RunItem
from ingestion.pipeline.chunk import chunk
from ingestion.pipeline.decode import inspect
from ingestion.pipeline.languages import language_of
from ingestion.pipeline.lexemes import to_tsvector
from ingestion.reasons import Reason
from ingestion.sources.base import Fetched
from lightfast.lib.redact import redact

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PreparedChunk:
    """A chunk ready to be embedded and written. `content_hash` is the SHA-256 of `embedded_text`."""

    version: IndexVersion
    ordinal: int
    text: str
    heading: str
    first_line: int
    last_line: int
    tokens: int
    lexemes: str
    embedded_text: str
    content_hash: bytes


@dataclass(slots=True)
class Outcome:
    """What became of an item so far: a document to write, or a state with its reason."""

    item: RunItem
    document: Document | None = None
    chunks: list[PreparedChunk] = field(default_factory=list)
    versions: tuple[IndexVersion, ...] = ()
    state: ItemState = ItemState.DONE
    reason: str = ""
    detail: str = ""

    def end(self, state: ItemState, reason: Reason, detail: str = "") -> None:
        """Settle the item without a document."""
        self.document, self.chunks, self.versions = None, [], ()
        self.state, self.reason, self.detail = state, reason.value, redact(detail)[:2000]


def prepare(
    item: RunItem,
    fetched: Fetched,
    known: Document | None,
    *,
    target: IndexVersion,
    serving: IndexVersion,
) -> Outcome:
    """Decode, describe and chunk one fetched document.

    While a store is moving to another configuration, new contents are prepared under both, so that searches, which
    still read the serving version, stay fresh. Contents that did not change are prepared under the target only, and
    not at all where they already are.
    """
    outcome = Outcome(item)
    try:
        if fetched.failure is not None:
            state = ItemState.SKIPPED if fetched.failure == Reason.TOO_LARGE else ItemState.FAILED
            outcome.end(state, fetched.failure, fetched.detail)
            return outcome
        text, skipped = (fetched.text, None) if fetched.text is not None else inspect(fetched.data or b"")
        if skipped is not None or text is None:
            outcome.end(ItemState.SKIPPED, skipped or Reason.UNDECODABLE)
            return outcome
        content_hash = hashlib.sha256(text.encode()).digest()
        if known is None or bytes(known.content_hash) != content_hash:
            outcome.versions = (target,) if target == serving else (target, serving)
        elif known.config_hash != target.config_hash:
            outcome.versions = (target,)
        document = known if known is not None else Document(kind=item.kind, key=item.key)
        _describe(document, fetched, text)
        document.content_hash, document.config_hash = content_hash, target.config_hash
        document.revision = item.revision
        outcome.document = document
        outcome.chunks = chunks_of(document, outcome.versions)
    except Exception as error:
        logger.exception("Document %s of run %s failed", item.key, item.run_id)
        outcome.end(ItemState.FAILED, Reason.ERROR, f"{type(error).__name__}: {error}")
    return outcome


def held(document: Document) -> Fetched:
    """Return what we hold of a document, as its source gave it."""
    return Fetched(
        kind=document.kind,
        key=document.key,
        revision=document.revision,
        text=document.text,
        title=document.title,
        url=document.url,
        author=document.author,
        state=document.state,
        labels=tuple(document.labels),
        source_created_at=document.source_created_at,
        source_updated_at=document.source_updated_at,
        metadata=document.metadata,
    )


def _describe(document: Document, fetched: Fetched, text: str) -> None:
    document.title = fetched.title or document.key.rsplit("/", 1)[-1]
    document.language = language_of(_file_name(document), text[:200].partition("\n")[0])
    document.url = fetched.url
    document.text = text
    document.size = len(fetched.data) if fetched.data is not None else len(text.encode())
    document.lines = text.count("\n") + (not text.endswith("\n"))
    document.author = fetched.author
    document.state = fetched.state
    document.labels = list(fetched.labels)
    document.metadata = dict(fetched.metadata)
    document.source_created_at = fetched.source_created_at
    document.source_updated_at = fetched.source_updated_at


def _file_name(document: Document) -> str:
    """Return a name that tells the format; everything that is no file comes as Markdown."""
    return document.key if document.kind == "file" else f"{document.key}.md"


def chunks_of(document: Document, versions: Sequence[IndexVersion]) -> list[PreparedChunk]:
    """Return a document's chunks under each of the versions, with the path and the heading in what is embedded."""
    chunks = []
    name = document.key if document.kind == "file" else document.title
    for version in versions:
        for piece in chunk(document.text, _file_name(document), max_tokens=version.chunk_tokens):
            header = f"{name}\n{piece.heading}\n" if piece.heading else f"{name}\n"
            embedded_text = header + piece.text
            chunks.append(
                PreparedChunk(
                    version=version,
                    ordinal=piece.ordinal,
                    text=piece.text,
                    heading=piece.heading,
                    first_line=piece.first_line,
                    last_line=piece.last_line,
                    tokens=piece.tokens,
                    lexemes=to_tsvector(piece.text, path=name, heading=piece.heading),
                    embedded_text=embedded_text,
                    content_hash=hashlib.sha256(embedded_text.encode()).digest(),
                )
            )
    return chunks
