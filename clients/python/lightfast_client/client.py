"""The client: one method for each operation of the API."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, ParamSpec, Self, TypedDict, TypeVar, Unpack
from uuid import UUID

import httpx

from lightfast_client import models
from lightfast_client.config import configured
from lightfast_client.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")
Id = UUID | str

ENDED = frozenset({"completed", "completed_with_errors", "failed", "cancelled"})


class Facts(TypedDict, total=False):
    """Values of documents: of one field any will do, of several fields each must hold."""

    sources: Sequence[str]
    repositories: Sequence[str]
    paths: Sequence[str]
    languages: Sequence[str]
    kinds: Sequence[str]
    authors: Sequence[str]
    labels: Sequence[str]
    states: Sequence[str]


class Filters(Facts, total=False):
    """Which documents are wanted."""

    after: datetime | str | None
    before: datetime | str | None


class Lightfast:
    """A workspace, by one of its keys.

    `url` and `key` come from LIGHTFAST_URL and LIGHTFAST_KEY, or the config file, where they are not given. A request
    is sent again up to `retries` times; the server is never waited for longer than `patience` seconds at once.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 30,
        retries: int = 3,
        patience: float = 60,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        known = configured()
        self.url = (url or known.url).rstrip("/")
        headers = {"Authorization": f"Bearer {key or known.key}", "User-Agent": "lightfast-client"}
        self._http = httpx.Client(
            base_url=f"{self.url}/", headers=headers, timeout=timeout, transport=transport
        )
        self._send = Transport(self._http, retries=retries, patience=patience)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def every(self, page_of: Callable[P, models.Page[T]], *args: P.args, **kwargs: P.kwargs) -> Iterator[T]:
        """Yield all of a list, page by page: `for run in client.every(client.list_runs, state="failed")`."""
        while True:
            page = page_of(*args, **kwargs)
            yield from page.items
            if page.next is None:
                return
            kwargs["cursor"] = page.next

    def search(
        self,
        query: str,
        *,
        mode: str = "hybrid",
        effort: str = "balanced",
        limit: int = 10,
        cursor: str | None = None,
        without: Facts | None = None,
        syntax: bool = True,
        store: str = "default",
        explain: bool = False,
        **filters: Unpack[Filters],
    ) -> models.SearchAnswer:
        """Search by words, meaning and path, by exact text, or by a pattern."""
        options = {"mode": mode, "effort": effort, "syntax": syntax, "store": store, "explain": explain}
        body = {**options, "limit": limit, "cursor": cursor, "without": without, **_plain(filters)}
        return models.SearchAnswer.model_validate(self._send.post("search", query=query, **body))

    def similar(
        self,
        document: Id,
        *,
        first_line: int | None = None,
        last_line: int | None = None,
        limit: int = 10,
        cursor: str | None = None,
        without: Facts | None = None,
        store: str = "default",
        **filters: Unpack[Filters],
    ) -> models.Found:
        """Find documents about the same as one, or as some of its lines."""
        body = {"first_line": first_line, "last_line": last_line, "limit": limit, "cursor": cursor}
        rest = {"document": str(document), "without": without, "store": store, **_plain(filters)}
        return models.Found.model_validate(self._send.post("similar", **body, **rest))

    def contents(self, *documents: Id | tuple[Id, int, int | None]) -> models.Contents:
        """Read several documents; a tuple is a document's id with its first and last line."""
        parts = [one if isinstance(one, tuple) else (one, 1, None) for one in documents]
        asked = [{"id": str(pk), "first_line": first, "last_line": last} for pk, first, last in parts]
        return models.Contents.model_validate(self._send.post("contents", documents=asked))

    def list_documents(
        self, *, cursor: str | None = None, limit: int = 50, **filters: Unpack[Filters]
    ) -> models.Page[models.DocumentRow]:
        """List documents, those that came last first."""
        page = self._send.get("documents", cursor=cursor, limit=limit, **_plain(filters))
        return models.Page[models.DocumentRow].model_validate(page)

    def get_document(
        self, document: Id, *, first_line: int | None = None, last_line: int | None = None
    ) -> models.Document:
        """Read a document, or some of its lines."""
        found = self._send.get(f"documents/{document}", first_line=first_line, last_line=last_line)
        return models.Document.model_validate(found)

    def list_sources(
        self,
        *,
        state: str | None = None,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> models.Page[models.Source]:
        """List what is synced into the workspace."""
        page = self._send.get("sources", state=state, kind=kind, cursor=cursor, limit=limit)
        return models.Page[models.Source].model_validate(page)

    def get_source(self, source: Id) -> models.Source:
        """Tell how a source does."""
        return models.Source.model_validate(self._send.get(f"sources/{source}"))

    def sync_source(
        self, source: Id, *, full: bool = False, idempotency_key: str | None = None
    ) -> models.Run:
        """Queue a sync."""
        return models.Run.model_validate(
            self._send.write(f"sources/{source}/sync", idempotency_key, full=full)
        )

    def pause_source(self, source: Id, *, idempotency_key: str | None = None) -> models.Source:
        """Stop syncing a source."""
        return models.Source.model_validate(self._send.write(f"sources/{source}/pause", idempotency_key))

    def resume_source(self, source: Id, *, idempotency_key: str | None = None) -> models.Source:
        """Sync a source again."""
        return models.Source.model_validate(self._send.write(f"sources/{source}/resume", idempotency_key))

    def list_runs(
        self,
        *,
        source: Id | None = None,
        state: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> models.Page[models.Run]:
        """List executions of syncs, newest first."""
        named = str(source) if source is not None else None
        page = self._send.get("runs", source=named, state=state, cursor=cursor, limit=limit)
        return models.Page[models.Run].model_validate(page)

    def get_run(self, run: Id) -> models.Run:
        """Tell where a run stands."""
        return models.Run.model_validate(self._send.get(f"runs/{run}"))

    def list_run_items(
        self, run: Id, *, state: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> models.Page[models.RunItem]:
        """List what a run did to each document."""
        page = self._send.get(f"runs/{run}/items", state=state, cursor=cursor, limit=limit)
        return models.Page[models.RunItem].model_validate(page)

    def cancel_run(self, run: Id, *, idempotency_key: str | None = None) -> models.Run:
        """Cancel a run."""
        return models.Run.model_validate(self._send.write(f"runs/{run}/cancel", idempotency_key))

    def confirm_run(self, run: Id, *, idempotency_key: str | None = None) -> models.Run:
        """Give the go-ahead that a run waits for whose `hold` is `confirmation`."""
        return models.Run.model_validate(self._send.write(f"runs/{run}/confirm", idempotency_key))

    def retry_run(self, run: Id, *, idempotency_key: str | None = None) -> models.Run:
        """Try a run's failed documents again."""
        return models.Run.model_validate(self._send.write(f"runs/{run}/retry", idempotency_key))

    def wait_for_run(
        self,
        run: Id,
        *,
        each: Callable[[models.Run], object] | None = None,
        interval: float = 1,
    ) -> models.Run:
        """Return a run once it has ended; `each` sees it whenever it is looked at."""
        while True:
            found = self.get_run(run)
            if each is not None:
                each(found)
            if found.state in ENDED:
                return found
            time.sleep(interval)

    def list_stores(self, *, cursor: str | None = None, limit: int = 50) -> models.Page[models.Store]:
        """List the indexes of the workspace."""
        page = self._send.get("stores", cursor=cursor, limit=limit)
        return models.Page[models.Store].model_validate(page)

    def list_activity(
        self, *, action: str | None = None, cursor: str | None = None, limit: int = 50
    ) -> models.Page[models.Activity]:
        """List who did what, newest first."""
        page = self._send.get("activity", action=action, cursor=cursor, limit=limit)
        return models.Page[models.Activity].model_validate(page)

    def list_keys(self, *, cursor: str | None = None, limit: int = 50) -> models.Page[models.Key]:
        """List the keys of the workspace."""
        return models.Page[models.Key].model_validate(self._send.get("keys", cursor=cursor, limit=limit))

    def create_key(
        self,
        name: str,
        scopes: Sequence[str],
        *,
        expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> models.NewKey:
        """Make a key; its `token` is told once."""
        until = expires_at.isoformat() if expires_at is not None else None
        body = {"name": name, "scopes": list(scopes), "expires_at": until}
        return models.NewKey.model_validate(self._send.write("keys", idempotency_key, **body))

    def revoke_key(self, key: Id, *, idempotency_key: str | None = None) -> models.Key:
        """Revoke a key for good."""
        return models.Key.model_validate(self._send.write(f"keys/{key}/revoke", idempotency_key))

    def usage(self) -> models.Usage:
        """Tell how much there is, and what the key may still do."""
        return models.Usage.model_validate(self._send.get("usage"))

    def whoami(self) -> models.Whoami:
        """Tell what the key is, and what it opens."""
        return models.Whoami.model_validate(self._send.get("whoami"))


def _plain(filters: Filters) -> dict[str, Any]:
    """Return filters as they are sent: times as text, sequences as lists."""
    found: dict[str, Any] = {}
    for name, value in filters.items():
        if isinstance(value, datetime):
            found[name] = value.isoformat()
        elif isinstance(value, str) or value is None:
            found[name] = value
        else:
            found[name] = list(value)  # type: ignore[call-overload]
    return found
