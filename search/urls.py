"""The URLs of the pages of search."""

from django.urls import path

from search.views.insights import insights

app_name = "search"
WORKSPACE = "<slug:organization>/<slug:workspace>/"

urlpatterns = [
    path(WORKSPACE + "insights/searches/", insights, name="insights"),
]
