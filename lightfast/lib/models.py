"""What the models of every app share."""

from typing import Any

from django.db import models

from lightfast.lib.ids import new_id


class NamedRow(models.Model):
    """A row that people and programs name: a UUIDv7 key and its times."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


def in_check(field: str, choices: type[models.TextChoices], *, model: str) -> models.CheckConstraint:
    """Return the constraint that keeps `field` to `choices` in the database, too."""
    values: list[Any] = list(choices.values)
    return models.CheckConstraint(
        condition=models.Q(**{f"{field}__in": values}), name=f"{model}_{field}_known"
    )
