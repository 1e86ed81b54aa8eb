"""Digests of long texts, computed by the database, so that uniqueness holds for keys beyond an index row's size."""

from django.db import models
from django.db.models import F, Func


def digest_of(field: str) -> models.GeneratedField:
    """Return a generated column: the SHA-256 of `field` in UTF-8.

    `lightfast_digest` is an SQL function that the first migration makes.
    """
    return models.GeneratedField(
        expression=Func(F(field), function="lightfast_digest", output_field=models.BinaryField()),
        output_field=models.BinaryField(max_length=32),
        db_persist=True,
    )
