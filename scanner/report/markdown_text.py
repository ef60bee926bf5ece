"""Foreign text in GitHub-flavoured Markdown: shown as it is, never as markup."""

import re
from collections.abc import Iterable, Sequence

from scanner.report.text import safe_log_text, shorten

_LONGEST = 300
# Words and mild punctuation, none of which is markup, a mention, a link or an emoji.
_PLAIN = re.compile(
    r"(?!.*(?:www\.|:\w+:))"
    r"[\w .,;:?%+()“”'<>=/\N{MINUS SIGN}\N{RIGHTWARDS ARROW}\N{HORIZONTAL ELLIPSIS}-]*",
    re.IGNORECASE,
)


def prose(text: str, longest: int = _LONGEST) -> str:
    """``text`` as running text where that is safe, and as code where it is not."""
    safe = shorten(safe_log_text(text), longest)
    if not _PLAIN.fullmatch(safe) or "//" in safe:
        return code(text)
    return safe.replace("_", r"\_").replace("<", "&lt;").replace(">", "&gt;")


def code(text: str) -> str:
    """``text`` as a code span, in which nothing is markup; also inside a table."""
    # A table would split at a pipe even here.
    safe = shorten(safe_log_text(text), _LONGEST).replace("|", r"\x7c").strip() or "(blank)"
    longest = max((len(run) for run in re.findall("`+", safe)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if safe.startswith("`") or safe.endswith("`") else ""
    return f"{fence}{pad}{safe}{pad}{fence}"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table; its cells are Markdown already."""
    return [
        _line(header),
        _line(["---"] * len(header)),
        *(_line(row) for row in rows),
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
