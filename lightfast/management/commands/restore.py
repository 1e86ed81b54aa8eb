"""`manage.py restore`: an installation from its backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lightfast.backup import BackupError, restore
from lightfast.backup.archive import fingerprints


class Command(BaseCommand):
    """Restore a backup while nothing else runs."""

    help = "Bring back a backup, to an empty database or in place of what is there. Stop Lightfast first."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="replace what the database holds")

    def handle(self, *_: Any, **options: Any) -> None:
        """Restore, and say what to look after."""
        before = fingerprints()
        try:
            manifest = restore(options["file"], replace=options["replace"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored the backup of {manifest.created_at:%Y-%m-%d %H:%M} UTC: "
            f"{manifest.rows['ingestion_document']:,} documents. Start Lightfast again."
        )
        for name, other in manifest.fingerprints.items():
            if before[name] != other and name in self.configured():
                self.stderr.write(
                    f"{name} is set to another value than when the backup was made. Set it as it was then, or "
                    "what depends on it is lost: sessions, encrypted secrets or API keys."
                )

    @staticmethod
    def configured() -> set[str]:
        """Return the secrets that the environment sets."""
        from lightfast.settings import env

        return {name for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "API_KEY_PEPPER") if env.str(name, "")}
