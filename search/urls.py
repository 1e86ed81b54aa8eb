"""The URLs of the pages of search."""

from django.urls import path

from search.views import quality
from search.views.document import document, related
from search.views.insights import insights
from search.views.page import page, settled

app_name = "search"
WORKSPACE = "<slug:organization>/<slug:workspace>/"

urlpatterns = [
    path(WORKSPACE + "search/", page, name="page"),
    path(WORKSPACE + "search/settled/", settled, name="settled"),
    path(WORKSPACE + "documents/<uuid:document_id>/", document, name="document"),
    path(WORKSPACE + "documents/<uuid:document_id>/similar/", related, name="related"),
    path(WORKSPACE + "insights/searches/", insights, name="insights"),
    path(WORKSPACE + "quality/", quality.index, name="quality"),
    path(WORKSPACE + "quality/measure/", quality.measure, name="measure"),
    path(WORKSPACE + "quality/<uuid:evaluation_id>/", quality.detail, name="evaluation"),
]
