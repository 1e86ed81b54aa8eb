from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # built while people search

    dependencies = [
        ('ingestion', '0003_delivery_origin'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='document',
            index=GinIndex(fields=['text'], name='document_text_trigrams', opclasses=['gin_trgm_ops']),
        ),
    ]
