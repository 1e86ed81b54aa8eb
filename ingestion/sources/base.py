"""The contract of a source: the one thing that a new place to index from has to implement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ingestion.reasons import Reason
from lightfast.lib.vault import MemoryVault, Vault

MAX_BYTES = 1_048_576  # of one document; larger ones are not read into memory


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a source is; all is compared every `full_interval`, where differences may miss deletions."""

    slug: str
    name: str
    description: str
    kinds: tuple[str, ...]
    resource_noun: str
    default_interval: timedelta
    needs_connection: bool = False
    full_interval: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What an adapter works with: plain values of one integration.

    `name` is what the provider last called the resource. `planned` is how many documents of each kind the run is to
    fetch in all its batches, `first` whether nothing of the resource has been indexed yet. `vault` keeps what may be
    shared between processes and must not be read by others. `cache_dir` is on this machine and may vanish any time;
    `allow_local` lets the adapter read this machine's disk, `allow_private_hosts` reach loopback and private networks.
    """

    resource_id: str
    name: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    planned: Mapping[str, int] = field(default_factory=dict)
    first: bool = False
    vault: Vault = field(default_factory=MemoryVault)
    cache_dir: Path = Path()
    allow_local: bool = False
    allow_private_hosts: bool = False
    max_bytes: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Head:
    """The state of a resource to bring the index to. An empty revision is an empty resource.

    `name` is what the provider calls the resource now, `notice` what people should know about it.
    """

    revision: str
    label: str = ""
    name: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document that a source could give; `skip` is why it cannot."""

    kind: str
    key: str
    revision: str
    size: int | None = None
    skip: Reason | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """The exact difference between the listings of two revisions: entries new or changed, and (kind, key) gone."""

    entries: Iterable[Entry]
    removed: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document's content: `data` as raw bytes, or `text`, or a `failure`."""

    kind: str
    key: str
    revision: str
    data: bytes | None = None
    text: str | None = None
    failure: Reason | None = None
    detail: str = ""
    title: str = ""
    url: str = ""
    author: str = ""
    state: str = ""
    labels: tuple[str, ...] = ()
    source_created_at: datetime | None = None
    source_updated_at: datetime | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Source(Protocol):
    """An adapter. Its calls hold no state, and may be made from many threads and processes at once."""

    manifest: Manifest

    def normalize_resource(
        self, raw: str, *, allow_local: bool = False, allow_private_hosts: bool = False
    ) -> str:
        """Return the id of the resource that `raw` names; raise `InvalidResource` saying what to write instead."""
        ...

    def head(self, context: SourceContext) -> Head:
        """Return the newest state of the resource; this is where the provider says whether we may read it."""
        ...

    def entries(self, context: SourceContext, head: Head) -> Iterator[Entry]:
        """List everything in the resource at `head`; each (kind, key) once."""
        ...

    def changes(self, context: SourceContext, since: str, head: Head) -> Changes | None:
        """Return the exact difference from revision `since` to `head`, or None when it cannot be told."""
        ...

    def lookup(self, context: SourceContext, head: Head, keys: Sequence[str]) -> list[Entry]:
        """Return the entries of those keys that are there at `head`."""
        ...

    def fetch(self, context: SourceContext, head: Head, entries: Sequence[Entry]) -> Iterator[Fetched]:
        """Yield the content of each entry once, in any order; one that cannot be given comes as a failure."""
        ...

    def line_url(self, url: str, first_line: int, last_line: int) -> str:
        """Return a document's `url` so that it opens at these lines; computed, never asked of the provider."""
        ...

    def forget(self, context: SourceContext) -> None:
        """Delete what this machine keeps of the resource."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """A field beside the resource: of the configuration, or a secret, which is stored encrypted."""

    name: str
    label: str
    help: str = ""
    secret: bool = False


@runtime_checkable
class PastedSource(Protocol):
    """What a source has besides when people paste what names a resource: `example` is such a thing."""

    example: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something at the provider that a connection may read, for people to choose from."""

    id: str
    name: str
    url: str = ""
    description: str = ""
    badges: tuple[str, ...] = ()
    updated_at: datetime | None = None


@runtime_checkable
class ConnectedSource(Protocol):
    """What a source has besides when its resources are reached through a connection."""

    def resources(self, context: SourceContext) -> Iterator[Resource]:
        """List what the connection may read; `context` names no resource."""
        ...


