"""Making a backup."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from lightfast import __version__
from lightfast.backup.archive import DUMP, FORMAT, LOCAL_SECRETS, MANIFEST, SECRETS, Manifest, fingerprints
from lightfast.backup.tools import run
from lightfast.lib.secret import secret_path

APPS = ("console", "ingestion", "search")


def back_up(target: Path, *, secrets: bool = True) -> Manifest:
    """Write the database, as it is at one moment, and the local secrets to `target`; raise `BackupError`.

    The file is its owner's only, and there only when it is complete. Everything goes on meanwhile.
    """
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as scratch:
        here = Path(scratch)
        with _snapshot() as snapshot:
            manifest = _manifest()
            run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
                f"--file={here / DUMP}")  # fmt: skip
        (here / MANIFEST).write_text(manifest.model_dump_json(indent=2))
        parts = [MANIFEST]
        if secrets:
            (here / SECRETS).write_text(json.dumps(_local_secrets()))
            parts.append(SECRETS)
        draft = here / "draft.tar"
        with tarfile.open(draft, "w") as archive:
            for part in (*parts, DUMP):
                archive.add(here / part, part)
        draft.chmod(0o600)
        draft.replace(target)
    return manifest


@contextmanager
def _snapshot() -> Iterator[str]:
    """Hold a moment of the database, so that manifest and dump tell of the same one."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone() or ("",)
            yield snapshot
        finally:
            cursor.execute("ROLLBACK")


def _manifest() -> Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return Manifest(
        format=FORMAT,
        version=__version__,
        created_at=timezone.now(),
        migrations=sorted(applied),
        rows={model._meta.db_table: model._default_manager.count() for model in models},
        fingerprints=fingerprints(),
    )


def _local_secrets() -> dict[str, str]:
    paths = {name: secret_path(settings.STATE_DIR, name) for name in LOCAL_SECRETS}
    return {name: path.read_text() for name, path in paths.items() if path.exists()}
