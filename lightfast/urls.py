"""Every URL of Lightfast."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from lightfast import metrics
from lightfast.api import api, nothing
from search.mcp.view import mcp

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", api.urls),
    path("api/<path:rest>", nothing, name="nothing"),
    path("mcp", mcp, name="mcp"),
    path("metrics", metrics.metrics, name="metrics"),
    path("", include("console.urls")),  # from here on names of teams stand in the first part
    path("", include("search.urls")),
    path("", include("ingestion.urls")),
]
