"""Ask the queries of `make evaluate` of LlamaIndex, too: the same files, model, database and machine.

It is set up as its manual tells somebody who has Postgres: `SentenceSplitter` with the model's 256 tokens,
`PGVectorStore` with its text search, and `QueryFusionRetriever` joining meaning and words by reciprocal rank. It is no
dependency of the project: `make peer` lays it over the environment for this one run.
"""

import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from llama_index.core import Settings, StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import Document as PeerDocument
from llama_index.vector_stores.postgres import PGVectorStore

from ingestion.embedding.local import LocalEmbedder
from ingestion.models import Document, Integration
from search.evaluation.measures import scores
from search.evaluation.pairs import Pair
from search.evaluation.run import HYBRID, Report
from search.filters import Filters
from search.retrieve import search

PEER = "llamaindex"
SCHEMA = "peer"
CANDIDATES = 100  # chunks of each leg, as many as ours takes of meaning
CHUNK_TOKENS, OVERLAP = 256, 50  # what the model reads, and a fifth, which is the peer's default
LOCAL = LocalEmbedder(settings.LOCAL_EMBEDDER_THREADS)


class MiniLM(BaseEmbedding):  # type: ignore[misc]  # the peer is not there when types are checked
    """Our local model, as the peer wants it."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return list(map(float, LOCAL.embed_query(query)))

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [list(map(float, row)) for row in LOCAL.embed_documents(texts).vectors]


def retriever(source: Integration) -> Any:
    """Return the peer's retriever over the files of a source, indexed now if they are not yet."""
    Settings.embed_model = MiniLM(model_name=LOCAL.model, embed_batch_size=256)
    Settings.llm = None
    Settings.node_parser = SentenceSplitter(chunk_size=CHUNK_TOKENS, chunk_overlap=OVERLAP)
    table = f"source_{source.pk.hex}"
    store = PGVectorStore.from_params(
        connection_string=_url("psycopg2"),
        async_connection_string=_url("asyncpg"),
        schema_name=SCHEMA,
        table_name=table,
        embed_dim=LOCAL.dimensions,
        hybrid_search=True,
        text_search_config="english",
    )
    if not _is_indexed(table):
        print(f"Indexing {source.name} with the peer …", flush=True)
        files = Document.objects.filter(integration=source, kind="file").values_list("key", "text")
        documents = [PeerDocument(text=text, metadata={"path": key}) for key, text in files.iterator()]
        VectorStoreIndex.from_documents(
            documents, StorageContext.from_defaults(vector_store=store), show_progress=False
        )
    index = VectorStoreIndex.from_vector_store(store)
    legs = [
        index.as_retriever(vector_store_query_mode=mode, similarity_top_k=CANDIDATES, sparse_top_k=CANDIDATES)
        for mode in ("default", "sparse")
    ]
    return QueryFusionRetriever(
        legs,
        mode=FUSION_MODES.RECIPROCAL_RANK,
        similarity_top_k=CANDIDATES,
        num_queries=1,
        use_async=False,
        llm=None,
    )


def _url(driver: str) -> str:
    parameters = connection.get_connection_params()
    options = {
        name: parameters[name] for name in ("user", "password", "host", "port") if parameters.get(name)
    }
    return f"postgresql+{driver}:///{parameters['dbname']}?{urlencode(options)}"


def _is_indexed(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f"{SCHEMA}.data_{table}"])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT FROM {SCHEMA}.data_{table})")  # noqa: S608
        return bool(cursor.fetchone()[0])


def compare(source: Integration, pairs: Sequence[Pair], took: dict[str, list[float]]) -> Report:
    """Ask both every query in turn; add the milliseconds that each took for it to its list."""
    report, theirs = Report(), retriever(source)
    filters = Filters(sources=(source.pk,), kinds=("file",))
    for number, pair in enumerate((pairs[0], *pairs)):
        start = time.perf_counter()
        answer = search(source.workspace, pair.query, filters=filters, syntax=False, remember=False)
        between = time.perf_counter()
        nodes = theirs.retrieve(pair.query)
        end = time.perf_counter()
        if not number:
            continue  # each has loaded its model and connected by now
        report.milliseconds.append((between - start) * 1000)
        took.setdefault(HYBRID, []).append(report.milliseconds[-1])
        took.setdefault(PEER, []).append((end - between) * 1000)
        found = {
            HYBRID: [result.document.key for result in answer.results],
            PEER: list(dict.fromkeys(node.node.metadata["path"] for node in nodes)),
        }
        for name, ranking in found.items():
            report.legs[name].append(scores(ranking, pair.documents))
    return report
