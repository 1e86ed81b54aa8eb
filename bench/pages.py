"""How long the server takes for each page of the console, and how often it asks the database, small and large."""

import gzip
import re
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from bench.setting import percentile
from console.models import Membership, Organization, Role, User, Workspace
from ingestion.models import Document, Integration, Omission, Run, RunItem, Store, Tally
from ingestion.pipeline.changes import count_omissions
from ingestion.stores import IndexConfig, ensure_version

SMALL = 1_000
ROUNDS = 25
LIMIT = 50.0  # milliseconds
WEIGHT = 120_000  # bytes
PLAIN = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}  # nothing needs to be collected first
LANGUAGES = ("Python", "Go", "TypeScript", "Markdown", "YAML", "SQL")
QUERIES = ("", "?path=file9", "?state=failed", "?reason=binary")  # beside each list itself
FILTERED = {"ingestion:source_documents": 2, "ingestion:source_omissions": 4, "ingestion:job": 4}


def measure(*, large: int) -> None:
    """Print median and 95th percentile of each page at both sizes, and the weight of the overview."""
    user = User.objects.create_user(
        "bench@lightfast.localhost", "correct horse battery staple", is_staff=True
    )
    clients = tuple(Client(raise_request_exception=False) for _ in range(2))
    rows = [_filled(user, f"pages{size}", size) for size in (SMALL, large)]
    for client in clients:
        client.force_login(user)
    worst, uneven = [], []
    print(f"server time of pages, milliseconds at {SMALL} and {large} documents, and queries:")
    print(f"  {'least / median / p95':>66} {'least / median / p95':>24}")
    with override_settings(
        ALLOWED_HOSTS=["testserver"], STORAGES={**settings.STORAGES, "staticfiles": PLAIN}
    ):
        for name, addresses in _pages(rows):
            figures = [_timed(client, address) for client, address in zip(clients, addresses, strict=True)]
            if not all(figures):
                continue
            (small, few), (times, many) = (figure for figure in figures if figure)
            p95 = percentile(times, 0.95)
            print(f"  {name:42} {_row(small)} {_row(times)} {few:4} {many:3}")
            worst.append((p95, name))
            uneven += [name] if few != many else []
        weight = _weight(clients[1], f"/{rows[1]['organization']}/{rows[1]['workspace']}/")
    print(f"  slowest: {max(worst)[1]} with p95 {max(worst)[0]:.1f} ms (at most {LIMIT:.0f})")
    print(f"  pages whose queries grow with the rows: {', '.join(uneven) or 'none'}")
    print(f"  overview, first visit, over the wire: {weight / 1000:.1f} KB (at most {WEIGHT / 1000:.0f})")


def _row(times: list[float]) -> str:
    return f"{min(times):8.1f} {median(times):7.1f} {percentile(times, 0.95):7.1f}"


def _pages(rows: list[dict[str, object]]) -> Iterator[tuple[str, list[str]]]:
    """Yield every page that can be asked for by what there is, by its name and its address at each size."""
    for name, pattern in sorted(_patterns(get_resolver().url_patterns)):
        wanted = set(re.findall(r"<(?:\w+:)?(\w+)>", pattern))
        if not wanted <= set(rows[0]) or "export" in name or "logout" in name:
            continue
        addresses = [_address(pattern, row) for row in rows]
        yield name, addresses
        for query in QUERIES[1 : FILTERED.get(name, 1)]:
            yield f"{name}{query}", [address + query for address in addresses]


def _address(pattern: str, row: dict[str, object]) -> str:
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(row[match[1]]), pattern)


def _patterns(
    patterns: list[URLPattern | URLResolver], prefix: str = "", space: str = ""
) -> Iterator[tuple[str, str]]:
    for entry in patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace in (None, "console", "ingestion", "search"):
                yield from _patterns(
                    entry.url_patterns, prefix + str(entry.pattern), entry.namespace or space
                )
        elif entry.name and space:
            yield f"{space}:{entry.name}", prefix + str(entry.pattern)


