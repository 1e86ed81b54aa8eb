"""Names as people give them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from lightfast.lib.errors import UserError
from lightfast.lib.text import storable

LONGEST_NAME = 100


def clean_name(name: str) -> str:
    """Return a name on one line; raise `UserError` for none."""
    name = " ".join(storable(name).split())
    if not name:
        raise UserError("Give it a name.")
    return name[:LONGEST_NAME]


@contextmanager
def refuse_taken(slug: str) -> Iterator[None]:
    """Tell of an address that somebody took a moment ago."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise UserError(f"“{slug}” was taken a moment ago. Choose another address.") from error
