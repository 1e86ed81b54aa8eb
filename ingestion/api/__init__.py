"""Ingestion's part of the API: sources, runs and stores of the key's workspace."""

from ninja import Router

from ingestion.api.runs import router as runs
from ingestion.api.sources import router as sources
from ingestion.api.stores import router as stores

router = Router()
router.add_router("/sources", sources, tags=["sources"])
router.add_router("/runs", runs, tags=["runs"])
router.add_router("/stores", stores, tags=["stores"])
