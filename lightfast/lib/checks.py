"""What system checks of several apps share."""

from collections.abc import Mapping

from django.conf import settings
from django.core.checks import Error


def at_least(least: Mapping[str, int], *, code: str) -> list[Error]:
    """Return an error for each setting that is below its least value."""
    return [
        Error(f"{name} is {value}.", hint=f"It must be {limit} or more.", id=code)
        for name, limit in least.items()
        if (value := getattr(settings, name)) < limit
    ]
