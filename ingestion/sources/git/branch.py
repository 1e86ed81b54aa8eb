"""Branches that people name."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ingestion.sources.errors import InvalidResource, NotFound

# What git-check-ref-format(1) forbids, and everything that could be an option, a pattern or an expression.
FORBIDDEN = re.compile(r"^[-/.]|[/.]$|\.lock$|\.\.|//|/\.|@\{|^@$|[\x00-\x20\x7f~^:?*\[\\]")


def wanted_branch(config: Mapping[str, Any]) -> str:
    """Return the configured branch or tag, empty for the default one; raise `InvalidResource`."""
    branch = config.get("branch") or ""
    if not isinstance(branch, str) or FORBIDDEN.search(branch):
        raise InvalidResource(
            f"{branch!r} is not the name of a branch. Write it as git shows it, for example main."
        )
    return branch


def no_such_branch(branch: str, others: Sequence[str]) -> NotFound:
    """Return the error that names the branches there are."""
    shown = ", ".join(sorted(others)[:10]) + (", …" if len(others) > 10 else "")
    missing = f"has no branch {branch!r}" if branch else "does not have its default branch"
    return NotFound(f"The repository {missing}. Choose another in the source's settings: {shown}.")
