from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # built while people search

    dependencies = [
        ('ingestion', '0011_plain_texts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='document',
            index=GinIndex(fields=['key'], name='document_key_trigrams', opclasses=['gin_trgm_ops']),
        ),
    ]
