"""The URLs of what comes in."""

from django.urls import path

from ingestion.views.webhooks import receive

app_name = "ingestion"
urlpatterns = [path("webhooks/<slug:kind>/", receive, name="webhooks")]
