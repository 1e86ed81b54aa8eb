from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False  # built while people search

    dependencies = [
        ('ingestion', '0008_count_what_is_there'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='termstatistic',
            index=GinIndex(fields=['term'], name='term_trigrams', opclasses=['gin_trgm_ops']),
        ),
    ]
