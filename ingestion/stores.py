"""Index configurations: which embedder, which sizes, and the switch from one to the next."""

import hashlib
import json
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction

from console.audit import SYSTEM, Action, Actor, record
from console.models import Workspace
from ingestion.models import IndexVersion, Integration, Store, Trigger
from ingestion.pipeline.chunk import CHUNKER_VERSION
from ingestion.runs import request_run

VOYAGE_CHUNK_TOKENS = 480
OFFERED_MODELS = ("voyage-code-3", "voyage-4-large", "voyage-4", "voyage-4-lite")
LOCAL_MODEL, LOCAL_DIMENSIONS, CHUNK_TOKENS = "all-MiniLM-L6-v2", 384, 240


@dataclass(frozen=True, slots=True)
class IndexConfig:
    """What decides how a document becomes chunks and vectors."""

    embedder: str
    model: str
    dimensions: int
    chunk_tokens: int = CHUNK_TOKENS
    chunker_version: int = CHUNKER_VERSION

    @property
    def hash(self) -> str:
        """SHA-256 of the configuration, in hex."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def default_config() -> IndexConfig:
    """Return the configuration that the settings ask for: Voyage where it has a key, else the local model."""
    name = settings.EMBEDDER or ("voyage" if settings.VOYAGE_API_KEY else "local")
    if name == "voyage":
        return IndexConfig(
            "voyage", settings.VOYAGE_MODEL, settings.VOYAGE_DIMENSIONS, chunk_tokens=VOYAGE_CHUNK_TOKENS
        )
    if name == "null":
        return IndexConfig("null", "null", 8)
    return IndexConfig("local", LOCAL_MODEL, LOCAL_DIMENSIONS)


def _voyage(model: str) -> IndexConfig:
    return IndexConfig("voyage", model, settings.VOYAGE_DIMENSIONS, chunk_tokens=VOYAGE_CHUNK_TOKENS)


def available_configs(store: Store) -> list[IndexConfig]:
    """Return the configurations that this installation can embed under, but for the one that the store moves to."""
    found = [default_config(), IndexConfig("local", LOCAL_MODEL, LOCAL_DIMENSIONS)]
    if settings.VOYAGE_API_KEY:
        models = dict.fromkeys([settings.VOYAGE_MODEL, *OFFERED_MODELS])
        found += [_voyage(model) for model in models]
    current = store.target.config_hash if store.target is not None else ""
    return [config for config in dict.fromkeys(found) if config.hash != current]


@transaction.atomic
def ensure_store(workspace: Workspace, name: str = "default") -> Store:
    """Return the workspace's store of that name, making it with the default configuration on first use."""
    store, _ = Store.objects.get_or_create(workspace=workspace, name=name)
    if store.target_id is None:
        store = Store.objects.select_for_update(no_key=True).get(pk=store.pk)
        if store.target_id is None:
            store.target = store.serving = ensure_version(store, default_config())
            store.save(update_fields=["target", "serving", "updated_at"])
    return store


@transaction.atomic
def configure_store(*, store: Store, config: IndexConfig, actor: Actor = SYSTEM) -> Store:
    """Make `config` the store's target and queue its re-indexing; searches go on with the old vectors until then."""
    store = (
        Store.objects.select_for_update(no_key=True, of=("self",))
        .select_related("workspace__organization", "target")
        .get(pk=store.pk)
    )
    before = store.target
    target = ensure_version(store, config)
    if before == target:
        return store
    IndexVersion.objects.filter(pk=target.pk).update(retired_at=None)
    store.target = target
    store.save(update_fields=["target", "updated_at"])
    record(
        actor,
        Action.STORE_CONFIGURED,
        store,
        workspace=store.workspace,
        before={"config": str(before)},
        after={"config": str(target), "config_hash": target.config_hash},
    )
    for integration in Integration.objects.alive().filter(store=store):
        request_run(integration=integration, trigger=Trigger.CONFIG, actor=actor)
    return store


def ensure_version(store: Store, config: IndexConfig) -> IndexVersion:
    """Return the store's version of a configuration, making it on first use."""
    version, _ = IndexVersion.objects.get_or_create(
        store=store, config_hash=config.hash, defaults={**asdict(config), "config_hash": config.hash}
    )
    return version
