"""The difference between what a source has and what the index holds, in SQL."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from ingestion.models import Run, Trigger
from ingestion.sources.base import Entry


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a source says: all its entries (`full`), or those that changed and those that went.

    `entries` are pairs of an entry and the code of the reason to skip it, empty to keep it.
    """

    entries: Iterable[tuple[Entry, str]]
    removed: tuple[tuple[str, str], ...]
    full: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What a comparison came to."""

    listed: int
    unchanged: int
    skipped: int


TEMPORARY_TABLE = """
DROP TABLE IF EXISTS pg_temp.plan_entry;
CREATE TEMPORARY TABLE plan_entry (
    kind text, key text, digest bytea, revision text, size bigint, skip text, detail text, gone boolean
) ON COMMIT DROP
"""

PREPARE = """
UPDATE plan_entry SET digest = lightfast_digest(key);
CREATE UNIQUE INDEX ON plan_entry (kind, digest);
ANALYZE plan_entry;
"""

# A failed document is tried again by every run, at the revision it failed at unless it changed since.
ADD_FAILED = """
INSERT INTO plan_entry
SELECT kind, key, key_digest, revision, size, '', '', false
FROM ingestion_omission WHERE integration_id = %(integration)s AND state = 'failed'
ON CONFLICT DO NOTHING
"""

# Documents made under another configuration are made again from the text we hold.
ADD_STALE = """
INSERT INTO plan_entry
SELECT kind, key, key_digest, revision, size, '', '', false
FROM ingestion_document
WHERE integration_id = %(integration)s AND (config_hash < %(config_hash)s OR config_hash > %(config_hash)s)
ON CONFLICT DO NOTHING
"""

FORGET_OMISSIONS_NOT_LISTED = """
DELETE FROM ingestion_omission o
WHERE o.integration_id = %(integration)s
  AND NOT EXISTS (SELECT FROM plan_entry e WHERE e.kind = o.kind AND e.digest = o.key_digest AND NOT e.gone)
"""

FORGET_OMISSIONS_GONE = """
DELETE FROM ingestion_omission o USING plan_entry e
WHERE o.integration_id = %(integration)s AND e.kind = o.kind AND e.digest = o.key_digest AND e.gone
"""

NOTE_SKIPPED = """
INSERT INTO ingestion_omission (integration_id, kind, key, revision, size, state, reason, detail, created_at)
SELECT %(integration)s, kind, key, revision, size, 'skipped', skip, detail, now()
FROM plan_entry WHERE skip <> '' AND NOT gone
ON CONFLICT (integration_id, kind, key_digest) DO UPDATE
SET revision = excluded.revision, size = excluded.size, state = excluded.state,
    reason = excluded.reason, detail = excluded.detail
WHERE (ingestion_omission.revision, ingestion_omission.reason, ingestion_omission.state)
   IS DISTINCT FROM (excluded.revision, excluded.reason, excluded.state)
"""

# An omission of the same revision whose reason lay in the content stands, unless the run is to look again.
PLAN_KEPT = """
INSERT INTO ingestion_runitem (run_id, action, kind, key, revision, size, state, reason, detail, attempts)
SELECT %(run)s, CASE WHEN d.id IS NULL THEN 'add' ELSE 'change' END,
       e.kind, e.key, e.revision, e.size, 'queued', '', '', 0
FROM plan_entry e
LEFT JOIN ingestion_document d
  ON d.integration_id = %(integration)s AND d.kind = e.kind AND d.key_digest = e.digest
LEFT JOIN ingestion_omission o
  ON o.integration_id = %(integration)s AND o.kind = e.kind AND o.key_digest = e.digest
WHERE e.skip = '' AND NOT e.gone
  AND (d.id IS NULL OR d.revision <> e.revision OR d.config_hash <> %(config_hash)s OR o.state = 'failed')
  AND NOT coalesce(o.state = 'skipped' AND o.revision = e.revision AND o.reason = ANY(%(content_reasons)s), false)
ORDER BY e.kind, e.key
"""

PLAN_REMOVED_NOT_LISTED = """
INSERT INTO ingestion_runitem (run_id, action, kind, key, revision, size, state, reason, detail, attempts)
SELECT %(run)s, 'remove', d.kind, d.key, d.revision, d.size, 'queued', coalesce(e.skip, ''), '', 0
FROM ingestion_document d
LEFT JOIN plan_entry e ON e.kind = d.kind AND e.digest = d.key_digest
WHERE d.integration_id = %(integration)s AND (e.key IS NULL OR e.gone OR e.skip <> '')
"""

PLAN_REMOVED_GONE = """
INSERT INTO ingestion_runitem (run_id, action, kind, key, revision, size, state, reason, detail, attempts)
SELECT %(run)s, 'remove', d.kind, d.key, d.revision, d.size, 'queued', e.skip, '', 0
FROM plan_entry e
JOIN ingestion_document d ON d.integration_id = %(integration)s AND d.kind = e.kind AND d.key_digest = e.digest
WHERE e.gone OR e.skip <> ''
"""

COUNT_UNCHANGED = """
SELECT (SELECT count(*) FROM ingestion_document WHERE integration_id = %(integration)s)
     - (SELECT count(*) FROM ingestion_runitem WHERE run_id = %(run)s AND action <> 'add')
"""

CONTENT_REASONS = ["binary", "undecodable", "lfs_pointer", "minified", "empty", "too_large"]


def compare(run: Run, comparison: Comparison, *, config_hash: str) -> Counts:
    """Write the run's items and the integration's omissions; call it in the transaction that plans the run.

    One statement a step, whatever the number of entries; with a comparison that is not full, the work is
    proportional to what changed.
    """
    values: dict[str, Any] = {
        "run": run.pk,
        "integration": run.integration_id,
        "config_hash": config_hash,
        "content_reasons": [] if run.full else CONTENT_REASONS,
    }
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY_TABLE)
        with cursor.copy(
            "COPY plan_entry (kind, key, revision, size, skip, detail, gone) FROM STDIN"
        ) as copy:
            for entry, skip in comparison.entries:
                copy.write_row((entry.kind, entry.key, entry.revision, entry.size, skip, entry.detail, False))
            for kind, key in comparison.removed:
                copy.write_row((kind, key, "", None, "", "", True))
        cursor.execute(PREPARE)
        cursor.execute("SELECT count(*), count(*) FILTER (WHERE skip <> '') FROM plan_entry WHERE NOT gone")
        listed, skipped = cursor.fetchone()
        if comparison.full:
            steps = [FORGET_OMISSIONS_NOT_LISTED, NOTE_SKIPPED, PLAN_KEPT, PLAN_REMOVED_NOT_LISTED]
        else:
            retries = [] if run.trigger == Trigger.CONFIG else [ADD_FAILED]
            steps = [*retries, ADD_STALE, FORGET_OMISSIONS_GONE, NOTE_SKIPPED, PLAN_KEPT, PLAN_REMOVED_GONE]
        for step in steps:
            cursor.execute(step, values)
        cursor.execute(COUNT_UNCHANGED, values)
        (unchanged,) = cursor.fetchone()
    return Counts(listed=listed, unchanged=unchanged, skipped=skipped)
