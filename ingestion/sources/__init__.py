"""Discovery of sources: every package here with a `source` module is one."""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from ingestion.sources.base import Source


@cache
def all_sources() -> dict[str, Source]:
    """Return the sources by slug."""
    found: dict[str, Source] = {}
    for module in iter_modules(__path__):
        if module.ispkg:
            source: Source = import_module(f"{__name__}.{module.name}.source").source
            found[source.manifest.slug] = source
    return found


def get_source(slug: str) -> Source:
    """Return one source; raise `LookupError` for a slug that none has."""
    try:
        return all_sources()[slug]
    except KeyError:
        raise LookupError(
            f"There is no source {slug!r}; there are {', '.join(sorted(all_sources()))}."
        ) from None


def source_folder(slug: str) -> Path:
    """Return the folder of a source, with its `icon.svg` and its `setup.html`."""
    return Path(__file__).parent / get_source(slug).manifest.slug
