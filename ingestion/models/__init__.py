from ingestion.models.budget import Budget, Reservation, Usage
from ingestion.models.connection import Connection, ConnectionState
from ingestion.models.delivery import Delivery, DeliveryState
from ingestion.models.document import Chunk, Document, Omission, OmissionState, Vector
from ingestion.models.integration import ConfigState, Integration, IntegrationState
from ingestion.models.metric import Metric
from ingestion.models.provider import ProviderApp, SharedSecret
from ingestion.models.purge import Purge, PurgeSubject
from ingestion.models.run import (
    ACTIVE_STATES,
    OPEN_ITEM_STATES,
    Hold,
    ItemAction,
    ItemState,
    Run,
    RunItem,
    RunState,
    Trigger,
)
from ingestion.models.store import IndexVersion, Store, TermStatistic
from ingestion.models.tally import Tally

__all__ = [
    "ACTIVE_STATES",
    "OPEN_ITEM_STATES",
    "Budget",
    "Chunk",
    "ConfigState",
    "Connection",
    "ConnectionState",
    "Delivery",
    "DeliveryState",
    "Document",
    "Hold",
    "IndexVersion",
    "Integration",
    "IntegrationState",
    "ItemAction",
    "ItemState",
    "Metric",
    "Omission",
    "OmissionState",
    "ProviderApp",
    "Purge",
    "PurgeSubject",
    "Reservation",
    "Run",
    "RunItem",
    "RunState",
    "SharedSecret",
    "Store",
    "Tally",
    "TermStatistic",
    "Trigger",
    "Usage",
    "Vector",
]
