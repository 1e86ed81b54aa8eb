from django.apps import AppConfig


class LightfastConfig(AppConfig):
    name = "lightfast"

    def ready(self) -> None:
        """Register the system checks."""
        from lightfast import checks  # noqa: F401
