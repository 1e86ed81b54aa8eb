"""All data of a workspace as one zip file, written while it is sent: memory stays small, nothing lies about on disk.

Each part is a file of JSON lines. The apps register theirs in `AppConfig.ready`; a part names each field that it
gives away, so that a new column, or a secret, is in no export until somebody says so.
"""

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder

from console.models import Activity, ApiKey, Workspace
from lightfast.lib.batches import in_batches

Part = Callable[[Workspace], Iterable[Mapping[str, object]]]

PIECE = 64 * 1024  # bytes
ROWS = 1_000

PARTS: dict[str, Part] = {}

README = """\
This is everything that Lightfast keeps of one workspace, except secrets and what it computes from the documents.
Each .jsonl file has one JSON object a line; ids are the same everywhere, times are UTC in ISO 8601.
"""


class _Pipe(io.RawIOBase):
    """A file that cannot be searched, from which the other end takes what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | memoryview", /) -> int:  # type: ignore[override]
        self.waiting += data
        return len(data)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken


def archive(workspace: Workspace) -> Iterator[bytes]:
    """Return the zip file of a workspace, piece by piece."""
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_DEFLATED) as file:
        file.writestr("README.txt", README)
        for name, part in PARTS.items():
            with file.open(f"{name}.jsonl", "w", force_zip64=True) as lines:
                for row in part(workspace):
                    lines.write(f"{json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)}\n".encode())
                    if len(pipe.waiting) >= PIECE:
                        yield pipe.take()
    yield pipe.take()


def workspace_part(workspace: Workspace) -> Iterator[Mapping[str, object]]:
    """Return the workspace itself."""
    names = ("id", "name", "slug", "search_log_days", "created_at")
    yield {
        **{name: getattr(workspace, name) for name in names},
        "organization": workspace.organization.name,
        "organization_slug": workspace.organization.slug,
    }


def keys_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the keys, without what could be used as one."""
    fields = ("id", "name", "prefix", "scopes", "created_by__email", "created_at")
    times = ("expires_at", "last_used_at", "revoked_at")
    return in_batches(ApiKey.objects.in_workspace(workspace).values(*fields, *times), ROWS)


def activities_part(workspace: Workspace) -> Iterable[Mapping[str, object]]:
    """Return the audit trail."""
    fields = ("id", "created_at", "actor", "action", "entity_type", "entity_id", "entity", "before", "after")
    rows = Activity.objects.in_workspace(workspace).values(*fields, "ip_address", "request_id")
    return in_batches(rows, ROWS)


PARTS |= {"workspace": workspace_part, "keys": keys_part, "activities": activities_part}
