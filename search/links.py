"""What a document refers to: issues and pull requests that it mentions or closes, files that it changed."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import Q

from ingestion.models import Document

MOST = 50
CONVERSATIONS = ("pull_request", "issue")


@dataclass(frozen=True, slots=True)
class Link:
    """Another document, and how this one refers to it: "closes", "mentions" or "changes"."""

    relation: str
    name: str
    document: Document | None


def links_of(document: Document) -> list[Link]:
    """Return what a document refers to, with those documents that its source has in the index."""
    numbers = _numbers(document)
    files = _strings(document.metadata.get("files"))[:MOST]
    wanted = Q(kind__in=CONVERSATIONS, key_digest__in=[_digest(number) for number, _ in numbers])
    wanted |= Q(kind="file", key_digest__in=[_digest(name) for name in files])
    found: dict[tuple[str, str], Document] = {}
    if numbers or files:
        for row in Document.objects.filter(wanted, integration=document.integration_id).defer(
            "text", "metadata"
        ):
            found["file" if row.kind == "file" else "", row.key] = row
    return [
        *(Link(relation, f"#{number}", found.get(("", number))) for number, relation in numbers),
        *(Link("changes", name, found.get(("file", name))) for name in files),
    ]


def _numbers(document: Document) -> list[tuple[str, str]]:
    """Return the numbers in the document's own repository that it refers to, those that it closes first."""
    own = ("", document.integration.name.lower())
    rows = [
        link for link in document.metadata.get("links") or () if str(link.get("repository")).lower() in own
    ]
    pairs = [(str(link.get("number")), str(link.get("relation"))) for link in rows]
    return sorted(pairs, key=lambda pair: pair[1])[:MOST]


def _strings(value: Any) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
