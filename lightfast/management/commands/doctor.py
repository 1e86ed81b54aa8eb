"""`manage.py doctor`: what is wrong with an installation, and what to do."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.module_loading import import_string
from rich.console import Console
from rich.markup import escape

from lightfast.lib.findings import Exam, Finding, Level, error

MARKS = {Level.OK: "[green]ok     [/]", Level.WARNING: "[yellow]warning[/]", Level.ERROR: "[red]error  [/]"}


class Command(BaseCommand):
    """Call the exams of DOCTOR_EXAMS and print what they find."""

    help = (
        "Examine configuration, connectivity, permissions, work that is stuck and the index; say what to do."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def handle(self, *_: Any, **__: Any) -> None:
        """Examine everything; the exit status is 1 if there is an error."""
        console = Console(highlight=False, soft_wrap=True)
        findings = [finding for path in settings.DOCTOR_EXAMS for finding in examine(import_string(path))]
        for finding in findings:
            console.print(f"{MARKS[finding.level]} {escape(finding.what)}")
            if finding.hint:
                console.print(f"        {escape(finding.hint)}")
        if errors := sum(finding.level is Level.ERROR for finding in findings):
            raise CommandError(f"{errors} {'error' if errors == 1 else 'errors'}.")


def examine(exam: Exam) -> list[Finding]:
    """Return what an exam finds; a database that is away ends one exam, not all."""
    found: list[Finding] = []
    try:
        found.extend(exam())
    except DatabaseError as problem:
        found.append(error(f"{exam.__name__} could not be examined: {problem}", "See to the database first."))
    return found
