"""Selecting what is indexed, by name and size."""

from ingestion.pipeline.selection.builtin import reasons_of
from ingestion.pipeline.selection.config import CONFIG_NAMES, Config, ConfigError, Problem, parse_config
from ingestion.pipeline.selection.patterns import IgnorePatterns, IncludePatterns
from ingestion.reasons import Reason
from ingestion.sources.base import MAX_BYTES

__all__ = [
    "CONFIG_NAMES",
    "SELECTION_VERSION",
    "Config",
    "ConfigError",
    "Problem",
    "Selector",
    "parse_config",
]

SELECTION_VERSION = 1  # raise it when any rule changes: every source is then compared in full
# What no configuration can ask for: what is indexed is seen by everybody in the workspace.
FINAL = {Reason.VCS, Reason.SECRET}


class Selector:
    """Decides what is kept, under one configuration or none.

    Without one: all but the built-in exclusions. With `include`: only what that matches, its last pattern about a path
    or a folder above it deciding; with `exclude`: not what a .gitignore file with these lines would match.

    The built-in exclusions hold in any case, but for the paths that an include pattern matches which names what they
    are about: `vendor/` and `vendor/ours/*.go` ask for a folder of dependencies, `yarn.lock` and `*.lock` for lock
    files; `src/` and `**/*.js` ask for neither. Secrets, the insides of version control and the limits of size hold
    always.
    """

    def __init__(self, config: Config | None = None) -> None:
        include = config.include if config else ()
        exclude = config.exclude if config else ()
        self._include = IncludePatterns(include) if include else None
        self._exclude = IgnorePatterns(exclude) if exclude else None
        asked = ((_named_by(pattern), pattern) for pattern in include if not pattern.startswith("!"))
        self._asked = [(reasons, IncludePatterns([pattern])) for reasons, pattern in asked if reasons]

    def decide(self, key: str, size: int | None) -> Reason | None:
        """Return why a path is left out, None to keep it; `size` is in bytes, None when it is not known."""
        for reason in reasons_of(key):
            if not self._asks_for(key, reason):
                return reason
        if self._include is not None and not self._include.match(key):
            return Reason.NOT_INCLUDED
        if self._exclude is not None and self._exclude.match(key):
            return Reason.EXCLUDED
        if size is None or 0 < size <= MAX_BYTES:
            return None
        return Reason.TOO_LARGE if size else Reason.EMPTY

    def _asks_for(self, key: str, reason: Reason) -> bool:
        return any(reason in reasons and patterns.match(key) for reasons, patterns in self._asked)


def _named_by(pattern: str) -> frozenset[Reason]:
    """Return the exclusions that a pattern is about: those that it would fall under itself, as a path."""
    path = pattern.strip("/")
    return frozenset((*reasons_of(path), *reasons_of(f"{path}/-"))) - FINAL
