"""The console's pages."""

from django.urls import path

from console.views import invitations
from console.views.home import home
from console.views.profile import profile
from console.views.styleguide import styleguide
from console.views.theme import theme

app_name = "console"
urlpatterns = [
    path("", home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<uuid:invitation_id>/join/", invitations.join, name="join"),
    path("account/", profile, name="profile"),
    path("account/theme/", theme, name="theme"),
    path("styleguide/", styleguide, name="styleguide"),
]
