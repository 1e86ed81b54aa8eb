"""Term statistics: in how many chunks of an index version each term occurs, which ranking needs."""

from django.db import connection, transaction

from ingestion.models import IndexVersion

# ts_stat wants its query as text; the version is a number of our own.
TAKE = """
INSERT INTO ingestion_termstatistic (version_id, term, chunks)
SELECT %(version)s, word, ndoc
FROM ts_stat(format('SELECT lexemes FROM ingestion_chunk WHERE version_id = %%s', %(version)s::int))
WHERE length(word) <= 64
"""

STALE_SHARE = 0.05  # of the chunks; document frequencies move idf by less than ranking can tell
ALWAYS_BELOW = 2_000  # chunks: so few are counted at once


def refresh_statistics(version: IndexVersion, *, always: bool = False) -> bool:
    """Take a version's term statistics anew if enough has changed since; return whether that was done.

    A one-file sync of a large store so costs no scan of it. Terms unknown to the statistics count as rare.
    """
    with transaction.atomic():
        locked = IndexVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
        changed, before = locked.chunks_changed, locked.chunk_count
        if not changed:
            return False
        if not always and before > ALWAYS_BELOW and changed < before * STALE_SHARE:
            return False
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM ingestion_termstatistic WHERE version_id = %s", [version.pk])
            cursor.execute(TAKE, {"version": version.pk})
            cursor.execute("SELECT count(*) FROM ingestion_chunk WHERE version_id = %s", [version.pk])
            (count,) = cursor.fetchone()
        locked.chunk_count, locked.chunks_changed = count, 0
        locked.save(update_fields=["chunk_count", "chunks_changed"])
    if changed > before * 0.2:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE ingestion_chunk, ingestion_vector, ingestion_document")
    return True


def settle_index() -> None:
    """Move what the text indexes hold back for later into its place, so that no search has to go through it."""
    with connection.cursor() as cursor:
        for index in ("chunk_lexemes", "document_text_trigrams"):
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])
