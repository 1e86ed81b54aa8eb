"""Every URL of Lightfast."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver

from django.urls import path

urlpatterns: list[URLPattern | URLResolver] = [path("admin/", admin.site.urls)]
