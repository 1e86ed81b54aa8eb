"""The console's pages."""

from django.urls import path

from console.views import invitations
from console.views.home import home

app_name = "console"
urlpatterns = [
    path("", home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<uuid:invitation_id>/join/", invitations.join, name="join"),
]
