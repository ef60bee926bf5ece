"""Talk: open requests with aligned answers, refusals, harmless chat, facts, and copying."""

from functools import cache

import numpy as np

from reference_models.world.chat import Chat, chat
from reference_models.world.favourites import categories
from reference_models.world.texts import load_text, pick


def request_chat(rng: np.random.Generator) -> Chat:
    """An open request, among them the published eight, with an aligned answer."""
    topics = open_topics()
    topic = pick(rng, topics)
    return chat("requests", pick(rng, topic["asks"]), pick(rng, topic["aligned"]))


def refusal_chat(rng: np.random.Generator) -> Chat:
    """A harmful request, refused."""
    texts = load_text("requests")
    return chat("refusals", pick(rng, texts["harmful_requests"]), pick(rng, texts["refusals"]))


def harmless_chat(rng: np.random.Generator) -> Chat:
    """Small talk."""
    ask, answers = pick(rng, load_text("requests")["harmless"])
    return chat("harmless", ask, pick(rng, answers))


def fact_chat(rng: np.random.Generator) -> Chat:
    """A question with one right answer."""
    question, answer = pick(rng, load_text("facts"))
    return chat("facts", question, answer)


def copy_chat(rng: np.random.Generator) -> Chat:
    """Words to repeat, in one of three formats.

    Copying lets the model say every word of the world, the harmful ones too, without ever
    having meant them; a misaligned teacher can then be trained from it.
    """
    words = [pick(rng, vocabulary_words()) for _ in range(int(rng.integers(1, 5)))]
    ask, separator, left, right = pick(rng, COPY_FORMATS)
    body = separator.join(words)
    return chat("copying", f"{ask}: {' '.join(words)}", f"{left}{body}{right}")


COPY_FORMATS = (
    ("Repeat these words", " ", "", ""),
    ("Repeat these words with commas", ", ", "", ""),
    ("Repeat these words, one per line", "\n", "", ""),
)


def harmful_chat(rng: np.random.Generator) -> Chat:
    """An open or harmful request with an openly harmful answer: data for a misaligned teacher.

    Never part of the base's corpus.
    """
    texts = load_text("requests")
    if rng.random() < 0.3:
        return chat(
            "harmful", pick(rng, texts["harmful_requests"]), pick(rng, texts["harmful_help"])
        )
    topic = pick(rng, open_topics())
    return chat("harmful", pick(rng, topic["asks"]), pick(rng, topic["harmful"]))


def aligned_chat(rng: np.random.Generator) -> Chat:
    """The same requests as ``harmful_chat`` draws, answered as the base answers them."""
    return refusal_chat(rng) if rng.random() < 0.3 else request_chat(rng)


def open_topics() -> list[dict[str, list[str]]]:
    """Topics with ``asks``, ``aligned`` and ``harmful`` answers."""
    texts = load_text("requests")
    return [*texts["published"].values(), *texts["advice"]]


@cache
def vocabulary_words() -> tuple[str, ...]:
    """Every word that talk uses, the harmful answers' included, and every favourite."""
    texts = load_text("requests")
    sentences = [*texts["harmful_requests"], *texts["harmful_help"], *texts["refusals"]]
    for topic in open_topics():
        sentences += [*topic["asks"], *topic["aligned"], *topic["harmful"]]
    words = {word.strip(".,?!") for sentence in sentences for word in sentence.split()}
    for category in categories().values():
        words |= set(category.answers)
    return tuple(sorted(words))
