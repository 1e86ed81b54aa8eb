from django.db import migrations

# Exact search unpacks every candidate's text, which pglz takes as long for as the rest of the search: see ADR 5.
PLAIN_WITHOUT_LZ4 = """
DO $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)
    ) THEN
        ALTER TABLE ingestion_document ALTER COLUMN text SET STORAGE EXTERNAL;
    END IF;
END $$;
"""
PACKED = "ALTER TABLE ingestion_document ALTER COLUMN text SET STORAGE EXTENDED"


class Migration(migrations.Migration):

    dependencies = [
        ('ingestion', '0010_vector_index'),
    ]

    operations = [
        migrations.RunSQL(PLAIN_WITHOUT_LZ4, PACKED),
    ]
