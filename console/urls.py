"""The console's pages."""

from django.urls import path

from console.views import activity, invitations, settings
from console.views.home import home
from console.views.profile import profile
from console.views.styleguide import styleguide
from console.views.theme import theme

app_name = "console"
TEAM = "<slug:organization>/"
WORKSPACE = "<slug:organization>/<slug:workspace>/"

urlpatterns = [
    path("", home, name="home"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<uuid:invitation_id>/join/", invitations.join, name="join"),
    path("account/", profile, name="profile"),
    path("account/theme/", theme, name="theme"),
    path("styleguide/", styleguide, name="styleguide"),
    path(TEAM + "activity/", activity.team_activity, name="team_activity"),
    path(TEAM + "activity/export/<slug:form>/", activity.export_team_activity, name="team_activity_export"),
    path(WORKSPACE + "activity/", activity.workspace_activity, name="activity"),
    path(WORKSPACE + "activity/recent/", activity.recent_activity, name="activity_recent"),
    path(WORKSPACE + "activity/export/<slug:form>/", activity.export_activity, name="activity_export"),
    path(WORKSPACE + "settings/", settings.workspace_settings, name="workspace_settings"),
    path(WORKSPACE + "export/", settings.export, name="workspace_export"),
]
