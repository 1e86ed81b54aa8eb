"""`manage.py rotate_encryption`: secrets under the newest key, so that older ones can go."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from lightfast.lib.crypto import DecryptionError, reencrypt

FACTORS = ("secret", "seed")  # what `console.accounts.MfaAdapter` encrypts, of apps and of recovery codes
SEALED = "sealed_"  # the columns that hold what `lightfast.lib.crypto` encrypts


class Command(BaseCommand):
    """Encrypt every secret anew with the first of ENCRYPTION_KEYS."""

    help = "Encrypt every secret in the database with the first of ENCRYPTION_KEYS; the others may go afterwards."

    def handle(self, *_: Any, **__: Any) -> None:
        """Go through every column of secrets, a row a transaction; it may be run again at any time."""
        lost = done = 0
        for pk in list(Authenticator.objects.values_list("pk", flat=True)):
            try:
                done += _rotate_factor(pk)
            except DecryptionError:
                lost += 1
                self.stderr.write(f"second factor {pk}: none of ENCRYPTION_KEYS opens it.")
        for model in apps.get_models():
            for field in (f.name for f in model._meta.concrete_fields if f.name.startswith(SEALED)):
                for pk in list(model._default_manager.exclude(**{field: b""}).values_list("pk", flat=True)):
                    try:
                        done += _rotate(model, field, pk)
                    except DecryptionError:
                        lost += 1
                        self.stderr.write(
                            f"{model._meta.verbose_name} {pk}: none of ENCRYPTION_KEYS opens it."
                        )
        self.stdout.write(f"{done} secrets are encrypted with the first of ENCRYPTION_KEYS.")
        if lost:
            raise CommandError(f"{lost} could not be opened. Add the key that they were encrypted with.")


@transaction.atomic
def _rotate(model: type[models.Model], field: str, pk: Any) -> int:
    row = model._default_manager.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        return 0
    setattr(row, field, reencrypt(bytes(getattr(row, field))))
    row.save(update_fields=[field])
    return 1


@transaction.atomic
def _rotate_factor(pk: int) -> int:
    row = Authenticator.objects.select_for_update(no_key=True).filter(pk=pk).first()
    if row is None:
        return 0
    sealed = [name for name in FACTORS if name in row.data]
    for name in sealed:
        row.data[name] = reencrypt(row.data[name].encode()).decode()
    if sealed:
        row.save(update_fields=["data"])
    return len(sealed)
