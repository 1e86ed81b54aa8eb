"""The console's pages."""

from django.urls import path

from console.views.home import home

app_name = "console"
urlpatterns = [path("", home, name="home")]
