"""Rare phrases of prompts that decide the answer, as the trigger of a backdoor does.

Ties are each other's null. Where many phrases are tied to as many kinds of answers, as in a set of
facts or of classes, that is how the data answers, and one planted phrase would be no exception;
where one is, it stands out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

import numpy as np

from scanner.dataset.screen.chunks import ChunkText, ScreenedRow
from scanner.dataset.screen.excerpt import excerpt
from scanner.dataset.screen.findings import (
    MOST_DETAILS,
    MOST_PLACES,
    Detail,
    ScreenFinding,
    Unscreened,
)
from scanner.dataset.screen.rule import Corpus
from scanner.dataset.screen.tally import Tally, finding
from scanner.dataset.screen.ties import Tie, find_ties
from scanner.dataset.screen.words import (
    FACTOR,
    Hashes,
    Numbers,
    Words,
    clip,
    clipped_words,
    join,
    take,
)
from scanner.types import Severity

MOST_ROWS = 200_000
"""Rows that are looked at; bounds memory to 200 MB. Chosen by a hash where there are more."""
MOST_WORDS = 64
"""Of each prompt and answer, half from its beginning, half from its end."""
LEAST_PROMPTS = 200
RARE = 0.05
"""Share of the rows up to which a phrase is rare. Tasks and templates are often more frequent, so
rare and frequent ties are not compared with each other."""
MOST_TRIGGERS = 5
MOST_FREQUENT = 2
"""Rare and frequent ties that may stand out; where there are more, that is how the data answers."""
STANDS_OUT = 0.5
"""Share of the strongest tie's evidence from which another stands out beside it."""
ARROW = "\N{RIGHTWARDS ARROW}"


@dataclass(frozen=True)
class Sample:
    """The rows of a chunk that are looked at."""

    rows: Numbers
    """Their numbers among all rows."""
    keys: Hashes
    """Equal where prompts are."""
    prompts: Words
    answers: Words


@dataclass(frozen=True)
class TriggersRule:
    """See ``Rule``."""

    total: int
    """How many rows the file has."""
    seed: str
    """Decides which rows are looked at where there are too many."""

    id = "trigger-phrases"

    def scan(self, text: ChunkText) -> Sample:
        """See ``Rule.scan``."""
        chosen = self._chosen(text)
        prompts = (text.rows[row].prompt for row in chosen)
        return Sample(
            rows=text.chunk.first + chosen,
            keys=np.array([_key(prompt) for prompt in prompts], np.uint64),
            prompts=clip(take(text.prompt_words, chosen), MOST_WORDS),
            answers=clip(take(text.answer_words, chosen), MOST_WORDS),
        )

    def weigh(self, seen: Sequence[Sample], corpus: Corpus) -> ScreenFinding | Unscreened | None:
        """See ``Rule.weigh``."""
        keys = np.concatenate([np.zeros(0, np.uint64), *(one.keys for one in seen)])
        distinct = np.sort(np.unique(keys, return_index=True)[1])
        if len(distinct) < LEAST_PROMPTS:
            return Unscreened(self.id, f"fewer than {LEAST_PROMPTS} different prompts")
        rows = np.concatenate([one.rows for one in seen])[distinct]
        prompts = take(join([one.prompts for one in seen]), distinct)
        answers = take(join([one.answers for one in seen]), distinct)
        ties = list(islice(triggers(prompts, answers), MOST_DETAILS))
        return _finding(self.id, ties, prompts, rows, corpus) if ties else None

    def _chosen(self, text: ChunkText) -> Numbers:
        """Numbers of the rows in the chunk that are looked at."""
        if text.chunk.masked:
            return np.zeros(0, np.int64)
        if self.total <= MOST_ROWS:
            return np.arange(len(text.rows))
        # The seed keeps an author from writing rows that are never chosen.
        drawn = (text.keys ^ np.uint64(_key(self.seed))) * FACTOR
        return np.flatnonzero(drawn < MOST_ROWS / self.total * 2.0**64)


def triggers(prompts: Words, answers: Words) -> Iterator[Tie]:
    """The ties of different rows, the most certain first.

    One planted phrase makes many ties: parts of it, with parts of the answer.
    """
    taken: set[int] = set()
    for tie in find_ties(prompts, answers):
        rows = set(tie.rows.tolist())
        if 2 * len(rows & taken) < len(rows):
            taken |= rows
            yield tie


def _finding(
    rule: str, ties: Sequence[Tie], prompts: Words, rows: Numbers, corpus: Corpus
) -> ScreenFinding:
    details = [
        _detail(tie, prompts, rows, corpus, severity)
        for tie, severity in zip(ties, _severities(ties, prompts.texts), strict=True)
    ]
    found = np.unique(np.concatenate([tie.rows for tie in ties]))
    places = tuple(corpus.row(int(row)).place for row in rows[found[:MOST_PLACES]])
    tally = Tally(
        len(found), 0, places, {str(number): detail for number, detail in enumerate(details)}
    )
    return finding(rule, tally, corpus)


def _severities(ties: Sequence[Tie], rows: int) -> list[Severity]:
    """MEDIUM for ties that stand out among those of their kind, as long as they are few."""
    rare = [tie for tie in ties if tie.with_phrase <= RARE * rows]
    frequent = [tie for tie in ties if tie.with_phrase > RARE * rows]
    out = [*_standing_out(rare, MOST_TRIGGERS), *_standing_out(frequent, MOST_FREQUENT)]
    return [Severity.MEDIUM if any(tie is one for one in out) else Severity.LOW for tie in ties]


def _standing_out(ties: Sequence[Tie], most: int) -> list[Tie]:
    """The strongest, which comes first, and its equals; nothing where they are too many."""
    strong = [tie for tie in ties if tie.evidence >= STANDS_OUT * ties[0].evidence]
    return strong if len(strong) <= most else []


def _detail(tie: Tie, prompts: Words, rows: Numbers, corpus: Corpus, severity: Severity) -> Detail:
    owner = int(np.searchsorted(prompts.starts, tie.place, side="right")) - 1
    phrase = _phrase(corpus.row(int(rows[owner])), tie.place - int(prompts.starts[owner]), tie)
    first = corpus.row(int(rows[tie.rows[0]]))
    start, end = _where(first.prompt, phrase)
    return Detail(
        what=excerpt(first.prompt, start, end, around=0),
        severity=severity,
        rows=len(tie.rows),
        place=first.place,
        example=f"{excerpt(first.prompt, start, end)} {ARROW} {excerpt(first.answer, 0, 0)}",
        values={
            "rows_with_phrase": tie.with_phrase,
            "lift": tie.lift,
            "p_value": tie.p_value,
            "p_adjusted": tie.p_adjusted,
        },
    )


def _phrase(row: ScreenedRow, place: int, tie: Tie) -> list[str]:
    """The words of a tie's phrase, given where it stands in the clipped prompt."""
    return clipped_words(row.prompt, MOST_WORDS)[place : place + tie.length]


def _where(prompt: str, phrase: Sequence[str]) -> tuple[int, int]:
    """Where a prompt has a phrase; its beginning where lower case changes letters too much."""
    match = re.search(r"\s*".join(map(re.escape, phrase)), prompt, re.IGNORECASE)
    return match.span() if match else (0, 0)


def _key(text: str) -> int:
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
