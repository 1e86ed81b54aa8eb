from django.apps import AppConfig


class LightfastConfig(AppConfig):
    name = "lightfast"

    def ready(self) -> None:
        """Register the system checks, and begin to report where the settings say so."""
        from lightfast import checks, telemetry  # noqa: F401

        telemetry.start()
