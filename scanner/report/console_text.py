"""The one way in which text reaches a terminal that is more than a log."""

from rich.console import Console
from rich.text import Text

from scanner.report.text import ARROW, MINUS, safe_log_text

_ASCII = str.maketrans({MINUS: "-", ARROW: ">"})


def console_text(text: str, console: Console, style: str = "") -> Text:
    """``text`` as plain cells: no markup, no escapes, nothing the console cannot encode."""
    safe = safe_log_text(text)
    if not console.encoding.startswith("utf"):
        safe = (
            safe.translate(_ASCII)
            .encode(console.encoding, "backslashreplace")
            .decode(console.encoding)
        )
    return Text(safe, style)
