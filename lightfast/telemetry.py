"""Errors to Sentry and traces to OpenTelemetry, where the settings name one; else none of it is even imported."""

from django.conf import settings

from lightfast import __version__


def start() -> None:
    """Start what is configured, once in each process."""
    if settings.SENTRY_DSN:
        _start_sentry()
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _start_opentelemetry()


def _start_sentry() -> None:
    import sentry_sdk
    from sentry_sdk.integrations.dramatiq import DramatiqIntegration

    sentry_sdk.init(
        settings.SENTRY_DSN,
        release=f"lightfast@{__version__}",
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        integrations=[DramatiqIntegration()],
        # Nobody's code, queries or addresses leave the installation with an error.
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
    )


def _start_opentelemetry() -> None:
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.django import DjangoInstrumentor
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "lightfast", "service.version": __version__})
    provider = TracerProvider(resource=resource)
    endpoint = f"{settings.OTEL_EXPORTER_OTLP_ENDPOINT.rstrip('/')}/v1/traces"
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    trace.set_tracer_provider(provider)
    DjangoInstrumentor().instrument()
    PsycopgInstrumentor().instrument(skip_dep_check=True)  # psycopg comes as psycopg-binary