def _timed(client: Client, address: str) -> tuple[list[float], int] | None:
    """Return milliseconds of a page, and its queries; None for what is no page: a form to post, another kind."""
    if client.get(address).status_code != 200:
        return None
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        client.get(address)
        times.append((time.perf_counter() - start) * 1000)
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return times, len(queries)


def _weight(client: Client, address: str) -> int:
    """Return what a first visit takes: the page and all that it names, compressed as the server does."""
    page = client.get(address).content
    names = set(re.findall(r'(?:href|src)="/static/([^"?]+)"', page.decode()))
    total = len(gzip.compress(page))
    for name in names:
        path = finders.find(name)
        assert isinstance(path, str), name
        total += len(gzip.compress(Path(path).read_bytes()))
    return total


def _filled(user: User, slug: str, size: int) -> dict[str, object]:
    """Return what addresses are made of, of a workspace with so many documents, omissions, items and runs."""
    organization = Organization.objects.create(name=slug, slug=slug)
    Membership.objects.create(organization=organization, user=user, role=Role.OWNER)
    workspace = Workspace.objects.create(organization=organization, name="Large", slug="large")
    store = Store.objects.create(workspace=workspace)
    store.serving = store.target = ensure_version(store, IndexConfig("null", "null", 8))
    store.save()
    sources = [_source(workspace, store, number) for number in range(20)]
    source, now = sources[0], timezone.now()
    for start in range(0, size, 5_000):
        Document.objects.bulk_create(
            Document(
                workspace=workspace, integration=source, kind="file", key=f"folder{n % 97}/file{n}.py",
                title=f"file{n}.py", language=LANGUAGES[n % len(LANGUAGES)], text="x = 1\n" * 40, size=240, lines=40,
                content_hash=bytes(32), revision="r", config_hash=store.serving.config_hash, indexed_at=now,
            )
            for n in range(start, min(start + 5_000, size))
        )  # fmt: skip
    Omission.objects.bulk_create(
        (
            Omission(
                integration=source, kind="file", key=f"lib/file{n}.so", revision="r",
                state="failed" if n % 50 == 0 else "skipped", reason="error" if n % 50 == 0 else "binary",
            )
            for n in range(size)
        ),
        batch_size=5_000,
    )  # fmt: skip
    count_omissions(source.pk)
    share = size // len(LANGUAGES)
    Tally.objects.bulk_create(
        Tally(integration=source, kind="file", language=name, documents=share, size=share * 240)
        for name in LANGUAGES
    )
    runs = Run.objects.bulk_create(
        Run(
            workspace=workspace, integration=sources[n % 20], trigger="periodic", state="completed", due_at=now,
            planned_at=now, started_at=now, finished_at=now, added=n % 7, total=size, settled=size,
        )
        for n in range(max(60, size // 10))
    )  # fmt: skip
    run = runs[-1]
    RunItem.objects.bulk_create(
        (
            RunItem(
                run=run, action="add", kind="file", key=f"folder{n % 97}/file{n}.py",
                state="failed" if n % 50 == 0 else "done", reason="error" if n % 50 == 0 else "",
            )
            for n in range(size)
        ),
        batch_size=5_000,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    document = Document.objects.filter(integration=source).order_by("-id")[0]
    return {
        "organization": organization.slug, "workspace": workspace.slug, "source_id": source.pk, "job_id": run.pk,
        "document_id": document.pk, "kind": "git",
    }  # fmt: skip


def _source(workspace: Workspace, store: Store, number: int) -> Integration:
    return Integration.objects.create(
        workspace=workspace,
        store=store,
        kind="git",
        resource_id=f"https://bench.localhost/{number}/{uuid.uuid4().hex}",
        name=f"source {number}",
        synced_at=timezone.now(),
    )
