"""What can go wrong at GitHub, to be switched on for requests that match."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

PRIMARY = "API rate limit exceeded for installation ID 1."
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."


@dataclass
class Fault:
    """An answer instead of, or a change to, the true one; `times` is how often (None: until it is removed).

    `delay` and `stall` are in seconds, before the answer and amid its body; `cut` sends only so many bytes of the body
    that was announced; `change` gets the true payload.
    """

    pattern: str
    status: int = 0
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = 1
    after: int = 0
    delay: float = 0
    stall: float = 0
    cut: int | None = None
    change: Callable[[Any], Any] | None = None
    hits: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Tell whether this request is struck, and count it."""
        if not re.search(self.pattern, f"{method} {path}"):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.hits >= self.times:
            return False
        self.hits += 1
        return True
