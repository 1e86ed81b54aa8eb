"""The table of the cache, where no CACHE_URL names a server."""

from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("console", "0005_api_limits")]
    operations = [
        migrations.RunPython(create, migrations.RunPython.noop, elidable=False),
    ]
