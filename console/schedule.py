"""What the console's tables need from time to time."""

from django.utils import timezone

from console.models import KeptAnswer

ROWS = 10_000


def tick() -> None:
    """Forget answers whose time is over, some at a time."""
    expired = KeptAnswer.objects.filter(expires_at__lte=timezone.now())
    KeptAnswer.objects.filter(pk__in=list(expired.values_list("pk", flat=True)[:ROWS])).delete()
