from django.apps import AppConfig


class IngestionConfig(AppConfig):
    name = "ingestion"
    verbose_name = "Ingestion"

    def ready(self) -> None:
        """Declare the actors, so that every process can wake them."""
        from ingestion import actors  # noqa: F401
