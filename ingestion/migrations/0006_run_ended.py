from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # built while jobs run

    dependencies = [
        ('ingestion', '0005_delivery_resource'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='run',
            index=models.Index(fields=['workspace', 'finished_at'], name='run_ended'),
        ),
    ]
