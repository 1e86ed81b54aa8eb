from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
import django.db.models.deletion

COUNT_DOCUMENTS = """
INSERT INTO ingestion_tally (integration_id, kind, language, documents, size)
SELECT integration_id, kind, language, count(*), sum(size) FROM ingestion_document GROUP BY 1, 2, 3
ON CONFLICT DO NOTHING
"""

COUNT_CHUNKS = """
UPDATE ingestion_indexversion v SET chunk_total = n
FROM (SELECT version_id, count(*) AS n FROM ingestion_chunk GROUP BY 1) c WHERE v.id = c.version_id
"""

COUNT_OMISSIONS = """
UPDATE ingestion_integration i SET omitted = grouped.omitted FROM (
    SELECT integration_id, jsonb_object_agg(state, reasons) AS omitted FROM (
        SELECT integration_id, state, jsonb_object_agg(reason, number) AS reasons FROM (
            SELECT integration_id, state, reason, count(*) AS number FROM ingestion_omission GROUP BY 1, 2, 3
        ) counted GROUP BY 1, 2
    ) by_state GROUP BY 1
) grouped WHERE i.id = grouped.integration_id
"""

COUNT_ITEMS = """
UPDATE ingestion_run r SET total = c.total, settled = c.settled FROM (
    SELECT run_id, count(*) AS total, count(*) FILTER (WHERE settled_at IS NOT NULL AND state <> 'cancelled') AS settled
    FROM ingestion_runitem GROUP BY 1
) c WHERE r.id = c.run_id
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("ingestion", "0007_budget_and_tallies")]

    operations = [
        *(
            migrations.RunSQL(statement, migrations.RunSQL.noop)
            for statement in (COUNT_DOCUMENTS, COUNT_CHUNKS, COUNT_OMISSIONS, COUNT_ITEMS)
        ),
        AddIndexConcurrently(
            model_name='document',
            index=models.Index(fields=['integration', '-id'], name='document_of_integration'),
        ),
        AddIndexConcurrently(
            model_name='run',
            index=models.Index(fields=['workspace', 'state', '-id'], name='run_of_state'),
        ),
        AddIndexConcurrently(
            model_name='runitem',
            index=models.Index(fields=['run', 'id'], name='run_item_of_run'),
        ),
        migrations.AlterField(
            model_name='document',
            name='integration',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='ingestion.integration'),
        ),
    ]
