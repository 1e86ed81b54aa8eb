import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import lightfast.lib.ids
import pgvector.django.halfvec
from django.conf import settings
from typing import Any

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from dramatiq_postgres import schema
from pgvector.django import VectorExtension


# convert_to is only marked stable because its encodings are data; for UTF8 it never changes.
DIGEST_FUNCTION = """
CREATE FUNCTION lightfast_digest(text) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT sha256(convert_to($1, 'UTF8')) $$
"""

# Vectors stay in their row: a scan must not visit TOAST. lz4 is optional in a Postgres build.
COLUMN_STORAGE = """
ALTER TABLE ingestion_vector ALTER COLUMN embedding SET STORAGE PLAIN;
DO $$
BEGIN
    ALTER TABLE ingestion_document ALTER COLUMN text SET COMPRESSION lz4;
    ALTER TABLE ingestion_chunk ALTER COLUMN text SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN
    RAISE NOTICE 'this Postgres has no lz4: texts are compressed with pglz';
END $$;
"""


def create_queue(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Create the queue of the Postgres broker, which is there to fall back on whatever BROKER_URL says."""
    with schema_editor.connection.cursor() as cursor:
        schema.init(cursor)


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('console', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        VectorExtension(),
        TrigramExtension(),
        migrations.RunSQL(DIGEST_FUNCTION, "DROP FUNCTION lightfast_digest"),
        migrations.CreateModel(
            name='IndexVersion',
            fields=[
                ('id', models.AutoField(primary_key=True, serialize=False)),
                ('config_hash', models.CharField(max_length=64)),
                ('embedder', models.CharField(max_length=20)),
                ('model', models.CharField(max_length=100)),
                ('dimensions', models.PositiveSmallIntegerField()),
                ('chunk_tokens', models.PositiveSmallIntegerField()),
                ('chunker_version', models.PositiveSmallIntegerField()),
                ('chunk_count', models.BigIntegerField(default=0, help_text='Chunks when the term statistics were last taken.')),
                ('chunks_changed', models.BigIntegerField(default=0, help_text='Chunks written or removed since then.')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(help_text="The source's slug.", max_length=40)),
                ('name', models.CharField(help_text="The account's name at the provider.", max_length=200)),
                ('external_id', models.CharField(blank=True, help_text="The authorization's id at the provider.", max_length=200)),
                ('config', models.JSONField(blank=True, default=dict)),
                ('sealed_secrets', models.BinaryField(default=b'')),
                ('state', models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended by the provider'), ('revoked', 'Revoked')], default='active', max_length=10)),
                ('state_reason', models.TextField(blank=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='connections', to='console.organization')),
            ],
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('provider', models.CharField(max_length=40)),
                ('delivery_id', models.CharField(help_text="The provider's id; a repeated one is the same delivery.", max_length=200)),
                ('event', models.CharField(max_length=100)),
                ('headers', models.JSONField(default=dict)),
                ('body', models.BinaryField()),
                ('state', models.CharField(choices=[('received', 'Received'), ('processed', 'Processed'), ('ignored', 'Ignored'), ('failed', 'Failed')], default='received', max_length=10)),
                ('outcome', models.TextField(blank=True)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('processed_at', models.DateTimeField(blank=True, null=True)),
                ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='ingestion.connection')),
            ],
            options={
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=20)),
                ('key', models.TextField(help_text="The document's name in its source: a path, a number.")),
                ('key_digest', models.GeneratedField(db_persist=True, expression=models.Func(models.F('key'), function='lightfast_digest', output_field=models.BinaryField()), output_field=models.BinaryField(max_length=32))),
                ('title', models.TextField(blank=True)),
                ('language', models.CharField(blank=True, max_length=40)),
                ('url', models.TextField(blank=True, help_text='Where it is at the provider.')),
                ('text', models.TextField()),
                ('size', models.IntegerField(help_text='Bytes at the source.')),
                ('lines', models.IntegerField()),
                ('content_hash', models.BinaryField(help_text='SHA-256 of the text.', max_length=32)),
                ('revision', models.CharField(help_text='Blob SHA, etag, updated-at.', max_length=200)),
                ('config_hash', models.CharField(help_text='The index configuration it was last processed under.', max_length=64)),
                ('author', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(blank=True, max_length=40)),
                ('labels', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), blank=True, default=list, size=None)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('source_created_at', models.DateTimeField(blank=True, null=True)),
                ('source_updated_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('indexed_at', models.DateTimeField()),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='console.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='Chunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ordinal', models.IntegerField()),
                ('text', models.TextField()),
                ('heading', models.TextField(blank=True, help_text='Heading or symbol path.')),
                ('first_line', models.IntegerField()),
                ('last_line', models.IntegerField()),
                ('tokens', models.IntegerField()),
                ('content_hash', models.BinaryField(help_text='SHA-256 of what was embedded.', max_length=32)),
                ('lexemes', django.contrib.postgres.search.SearchVectorField()),
                ('document', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='ingestion.document')),
                ('version', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='ingestion.indexversion')),
            ],
        ),
        migrations.CreateModel(
            name='Integration',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('kind', models.CharField(help_text="The source's slug.", max_length=40)),
                ('resource_id', models.TextField(help_text="The resource's id at the provider.")),
                ('resource_digest', models.GeneratedField(db_persist=True, expression=models.Func(models.F('resource_id'), function='lightfast_digest', output_field=models.BinaryField()), output_field=models.BinaryField(max_length=32))),
                ('name', models.CharField(max_length=200)),
                ('config', models.JSONField(blank=True, default=dict)),
                ('allow_local', models.BooleanField(default=False, help_text="May read this machine's disk: set by staff only.")),
                ('state', models.CharField(choices=[('active', 'Active'), ('paused', 'Paused'), ('blocked', 'Needs attention'), ('removing', 'Being removed')], default='active', max_length=10)),
                ('state_reason', models.TextField(blank=True)),
                ('cursor', models.CharField(blank=True, help_text='The revision that the index is equal to.', max_length=200)),
                ('cursor_label', models.CharField(blank=True, help_text='The branch of that revision.', max_length=200)),
                ('synced_at', models.DateTimeField(blank=True, help_text='When the index was last equal to its source.', null=True)),
                ('dirty', models.BooleanField(default=False, help_text='Changed during a run: one more run follows.')),
                ('sync_interval', models.DurationField(blank=True, help_text="Empty: the source's default.", null=True)),
                ('next_sync_at', models.DateTimeField(blank=True, null=True)),
                ('config_state', models.CharField(choices=[('unknown', 'Not read yet'), ('default', 'None: defaults apply'), ('configured', 'Configured'), ('invalid', 'Invalid')], default='unknown', max_length=10)),
                ('config_file', models.CharField(blank=True, max_length=40)),
                ('config_problems', models.JSONField(blank=True, default=list, help_text='[{key, line, message}]')),
                ('selection_digest', models.CharField(blank=True, help_text='The configuration and rules that selected what the index holds.', max_length=64)),
                ('connection', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='integrations', to='ingestion.connection')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='integrations', to='console.workspace')),
            ],
        ),
        migrations.AddField(
            model_name='document',
            name='integration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='documents', to='ingestion.integration'),
        ),
        migrations.CreateModel(
            name='Metric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('value', models.FloatField()),
                ('recorded_at', models.DateTimeField()),
                ('integration', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ingestion.integration')),
                ('workspace', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='metrics', to='console.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='Omission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('key', models.TextField()),
                ('key_digest', models.GeneratedField(db_persist=True, expression=models.Func(models.F('key'), function='lightfast_digest', output_field=models.BinaryField()), output_field=models.BinaryField(max_length=32))),
                ('revision', models.CharField(max_length=200)),
                ('size', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('skipped', 'Skipped'), ('failed', 'Failed')], max_length=10)),
                ('reason', models.CharField(help_text='A code of ingestion.reasons.', max_length=40)),
                ('detail', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('integration', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='omissions', to='ingestion.integration')),
            ],
        ),
        migrations.CreateModel(
            name='Purge',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('subject', models.CharField(choices=[('integration', 'Source'), ('workspace', 'Workspace'), ('organization', 'Team')], max_length=12)),
                ('subject_id', models.UUIDField()),
                ('name', models.TextField(help_text="The subject's name at the time.")),
                ('workspace_id', models.UUIDField(blank=True, help_text='No reference: the receipt outlives it.', null=True)),
                ('counts_before', models.JSONField(default=dict)),
                ('counts_after', models.JSONField(blank=True, null=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('organization', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='purges', to='console.organization')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('trigger', models.CharField(choices=[('first', 'First sync'), ('manual', 'Started by hand'), ('push', 'Push'), ('periodic', 'Periodic'), ('retry', 'Retry of failed documents'), ('config', 'Index configuration changed')], max_length=10)),
                ('full', models.BooleanField(default=False, help_text='Compare everything, not only what changed since the cursor.')),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('completed', 'Completed'), ('completed_with_errors', 'Completed with errors'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=25)),
                ('error', models.TextField(blank=True, help_text='Why it failed and what to do.')),
                ('revision', models.CharField(blank=True, max_length=200)),
                ('revision_label', models.CharField(blank=True, max_length=200)),
                ('selection_digest', models.CharField(blank=True, max_length=64)),
                ('config_hash', models.CharField(blank=True, max_length=64)),
                ('listed', models.IntegerField(default=0, help_text='Entries the source listed.')),
                ('added', models.IntegerField(default=0)),
                ('changed', models.IntegerField(default=0)),
                ('removed', models.IntegerField(default=0)),
                ('unchanged', models.IntegerField(default=0)),
                ('skipped', models.IntegerField(default=0)),
                ('failed', models.IntegerField(default=0)),
                ('chunks_written', models.IntegerField(default=0)),
                ('chunks_embedded', models.IntegerField(default=0)),
                ('chunks_reused', models.IntegerField(default=0)),
                ('tokens_embedded', models.BigIntegerField(default=0)),
                ('stage_seconds', models.JSONField(blank=True, default=dict, help_text='Seconds by stage, summed over batches.')),
                ('attempts', models.IntegerField(default=0, help_text='Times planning was begun.')),
                ('due_at', models.DateTimeField(help_text='Not before this time.')),
                ('lease_expires_at', models.DateTimeField(blank=True, help_text='While a worker plans or finishes it.', null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('planned_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('integration', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='ingestion.integration')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='runs', to='console.workspace')),
            ],
        ),
        migrations.CreateModel(
            name='RunItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('add', 'Added'), ('change', 'Changed'), ('remove', 'Removed')], max_length=10)),
                ('kind', models.CharField(max_length=20)),
                ('key', models.TextField()),
                ('key_digest', models.GeneratedField(db_persist=True, expression=models.Func(models.F('key'), function='lightfast_digest', output_field=models.BinaryField()), output_field=models.BinaryField(max_length=32))),
                ('revision', models.CharField(blank=True, max_length=200)),
                ('size', models.BigIntegerField(null=True)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('leased', 'In work'), ('done', 'Done'), ('skipped', 'Skipped'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=40)),
                ('detail', models.TextField(blank=True)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(blank=True, help_text='Not before this time.', null=True)),
                ('lease_expires_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('run', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='items', to='ingestion.run')),
            ],
        ),
        migrations.CreateModel(
            name='Store',
            fields=[
                ('id', models.UUIDField(default=lightfast.lib.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.SlugField(default='default', max_length=60)),
                ('serving', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ingestion.indexversion')),
                ('target', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='ingestion.indexversion')),
                ('workspace', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stores', to='console.workspace')),
            ],
        ),
        migrations.AddField(
            model_name='integration',
            name='store',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='integrations', to='ingestion.store'),
        ),
        migrations.AddField(
            model_name='indexversion',
            name='store',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='ingestion.store'),
        ),
        migrations.CreateModel(
            name='TermStatistic',
            fields=[
                ('pk', models.CompositePrimaryKey('version_id', 'term', blank=True, editable=False, primary_key=True, serialize=False)),
                ('term', models.CharField(max_length=64)),
                ('chunks', models.IntegerField(db_default=0)),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='terms', to='ingestion.indexversion')),
            ],
            options={
                'verbose_name': 'term statistic',
            },
        ),
        migrations.CreateModel(
            name='Vector',
            fields=[
                ('chunk', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='vector', serialize=False, to='ingestion.chunk')),
                ('embedding', pgvector.django.halfvec.HalfVectorField()),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ingestion.indexversion')),
            ],
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organization', 'kind', 'external_id'), name='connection_external_id_unique'),
        ),
        migrations.AddConstraint(
            model_name='connection',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'suspended', 'revoked'])), name='connection_state_known'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'received')), fields=['created_at'], name='delivery_open'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['connection', '-id'], name='delivery_of_connection'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('provider', 'delivery_id'), name='delivery_unique'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'processed', 'ignored', 'failed'])), name='delivery_state_known'),
        ),
        migrations.AddIndex(
            model_name='chunk',
            index=django.contrib.postgres.indexes.GinIndex(fields=['lexemes'], name='chunk_lexemes'),
        ),
        migrations.AddIndex(
            model_name='chunk',
            index=models.Index(fields=['version', 'content_hash'], name='chunk_of_content'),
        ),
        migrations.AddConstraint(
            model_name='chunk',
            constraint=models.UniqueConstraint(fields=('document', 'version', 'ordinal'), name='chunk_ordinal_unique'),
        ),
        migrations.AddConstraint(
            model_name='chunk',
            constraint=models.CheckConstraint(condition=models.Q(('first_line__gte', 1), ('last_line__gte', models.F('first_line'))), name='chunk_lines_ordered'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['workspace', '-id'], name='document_of_workspace'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['integration', 'config_hash'], name='document_config'),
        ),
        migrations.AddConstraint(
            model_name='document',
            constraint=models.UniqueConstraint(fields=('integration', 'kind', 'key_digest'), name='document_key_unique'),
        ),
        migrations.AddIndex(
            model_name='metric',
            index=models.Index(fields=['workspace', 'name', 'recorded_at'], name='metric_series'),
        ),
        migrations.AddIndex(
            model_name='omission',
            index=models.Index(fields=['integration', 'state', 'reason'], name='omission_reason'),
        ),
        migrations.AddConstraint(
            model_name='omission',
            constraint=models.UniqueConstraint(fields=('integration', 'kind', 'key_digest'), name='omission_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='omission',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['skipped', 'failed'])), name='omission_state_known'),
        ),
        migrations.AddIndex(
            model_name='purge',
            index=models.Index(condition=models.Q(('completed_at', None)), fields=['created_at'], name='purge_open'),
        ),
        migrations.AddConstraint(
            model_name='purge',
            constraint=models.UniqueConstraint(fields=('subject', 'subject_id'), name='purge_subject_unique'),
        ),
        migrations.AddConstraint(
            model_name='purge',
            constraint=models.CheckConstraint(condition=models.Q(('subject__in', ['integration', 'workspace', 'organization'])), name='purge_subject_known'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['workspace', '-id'], name='run_of_workspace'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(fields=['integration', '-id'], name='run_of_integration'),
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['due_at'], name='run_active'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('queued', 'running'))), fields=('integration',), name='run_one_active'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'running')), ('finished_at__isnull', False), _connector='OR'), name='run_ended_has_time'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'running', 'completed', 'completed_with_errors', 'failed', 'cancelled'])), name='run_state_known'),
        ),
        migrations.AddConstraint(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('trigger__in', ['first', 'manual', 'push', 'periodic', 'retry', 'config'])), name='run_trigger_known'),
        ),
        migrations.AddIndex(
            model_name='runitem',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['run', 'id'], name='run_item_queued'),
        ),
        migrations.AddIndex(
            model_name='runitem',
            index=models.Index(condition=models.Q(('state', 'leased')), fields=['lease_expires_at'], name='run_item_leased'),
        ),
        migrations.AddIndex(
            model_name='runitem',
            index=models.Index(fields=['run', 'state', 'id'], name='run_item_state'),
        ),
        migrations.AddConstraint(
            model_name='runitem',
            constraint=models.UniqueConstraint(fields=('run', 'kind', 'key_digest'), name='run_item_key_unique'),
        ),
        migrations.AddConstraint(
            model_name='runitem',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['queued', 'leased', 'done', 'skipped', 'failed', 'cancelled'])), name='run_item_state_known'),
        ),
        migrations.AddConstraint(
            model_name='runitem',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['add', 'change', 'remove'])), name='run_item_action_known'),
        ),
        migrations.AddConstraint(
            model_name='store',
            constraint=models.UniqueConstraint(fields=('workspace', 'name'), name='store_name_unique'),
        ),
        migrations.AddIndex(
            model_name='integration',
            index=models.Index(condition=models.Q(('state', 'active')), fields=['next_sync_at'], name='integration_due'),
        ),
        migrations.AddConstraint(
            model_name='integration',
            constraint=models.UniqueConstraint(fields=('workspace', 'kind', 'resource_digest'), name='integration_resource_unique'),
        ),
        migrations.AddConstraint(
            model_name='integration',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['active', 'paused', 'blocked', 'removing'])), name='integration_state_known'),
        ),
        migrations.AddConstraint(
            model_name='integration',
            constraint=models.CheckConstraint(condition=models.Q(('config_state__in', ['unknown', 'default', 'configured', 'invalid'])), name='integration_config_state_known'),
        ),
        migrations.AddConstraint(
            model_name='indexversion',
            constraint=models.UniqueConstraint(fields=('store', 'config_hash'), name='index_version_config_unique'),
        ),
        migrations.AddConstraint(
            model_name='indexversion',
            constraint=models.CheckConstraint(condition=models.Q(('chunk_tokens__gt', 0), ('dimensions__gt', 0)), name='index_version_sizes_positive'),
        ),
        migrations.RunSQL(COLUMN_STORAGE, migrations.RunSQL.noop),
        migrations.RunPython(create_queue, migrations.RunPython.noop),
    ]
