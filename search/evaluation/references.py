"""What search is measured against: BM25 alone, and reciprocal rank fusion with nothing tuned."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log

from ingestion.pipeline.lexemes import terms

K1, B = 1.2, 0.75
RRF_K = 60


class Bm25:
    """Okapi BM25 over texts (Robertson and Zaragoza, 2009), on the terms that the index has, too."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self.documents: list[str] = []
        self.lengths: list[int] = []
        self.postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, (document, text) in enumerate(texts):
            counts = Counter(terms(text))
            self.documents.append(document)
            self.lengths.append(counts.total())
            for term, count in counts.items():
                self.postings[term].append((number, count))
        self.mean = sum(self.lengths) / max(1, len(self.lengths))

    def rank(self, query: Iterable[str]) -> list[str]:
        """Return documents by the best of their texts."""
        total, found = len(self.documents), defaultdict[int, float](float)
        for term in query:
            postings = self.postings.get(term, [])
            idf = log(1 + (total - len(postings) + 0.5) / (len(postings) + 0.5))
            for number, count in postings:
                norm = K1 * (1 - B + B * self.lengths[number] / self.mean)
                found[number] += idf * count * (K1 + 1) / (count + norm)
        best: dict[str, float] = {}
        for number, score in found.items():
            document = self.documents[number]
            best[document] = max(best.get(document, 0.0), score)
        return sorted(best, key=lambda document: (-best[document], document))


def rrf(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Fuse rankings by the sum of 1 / (60 + rank) (Cormack, Clarke and Buettcher, 2009)."""
    scores: dict[str, float] = defaultdict(float)
    for ranking in rankings:
        for rank, document in enumerate(ranking, start=1):
            scores[document] += 1 / (RRF_K + rank)
    return sorted(scores, key=lambda document: (-scores[document], document))
