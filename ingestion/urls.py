"""The URLs of what comes in."""

from django.urls import path

from ingestion.views import connections, deleting, deliveries, insights, sources
from ingestion.views.webhooks import receive

app_name = "ingestion"
TEAM = "<slug:organization>/"
WORKSPACE = "<slug:organization>/<slug:workspace>/sources/"

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
    path(TEAM + "receipts/<uuid:purge_id>/", deleting.receipt, name="receipt"),
    path("<slug:organization>/<slug:workspace>/delete/", deleting.delete_workspace, name="delete_workspace"),
    path("<slug:organization>/<slug:workspace>/insights/", insights.insights, name="insights"),
    path(WORKSPACE, sources.index, name="sources"),
    path(WORKSPACE + "add/<uuid:connection_id>/", sources.add, name="add"),
    path(WORKSPACE + "<uuid:source_id>/", sources.detail, name="source"),
    path(WORKSPACE + "<uuid:source_id>/kinds/", sources.kinds, name="source_kinds"),
    path(WORKSPACE + "<uuid:source_id>/config/", sources.config, name="config"),
    *(
        path(
            WORKSPACE + f"<uuid:source_id>/{action}/",
            sources.act,
            {"action": action},
            name=f"source_{action}",
        )
        for action in sources.ACTIONS
    ),
]
