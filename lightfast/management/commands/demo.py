"""`manage.py demo`: a running Lightfast with a real repository in it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count, F
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from console.models import ApiKey, Organization, Scope, User, Workspace
from console.services import create_api_key, create_organization, create_workspace, revoke_api_key
from ingestion.models import (
    OPEN_ITEM_STATES,
    Chunk,
    Document,
    Integration,
    ItemAction,
    Omission,
    Run,
    RunItem,
    RunState,
)
from ingestion.reasons import Reason
from ingestion.services import connect, resume, sync_now
from ingestion.sources import get_source
from ingestion.sources.errors import SourceError
from lightfast.demo.github import (
    Developer,
    calls_of_sync,
    connect_through_pages,
    emulated,
    fresh_workspace,
    measure_pushes,
    percentile_95,
)
from lightfast.lib.secret import local_secret

EMAIL = "demo@lightfast.localhost"
QUERIES = ["how is an API key verified", "stop the embedded postgres with its last user", "RunState"]
PATIENCE = 120  # seconds until the server must answer


class Command(BaseCommand):
    """Start Lightfast, index a repository and search it."""

    help = "Start Lightfast, index a repository, search it, and go on serving the console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--path", default=str(settings.BASE_DIR), help="a local git repository (default: this one)"
        )
        parser.add_argument("--query", action="append", help="what to search for; may be given several times")
        parser.add_argument(
            "--github", action="store_true", help="install, sync and push by an emulated GitHub"
        )
        parser.add_argument("--once", action="store_true", help="end after the searches")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the demo."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so what it started ends with it
        self.out = Console(highlight=False, soft_wrap=True)
        address = f"http://{options['host']}:{options['port']}"
        resource = self._resource(options["path"])
        if options["github"]:
            self._github(Path(resource), address, options)
            return
        with self._server(options["host"], options["port"]) as server:
            self._wait_until_healthy(server, address)
            workspace, password = self._workspace()
            integration, run = self._sync(workspace, resource)
            self._report(integration, self._watch(run))
            token = self._key(workspace)
            for query in options["query"] or self._queries(integration):
                self._search(address, token, query)
            self._farewell(address, token, password, serving=not options["once"])
            if not options["once"]:
                server.wait()

    def _github(self, path: Path, address: str, options: dict[str, Any]) -> None:
        """Install, pick, sync and push, by the pages and the webhooks that people and GitHub use."""
        with emulated(path) as github, TemporaryDirectory(prefix="lightfast-work-") as folder:
            environment = {"GITHUB_API_URL": github.api_url, "BASE_URL": address}
            with self._server(options["host"], options["port"], environment) as server:
                self._wait_until_healthy(server, address)
                _, password = self._workspace()
                workspace = fresh_workspace(Organization.objects.of_user(User.objects.get(email=EMAIL))[0])
                integration = connect_through_pages(address, EMAIL, password, workspace)
                self.out.print(
                    f"Installed the App and picked [bold]{escape(integration.name)}[/] on {github.root}"
                )
                self._report(integration, self._watch(integration.runs.latest("id")))
                self.out.print(f"API calls of the first sync: [bold]{calls_of_sync(github)}[/]")
                token = self._key(workspace)
                developer = Developer(github, Path(folder))
                seconds, calls = measure_pushes(
                    github,
                    developer,
                    integration,
                    lambda word: word in json.dumps(self._answer(address, token, word)["results"]),
                )
                debounce = settings.PUSH_DEBOUNCE_SECONDS
                after = [max(second - debounce, 0) for second in seconds]
                self.out.print(
                    f"{len(seconds)} pushes, push to searchable: p50 {median(seconds):.1f} s, "
                    f"p95 {percentile_95(seconds):.1f} s; after the debounce of {debounce} s: "
                    f"p50 {median(after):.1f} s, p95 [bold]{percentile_95(after):.1f} s[/]; "
                    f"API calls of a push of one file: at most [bold]{max(calls)}[/]"
                )
                self._farewell(address, token, password, serving=not options["once"])
                if not options["once"]:
                    self.out.print(f"Push to {developer.origin} and search again.")
                    server.wait()

    def _resource(self, path: str) -> str:
        try:
            return get_source("git").normalize_resource(str(Path(path).resolve()), allow_local=True)
        except SourceError as error:
            raise CommandError(str(error)) from error

    @contextmanager
    def _server(
        self, host: str, port: int, environment: dict[str, str] | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run `manage.py up` beside us and end it with us."""
        command = [
            sys.executable,
            str(settings.BASE_DIR / "manage.py"),
            "up",
            "--host",
            host,
            "--port",
            str(port),
        ]
        log_path = settings.STATE_DIR / "demo.log"
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self.out.print(f"Starting the web server, the workers and the scheduler (log: {log_path})")
        with log_path.open("wb") as log:
            values = {**os.environ, **(environment or {})}
            server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=values)
            try:
                yield server
            except KeyboardInterrupt:
                self.out.print("\nStopping")
            finally:
                server.terminate()
                server.wait(timeout=30)

    def _wait_until_healthy(self, server: subprocess.Popen[bytes], address: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if server.poll() is not None:
                tail = (settings.STATE_DIR / "demo.log").read_text(errors="replace")[-2000:]
                raise CommandError(f"The server ended with status {server.returncode}:\n{tail}")
            try:
                with urllib.request.urlopen(f"{address}/health/ready", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise CommandError(
            f"{address} did not answer within {PATIENCE} seconds; see {settings.STATE_DIR / 'demo.log'}"
        )

    def _workspace(self) -> tuple[Workspace, str]:
        password = local_secret(settings.STATE_DIR, "demo_password")[:16]
        user = User.objects.filter(email=EMAIL).first()
        if user is None:
            user = User.objects.create_superuser(EMAIL, password, name="Demo")
        organization = Organization.objects.of_user(user).first() or create_organization(
            name="Demo", owner=user
        )
        workspace = Workspace.objects.alive().filter(organization=organization).first()
        return workspace or create_workspace(organization=organization, name="Demo"), password

    def _sync(self, workspace: Workspace, resource: str) -> tuple[Integration, Run]:
        integration = (
            Integration.objects.in_workspace(workspace).filter(kind="git", resource_id=resource).first()
        )
        if integration is None:
            integration = connect(workspace=workspace, kind="git", resource=resource, allow_local=True)
            return integration, integration.runs.latest("id")
        return integration, resume(integration=integration) or sync_now(integration=integration)

    def _watch(self, run: Run) -> Run:
        """Show a progress bar until the run has ended."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.out) as progress:
            task = progress.add_task(f"Indexing {escape(run.integration.name)}", total=None)
            while run.is_active:
                time.sleep(0.2)
                run.refresh_from_db()
                if run.planned_at is not None:
                    items = RunItem.objects.filter(run=run).exclude(action=ItemAction.REMOVE)
                    total, still_open = items.count(), items.filter(state__in=OPEN_ITEM_STATES).count()
                    progress.update(task, total=total, completed=total - still_open)
        if run.state not in (RunState.COMPLETED, RunState.COMPLETED_WITH_ERRORS):
            raise CommandError(f"The sync ended {run.get_state_display().lower()}: {run.error}")
        return run

    def _report(self, integration: Integration, run: Run) -> None:
        assert run.started_at is not None
        assert run.finished_at is not None
        documents = Document.objects.filter(integration=integration)
        chunks = Chunk.objects.filter(document__integration=integration, version=integration.store.serving_id)
        seconds = (run.finished_at - run.started_at).total_seconds()
        self.out.print(
            f"[bold]{documents.count():,} files, {chunks.count():,} chunks[/] in the index after {seconds:.1f} s: "
            f"{run.added} added, {run.changed} changed, {run.removed} removed, {run.unchanged} unchanged, "
            f"{run.failed} failed; {run.chunks_embedded} chunks embedded, {run.chunks_reused} reused"
        )
        if not run.chunks_embedded:
            self.out.print("Nothing was embedded: every document is as it was.")
        omissions = Omission.objects.filter(integration=integration)
        table = Table("Not in the index", "Files", "For example", box=None, header_style="bold")
        for row in omissions.values("reason").annotate(files=Count("pk")).order_by(F("files").desc()):
            example = omissions.filter(reason=row["reason"]).order_by("key").values_list("key", flat=True)[0]
            table.add_row(str(Reason(row["reason"]).label), f"{row['files']:,}", escape(example))
        if table.row_count:
            self.out.print(table)

    def _key(self, workspace: Workspace) -> str:
        """Make a key for this demo and revoke the one of the last."""
        for key in ApiKey.objects.in_workspace(workspace).usable().filter(name="Demo"):
            revoke_api_key(key=key)
        _, token = create_api_key(workspace=workspace, name="Demo", scopes=[Scope.SEARCH, Scope.READ])
        return token

    def _queries(self, integration: Integration) -> list[str]:
        """Return what to ask: of this repository questions of ours, of another its own most telling headings."""
        if integration.resource_id == str(settings.BASE_DIR):
            return QUERIES
        chunks = Chunk.objects.filter(document__integration=integration).exclude(heading="")
        headings = chunks.order_by("-tokens").values_list("heading", flat=True).distinct()[:3]
        return [heading.rsplit(" > ", 1)[-1] for heading in headings] or [integration.name]

    def _answer(self, address: str, token: str, query: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{address}/api/v1/search",
            data=json.dumps({"query": query, "limit": 3}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def _search(self, address: str, token: str, query: str) -> None:
        answer = self._answer(address, token, query)
        self.out.print(f"\n[bold]{escape(query)}[/]  [dim]{answer['took_ms']:.0f} ms[/]")
        for result in answer["results"]:
            lines = f"{result['key']}:{result['first_line']}-{result['last_line']}"
            self.out.print(f"  {result['score']:.3f}  [cyan]{escape(lines)}[/]  {escape(result['heading'])}")

    def _farewell(self, address: str, token: str, password: str, *, serving: bool) -> None:
        body = json.dumps({"query": QUERIES[0]})
        self.out.print("\nSearch from a program:", style="bold")
        self.out.print(
            f"  curl {address}/api/v1/search -H 'Authorization: Bearer {token}' "
            f"-H 'Content-Type: application/json' -d '{body}'"
        )
        self.out.print(f"\n[bold]Console:[/] {address}/  log in as {EMAIL} with password {password}")
        if serving:
            self.out.print("Serving until you press Ctrl-C.")
