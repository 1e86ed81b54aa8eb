"""A `lightfast.yml` to begin with, from what a source holds."""

from collections import Counter

from ingestion.models import Document, Integration
from ingestion.pipeline.select import CONFIG_NAMES

FOLDERS = 8
SAMPLE = 1_000  # documents


def starter_config(integration: Integration) -> str:
    """Return a valid configuration that changes nothing yet, with the largest folders to choose from."""
    files = Document.objects.filter(integration=integration, kind="file")
    # In the order of their digests, which is none: a fair sample, and an index has it.
    keys = files.order_by("key_digest").values_list("key", flat=True)[:SAMPLE]
    folders = Counter(key.partition("/")[0] for key in keys if "/" in key)
    lines = [
        f"# {CONFIG_NAMES[0]}: what Lightfast indexes of this repository. Patterns are those of .gitignore.",
        "version: 1",
        "",
        "# Only these, if there are any; without them, everything but what is built in to be left out.",
        "# include:",
        *(f"#   - {_quoted(folder)}" for folder, _ in folders.most_common(FOLDERS)),
        "",
        "# Never these.",
        "exclude:",
        '  - "*.snap"',
        '  - "fixtures/"',
        "",
    ]
    return "\n".join(lines)


def _quoted(folder: str) -> str:
    """Return a folder as a pattern in YAML, on one line."""
    plain = "".join(c if c.isprintable() else "?" for c in folder)
    return "'" + (plain + "/").replace("'", "''") + "'"
