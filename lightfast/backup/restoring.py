"""Restoring a backup."""

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from lightfast.backup.archive import DUMP, LOCAL_SECRETS, MANIFEST, SECRETS, BackupError, Manifest
from lightfast.backup.tools import run
from lightfast.lib.secret import secret_path

OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def restore(source: Path, *, replace: bool = False) -> Manifest:
    """Bring back what `back_up` wrote, in one transaction, and migrate; raise `BackupError` and change nothing.

    A database that holds something is refused, unless it is to be replaced. Secrets that the settings name are left to
    them; those that an installation makes for itself become the backup's, the ones before them kept beside.
    """
    with TemporaryDirectory(prefix="lightfast-restore-") as scratch:
        here = Path(scratch)
        manifest, secrets = _unpack(source, here)
        _refuse_what_is_newer(manifest)
        _refuse_company()
        if _holds_something() and not replace:
            raise BackupError("The database is not empty. Restore to an empty one, or replace it: --replace.")
        connection.close()
        clean = ["--clean", "--if-exists"] if replace else []
        run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", *clean,
            f"--dbname={connection.settings_dict['NAME']}", here / DUMP)  # fmt: skip
    _keep_secrets(secrets)
    call_command("migrate", interactive=False, verbosity=0)
    return manifest


def _unpack(source: Path, here: Path) -> tuple[Manifest, dict[str, str]]:
    try:
        with tarfile.open(source) as archive:
            for name in {MANIFEST, SECRETS, DUMP} & set(archive.getnames()):
                archive.extract(name, here, filter="data")
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{source} cannot be read: {error}.") from error
    if not (here / MANIFEST).exists() or not (here / DUMP).exists():
        raise BackupError(f"{source} is no backup of Lightfast.")
    secrets = json.loads((here / SECRETS).read_bytes()) if (here / SECRETS).exists() else {}
    return Manifest.read((here / MANIFEST).read_bytes()), secrets


def _refuse_what_is_newer(manifest: Manifest) -> None:
    known = set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
    if unknown := [f"{app}.{name}" for app, name in manifest.migrations if (app, name) not in known]:
        raise BackupError(
            f"The backup is of a newer Lightfast, {manifest.version}, with {', '.join(unknown[:3])}. Install that one."
        )


def _refuse_company() -> None:
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        (others,) = cursor.fetchone() or (0,)
    if others:
        raise BackupError(
            f"{others} other connections use the database. Stop Lightfast, and whatever else does, first."
        )


def _holds_something() -> bool:
    return MigrationRecorder(connection).has_table()


def _keep_secrets(secrets: Mapping[str, str]) -> None:
    for name in LOCAL_SECRETS:
        path = secret_path(settings.STATE_DIR, name)
        if name not in secrets or (path.exists() and path.read_text() == secrets[name]):
            continue
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            path.replace(path.with_name(f"{name}.before-restore"))
        draft = path.with_name(f"{name}.restored")
        draft.touch(mode=0o600)
        draft.write_text(secrets[name])
        draft.replace(path)