@dataclass(frozen=True, slots=True)
class Grant:
    """An authorization that the provider has confirmed for the person who brings it.

    `resources` are those that the person may read; None is all of them, also those that are still to come.
    """

    external_id: str
    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    resources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What a provider has registered Lightfast as."""

    name: str
    config: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Registration:
    """Where to post the manifest that makes the app of this Lightfast, and what a person should know before."""

    url: str
    manifest: str
    warning: str = ""


class NeedsIdentity(Exception):
    """The provider first has to be asked who the person is."""


@runtime_checkable
class InstallableSource(Protocol):
    """What a source has besides when Lightfast is an app that people install at the provider.

    `context` names neither a resource nor a connection; `state` is ours, and comes back with the person.
    """

    def registration(
        self, context: SourceContext, *, base_url: str, account: str, public: bool, state: str
    ) -> Registration:
        """Return what makes the app of this Lightfast in an account; `public` lets other accounts install it."""
        ...

    def registered(self, context: SourceContext, code: str) -> Registered:
        """Return the app that the person has made; raise `SourceError`."""
        ...

    def install_url(self, context: SourceContext, state: str) -> str:
        """Return where the person chooses what the app may read."""
        ...

    def identity_url(self, context: SourceContext, state: str, return_to: str) -> str:
        """Return where the provider asks the person to tell us who they are."""
        ...

    def confirm(self, context: SourceContext, answer: Mapping[str, str]) -> list[Grant]:
        """Return what the person who came back may connect, as the provider itself confirms it.

        `answer` is not to be believed. Raises `NeedsIdentity` when it does not tell who the person is, `SourceError`
        when nothing can be connected.
        """
        ...


@dataclass(frozen=True, slots=True)
class SettingProblem:
    """Something wrong in the settings of a source, and what to do; `code` is a number that stays."""

    code: int
    message: str
    hint: str


@runtime_checkable
class CheckedSource(Protocol):
    """What a source has besides when its settings can be wrong."""

    def check_settings(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[SettingProblem]:
        """Return what is wrong in the settings, without asking anybody."""
        ...


@runtime_checkable
class TokenSource(Protocol):
    """What a source has besides when a person's token can stand for an app."""

    def check_token(self, context: SourceContext, token: str) -> Grant:
        """Return what a token grants; raise `SourceError` for one that does not work."""
        ...


@dataclass(frozen=True, slots=True)
class PastChange:
    """A change of the past: what was said of it, by whom, and the keys of the documents that it touched."""

    message: str
    author: str
    keys: tuple[str, ...]


@runtime_checkable
class HistorySource(Protocol):
    """What a source has besides when it can tell the changes that led to what is there."""

    def history(self, context: SourceContext, head: Head, *, limit: int) -> Iterator[PastChange]:
        """Yield the newest changes, at most so many, newest first; merges are left out."""
        ...


@dataclass(frozen=True, slots=True)
class VerifiedDelivery:
    """A webhook that its provider has signed; a redelivery has the same `delivery_id`.

    `connection_id` is the provider's id of the authorization that it comes by, `resource_id` what it tells of.
    """

    delivery_id: str
    event: str
    payload: Mapping[str, Any]
    connection_id: str = ""
    resource_id: str = ""


class ConnectionChange(StrEnum):
    """What may become of a connection; the values are those of its states."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What follows from a webhook: resources to sync, a connection that changed, or nothing, and why in words.

    `full` compares everything, because something may be gone that a difference would not tell. `label` limits it to
    the sources that follow this branch, or have not yet followed any.
    """

    outcome: str
    resources: tuple[str, ...] = ()
    full: bool = False
    label: str = ""
    connection_id: str = ""
    connection_name: str = ""
    connection_change: ConnectionChange | None = None


@runtime_checkable
class WebhookSource(Protocol):
    """What a source has besides when its provider sends webhooks."""

    max_delivery_bytes: int

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> VerifiedDelivery:
        """Check the signature over the raw `body`; raise `BadSignature`, then `BadDelivery`.

        Header names are in lower case.
        """
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> VerifiedDelivery:
        """Read a delivery that has been verified; raise `BadDelivery`."""
        ...

    def consequence(self, delivery: VerifiedDelivery) -> Consequence:
        """Return what follows from a delivery; never raises, whatever the payload."""
        ...
