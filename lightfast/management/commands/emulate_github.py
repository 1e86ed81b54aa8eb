"""`manage.py emulate_github`: a GitHub on this machine, to try the whole flow in a browser."""

import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Serve an emulated GitHub with copies of local repositories until Ctrl-C."""

    help = "Serve an emulated GitHub on loopback, with copies of local repositories, until Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--repo",
            action="append",
            required=True,
            metavar="PATH",
            help="a git repository; may be given several times",
        )
        parser.add_argument("--port", type=int, default=8900)
        parser.add_argument("--owner", default="acme", help="the account that has them (default: acme)")

    def handle(self, *_: Any, **options: Any) -> None:
        """Serve."""
        try:
            from tests.emulators.github import GitHub
        except ImportError as error:
            raise CommandError(f"The emulator comes with the project's repository only: {error}.") from error
        with tempfile.TemporaryDirectory(prefix="lightfast-github-") as folder:
            try:
                github = GitHub(Path(folder), options["port"])
            except OSError as error:
                raise CommandError(f"Cannot listen on port {options['port']}: {error.strerror}.") from error
            github.store.account(github.login).organizations.add(options["owner"])
            for name in options["repo"]:
                path = Path(name).resolve()
                if not (path / ".git").exists() and not (path / "HEAD").exists():
                    raise CommandError(f"{path} is no git repository.")
                repository = github.store.add_repository(f"{options['owner']}/{path.name}", path)
                self.stdout.write(f"git clone {github.root}/{repository.full_name}.git")
            self.stdout.write(
                f"\nStart Lightfast with GITHUB_API_URL={github.api_url}, then open Connections of a team."
            )
            self.stdout.write("Pushes to the addresses above reach its webhook. Ctrl-C stops.")
            try:
                while True:
                    time.sleep(3_600)
            except KeyboardInterrupt:
                github.close()
