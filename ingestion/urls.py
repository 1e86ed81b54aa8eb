"""The URLs of what comes in."""

from django.urls import path

from ingestion.views import (
    adding,
    budget,
    connections,
    contents,
    deleting,
    deliveries,
    insights,
    jobs,
    receipts,
    sources,
)
from ingestion.views.overview import overview
from ingestion.views.webhooks import receive

app_name = "ingestion"
TEAM = "<slug:organization>/"
WORKSPACE = "<slug:organization>/<slug:workspace>/"
SOURCES = WORKSPACE + "sources/"

urlpatterns = [
    path("webhooks/<slug:kind>/", receive, name="webhooks"),
    path("connections/<slug:kind>/registered/", connections.registered, name="registered"),
    path("connections/<slug:kind>/callback/", connections.callback, name="callback"),
    path(TEAM + "connections/", connections.index, name="connections"),
    path(TEAM + "connections/<slug:kind>/app/", connections.register, name="register"),
    path(TEAM + "connections/<slug:kind>/install/", connections.install, name="install"),
    path(TEAM + "connections/<slug:kind>/identify/", connections.identify, name="identify"),
    path(TEAM + "connections/<slug:kind>/choose/", connections.choose, name="choose"),
    path(TEAM + "connections/<slug:kind>/token/", connections.token, name="token"),
    path(TEAM + "connections/<uuid:connection_id>/remove/", connections.remove, name="remove_connection"),
    path(TEAM + "deliveries/", deliveries.index, name="deliveries"),
    path(TEAM + "deliveries/<uuid:delivery_id>/", deliveries.detail, name="delivery"),
    path(TEAM + "deliveries/<uuid:delivery_id>/replay/", deliveries.replay, name="replay"),
    path("account/receipts/<uuid:purge_id>/", receipts.of_team, name="team_receipt"),
    path(TEAM + "delete/", deleting.delete_team, name="delete_team"),
    path(TEAM + "receipts/<uuid:purge_id>/", receipts.of_workspace, name="receipt"),
    path(WORKSPACE + "delete/", deleting.delete_workspace, name="delete_workspace"),
    path(WORKSPACE + "insights/", insights.insights, name="insights"),
    path(WORKSPACE, overview, name="overview"),
    path(WORKSPACE + "settings/embedding/", budget.budget, name="budget"),
    path(WORKSPACE + "settings/embedding/<uuid:store_id>/", budget.configure, name="configure_store"),
    path(WORKSPACE + "jobs/", jobs.index, name="jobs"),
    path(WORKSPACE + "jobs/confirm/", jobs.confirm_all, name="confirm_all"),
    path(WORKSPACE + "jobs/<uuid:job_id>/", jobs.detail, name="job"),
    path(WORKSPACE + "jobs/<uuid:job_id>/row/", jobs.row, name="job_row"),
    *(
        path(WORKSPACE + f"jobs/<uuid:job_id>/{action}/", jobs.act, {"action": action}, name=f"job_{action}")
        for action in jobs.ACTIONS
    ),
    path(SOURCES, sources.index, name="sources"),
    path(SOURCES + "new/", adding.choose, name="choose_source"),
    path(SOURCES + "git/", adding.paste, {"kind": "git"}, name="add_git"),
    path(SOURCES + "new/<slug:kind>/", adding.paste, name="paste_source"),
    path(SOURCES + "add/<uuid:connection_id>/", adding.add, name="add"),
    path(SOURCES + "receipts/<uuid:purge_id>/", receipts.of_source, name="source_receipt"),
    path(SOURCES + "<uuid:source_id>/", sources.detail, name="source"),
    path(SOURCES + "<uuid:source_id>/documents/", contents.documents, name="source_documents"),
    path(SOURCES + "<uuid:source_id>/omissions/", contents.omissions, name="source_omissions"),
    path(SOURCES + "<uuid:source_id>/settings/", sources.configure, name="source_settings"),
    path(SOURCES + "<uuid:source_id>/config/", sources.config, name="config"),
    path(SOURCES + "<uuid:source_id>/remove/", sources.remove, name="source_remove"),
    *(
        path(
            SOURCES + f"<uuid:source_id>/{action}/", sources.act, {"action": action}, name=f"source_{action}"
        )
        for action in sources.ACTIONS
    ),
]
