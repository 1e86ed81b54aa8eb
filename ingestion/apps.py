from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    verbose_name = "Ingestion"

    def ready(self) -> None:
        """Declare the actors, so that every process can wake them, and the system checks."""
        from ingestion import actors, checks  # noqa: F401
