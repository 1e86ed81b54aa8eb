"""The console's pages."""

from django.urls import path

from console.views import activity, invitations, keys, members, profile, settings, teams, workspaces
from console.views.home import home
from console.views.styleguide import styleguide
from console.views.theme import theme

app_name = "console"
TEAM = "<slug:organization>/"
WORKSPACE = "<slug:organization>/<slug:workspace>/"

urlpatterns = [
    path("", home, name="home"),
    path("new/", workspaces.new_workspace, name="new_workspace"),
    path("account/teams/new/", teams.new_team, name="new_team"),
    path("invitations/<str:token>/", invitations.invitation, name="invitation"),
    path("invitations/<uuid:invitation_id>/join/", invitations.join, name="join"),
    path("account/", profile.profile, name="profile"),
    path("account/delete/", profile.delete, name="delete_account"),
    path("account/sessions/<int:session_id>/end/", profile.end, name="end_session"),
    path("account/theme/", theme, name="theme"),
    path("styleguide/", styleguide, name="styleguide"),
    path(TEAM, teams.team, name="team"),
    path(TEAM + "settings/", teams.settings, name="team_settings"),
    path(TEAM + "transfer/", teams.transfer, name="transfer"),
    path(TEAM + "leave/", teams.leave_team, name="leave"),
    path(TEAM + "members/", members.index, name="members"),
    path(TEAM + "members/invite/", members.send_invite, name="invite"),
    path(TEAM + "members/<uuid:membership_id>/role/", members.role, name="role"),
    path(TEAM + "members/<uuid:membership_id>/remove/", members.remove, name="remove_member"),
    path(TEAM + "invitations/<uuid:invitation_id>/resend/", members.resend, name="resend"),
    path(TEAM + "invitations/<uuid:invitation_id>/revoke/", members.revoke, name="revoke_invitation"),
    path(WORKSPACE + "setup/", workspaces.setup, name="setup"),
    path(WORKSPACE + "setup/dismiss/", workspaces.dismiss_setup, name="dismiss_setup"),
    path(WORKSPACE + "keys/", keys.index, name="keys"),
    path(WORKSPACE + "keys/new/", keys.new, name="new_key"),
    path(WORKSPACE + "keys/<uuid:key_id>/", keys.detail, name="key"),
    path(WORKSPACE + "keys/<uuid:key_id>/rotate/", keys.rotate, name="rotate_key"),
    path(WORKSPACE + "keys/<uuid:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path(TEAM + "activity/", activity.team_activity, name="team_activity"),
    path(TEAM + "activity/export/<slug:form>/", activity.export_team_activity, name="team_activity_export"),
    path(WORKSPACE + "activity/", activity.workspace_activity, name="activity"),
    path(WORKSPACE + "activity/recent/", activity.recent_activity, name="activity_recent"),
    path(WORKSPACE + "activity/export/<slug:form>/", activity.export_activity, name="activity_export"),
    path(WORKSPACE + "settings/", settings.workspace_settings, name="workspace_settings"),
    path(WORKSPACE + "export/", settings.export, name="workspace_export"),
]
