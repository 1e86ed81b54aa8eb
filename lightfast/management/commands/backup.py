"""`manage.py backup`: everything that cannot be fetched again, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lightfast.backup import BackupError, back_up


class Command(BaseCommand):
    """Write a backup; Lightfast may run meanwhile."""

    help = "Write the database and this installation's own secrets to a file. Keep it as you keep a key."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--without-secrets", action="store_true", help="leave the secrets out")

    def handle(self, *_: Any, **options: Any) -> None:
        """Write it and tell what is in it."""
        target = options["file"].absolute()
        try:
            manifest = back_up(target, secrets=not options["without_secrets"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        documents, chunks = (manifest.rows[f"ingestion_{name}"] for name in ("document", "chunk"))
        size = target.stat().st_size / 1_000_000
        self.stdout.write(f"{target}: {size:.1f} MB, {documents:,} documents, {chunks:,} chunks.")
        if not options["without_secrets"]:
            self.stdout.write("It holds the keys to what is encrypted in it: store it as you store a key.")
