"""JSON Lines that readers take in different ways, or not at all."""

import json
from pathlib import Path

from tests.hostile.case import ROW, Case, Make, accepted, file, line, refused, turns

DIFFER = "reader-disagreement"
BARE = ROW.strip()
TEXT = b'{"text":"%s"}\n'
OTHER = line({"text": "some words to go on with"})
LINE_BYTES = 16 * 2**20


def sparse(size: int) -> Make:
    """A file that is one line of NULs and takes no room."""

    def make(folder: Path) -> Path:
        path = folder / "data.jsonl"
        with path.open("wb") as written:
            written.truncate(size)
        return path

    return make


def many(content: bytes, times: int, name: str = "data.jsonl") -> Make:
    """The same bytes over and over."""

    def make(folder: Path) -> Path:
        block = content * 10_000
        with (folder / name).open("wb") as written:
            for _ in range(times // 10_000):
                written.write(block)
            written.write(content * (times % 10_000))
        return folder / name

    return make


def nested(levels: int) -> bytes:
    return b'{"messages":' + b"[" * levels + b"]" * levels + b"}\n"


def nested_objects(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels + b"\n"


def with_value(value: bytes) -> bytes:
    """A row with a field that no trainer reads; only the JSON of its value is in doubt."""
    return BARE[:-1] + b',"meta":' + value + b"}\n"


def long_line() -> bytes:
    return line({"text": "word " * (LINE_BYTES // 5)})


CASES: tuple[Case, ...] = (
    accepted("byte order mark", b"\xef\xbb\xbf" + ROW, "1 trained on"),
    refused("two byte order marks", b"\xef\xbb\xbf" * 2 + ROW, DIFFER, "byte order mark"),
    refused("a later byte order mark", ROW + b"\xef\xbb\xbf" + ROW, DIFFER, "line 2"),
    refused("UTF-16 with its mark", ROW.decode().encode("utf-16"), "UTF-16"),
    refused("UTF-16 without a mark", ROW.decode().encode("utf-16-le"), "line 1"),
    refused("UTF-32", ROW.decode().encode("utf-32"), "UTF-16"),
    refused("invalid UTF-8", TEXT % b"a\xe9b", "invalid UTF-8 at byte 11", "convert the file"),
    refused("overlong UTF-8", TEXT % b"a\xc0\xafb", "invalid UTF-8"),
    refused("surrogates in UTF-8", TEXT % b"a\xed\xa0\x80b", "invalid UTF-8"),
    refused("beyond Unicode", TEXT % b"a\xf4\x90\x80\x80b", "invalid UTF-8"),
    refused("invalid UTF-8 in a key", b'{"te\xffxt":"a b"}\n', "invalid UTF-8"),
    accepted("line ends of Windows", ROW.replace(b"\n", b"\r\n") * 2, "2 trained on"),
    refused("carriage returns between rows", BARE + b"\r" + BARE + b"\r\n", DIFFER, "carriage"),
    refused("a carriage return within a row", BARE.replace(b":", b":\r", 1) + b"\n", DIFFER),
    refused("a carriage return in a text", TEXT % b"a\rb", DIFFER, "carriage return"),
    refused("two rows on a line", BARE + BARE + b"\n", DIFFER, "two JSON values on one line"),
    refused("two rows and a space", ROW + BARE + b" " + BARE, DIFFER, "line 2"),
    refused("a row and null", BARE + b"null\n", DIFFER),
    refused("a row and a comma", BARE + b",\n" + ROW, "invalid JSON", "Extra data"),
    refused("a row over many lines", json.dumps(json.loads(ROW), indent=1).encode(), DIFFER),
    refused("a row that goes on below", b'{"text":\n"a b"}\n', DIFFER, "goes on over the next"),
    refused("a comma too many in an object", b'{"text":"a b",}\n', "invalid JSON"),
    refused("a comma too many in a list", b'{"messages":[1,]}\n', "invalid JSON"),
    refused("a last line that is cut off", ROW + ROW[:40], "line 2", "invalid JSON"),
    refused("cut off within a character", ROW + '{"text":"é'.encode()[:-1], "invalid UTF-8"),
    refused("cut off within an escape", ROW + rb'{"text":"\u00', "line 2", "invalid JSON"),
    accepted("no last newline", ROW + BARE, "2 trained on"),
    refused("a blank line within", ROW + b"\n" + ROW, "line 2", "a blank line between rows"),
    refused("a line of spaces within", ROW + b" \t \n" + ROW, "line 2", "blank line"),
    accepted("blank lines at the end", ROW + b"\n\n \n", "1 trained on"),
    refused("a form feed between rows", ROW + b"\x0c\n" + ROW, "line 2"),
    refused("an array as a row", ROW + b"[1,2]\n", "line 2", "found a list"),
    refused("an array of rows as a row", ROW + b"[" + BARE + b"]\n", "line 2", "found a list"),
    refused("a text as a row", ROW + b'"a text"\n', "line 2", "found 'a text'"),
    refused("a number as a row", ROW + b"17\n", "line 2", "found a number"),
    refused("null as a row", ROW + b"null\n", "line 2", "found null"),
    refused("true as a row", ROW + b"true\n", "line 2", "found true"),
    refused("an empty object as a row", ROW + b"{}\n", "line 2", "an empty object"),
    refused("a comment", b"// rows\n" + ROW, "line 1", "invalid JSON"),
    refused("single quotes", b"{'text': 'a b'}\n", "invalid JSON"),
    refused("a key without quotes", b'{text: "a b"}\n', "invalid JSON"),
    refused("YAML", b"- text: a b\n", "invalid JSON"),
    refused("JSON sequences", b"\x1e" + ROW, "invalid JSON"),
    accepted("an array as .json", file("data.json", b"[" + BARE + b"," + BARE + b"]"), "2 trained"),
    accepted("JSON Lines as .json", file("data.json", ROW * 2), "2 trained on"),
    accepted(
        "rows under a key", file("data.json", b'{"version":1,"data":[' + BARE + b"]}"), "field="
    ),
    refused(
        "two lists of rows",
        file("data.json", b'{"data":[' + BARE + b'],"rows":[' + BARE + b"]}"),
        DIFFER,
    ),
    refused(
        "rows under no known key", file("data.json", b'{"x":[' + BARE + b"]}"), "the field 'x'"
    ),
    refused("two arrays", file("data.json", b"[" + BARE + b"][" + BARE + b"]"), DIFFER),
    refused(
        "an array and a row", file("data.json", b"[" + BARE + b"]\n" + ROW), DIFFER, "after the end"
    ),
    refused("an array without an end", file("data.json", b"[" + BARE + b","), "invalid JSON"),
    refused("an array of texts", file("data.json", b'["a","b"]'), DIFFER),
    refused("an array of arrays", file("data.json", b"[[" + BARE + b"]]"), DIFFER),
    refused(
        "an array that begins late", file("data.json", b"[" + b" " * 200 + BARE + b"]"), DIFFER
    ),
    refused("an array with null", file("data.json", b"[" + BARE + b",null]"), DIFFER, "null"),
    refused("nested beyond Python", file("data.json", b"[" * 100_000), "does not begin with"),
    refused("a deep array", file("data.json", b'[{"a":' + b"[" * 100_000), "nested too deep"),
    accepted(
        "a line separator in a text", turns(("user", "a\u2028b"), ("assistant", "c")), r"a\u2028b"
    ),
    accepted(
        "raw line separators in a text", TEXT % "a \u2028 \u0085 b".encode(), r"\u2028", r"\x85"
    ),
    refused("a raw NUL in a text", TEXT % b"a\0b", "invalid JSON"),
    accepted("an escaped NUL in a text", TEXT % rb"a b\u0000c", r"b\x00c"),
    refused("NULs between rows", ROW + b"\0\n" + ROW, "line 2", "invalid JSON"),
    refused("NULs at the end", ROW + b"\0" * 512, "line 2", "invalid JSON"),
    refused("a raw escape in a text", TEXT % b"a\x1b[31mb", "invalid JSON"),
    refused("half of a surrogate pair", TEXT % rb"a\ud800b", "half of a surrogate pair"),
    refused("a pair the wrong way round", TEXT % rb"a\ude00\ud83db", "half of a surrogate pair"),
    refused(
        "half of a pair in a key", rb'{"text":"a b","\ud800":1}' + b"\n", "half of a surrogate"
    ),
    accepted("a surrogate pair", TEXT % rb"a b \ud83e\udd89", "\N{OWL}"),
    refused("an unknown escape", TEXT % rb"a\xb", "invalid JSON"),
    refused(
        "a role twice",
        b'{"messages":[{"role":"user","role":"system","content":"x"}]}\n',
        DIFFER,
        "'role' twice",
    ),
    refused(
        "the rows' field twice", b'{"messages":[],' + BARE[1:] + b"\n", DIFFER, "'messages' twice"
    ),
    refused(
        "a key twice, once escaped", b'{"text":"a b","\\u0074ext":"c d"}\n', DIFFER, "'text' twice"
    ),
    refused("a key twice far down", with_value(b'{"a":{"b":{"c":1,"c":2}}}'), DIFFER, "'c' twice"),
    refused("a key twice in what is not read", with_value(b'{"x":1,"x":1}'), DIFFER, "'x' twice"),
    refused("a hostile key twice", b'{"\\u001b[31m":1,"\\u001b[31m":2}\n', DIFFER, r"\x1b[31m"),
    refused("a key in another case", ROW + ROW.replace(b"messages", b"Messages"), "looks like"),
    refused("both cases at once", BARE[:-1] + b',"Messages":[]}\n', "looks like 'messages'"),
    refused(
        "a key with a zero-width space",
        ROW.replace(b"messages", rb"mess\u200bages"),
        "looks like",
        r"\u200b",
    ),
    refused(
        "a key with a Cyrillic letter",
        ROW.replace(b"messages", rb"mess\u0430ges"),
        "looks like",
        r"\u0430",
    ),
    refused(
        "a key with a NUL", ROW.replace(b"messages", rb"messages\u0000"), "looks like", r"\x00"
    ),
    refused("NaN", with_value(b"NaN"), DIFFER, "NaN, which is not JSON"),
    refused("infinity", with_value(b"-Infinity"), DIFFER, "-Infinity"),
    accepted("a number that is too large", with_value(b"1e999"), "1 trained on"),
    refused("an integer of 5,000 digits", with_value(b"9" * 5_000), DIFFER, "digits"),
    accepted("an integer of 30 digits", with_value(b"9" * 30), "1 trained on"),
    refused("a number with a leading zero", with_value(b"007"), "invalid JSON"),
    refused("a hexadecimal number", with_value(b"0x1f"), "invalid JSON"),
    accepted("nested 100 deep", with_value(b"[" * 100 + b"]" * 100), "1 trained on"),
    refused("nested 900 deep", nested(900), DIFFER, "nested too deep"),
    refused("nested 2,000 deep", nested(2_000), DIFFER, "nested too deep"),
    refused("nested 100,000 deep", nested(100_000), "nested too deep"),
    refused("objects 100,000 deep", nested_objects(100_000), "nested too deep"),
    refused("brackets without an end", b"[" * 200_000, "a JSON array under another name"),
    refused("objects without an end", b'{"a":' * 200_000, DIFFER, "nested too deep"),
    refused("a line of 17 MB", file("data.jsonl", long_line), "16,777,216 bytes", "line 1"),
    refused("one line of 1 GB", sparse(2**30), "a line of more than 16,777,216 bytes"),
    refused("one line of 1 TB", sparse(2**40), "a line of more than 16,777,216 bytes"),
    refused(
        "an array of one huge row",
        file("data.json", lambda: b"[" + long_line() + b"]"),
        "16,777,216",
    ),
    refused("ten million blank lines", many(b"\n", 10_000_000), "10,000 blank lines"),
    refused(
        "nothing but dates", b'{"prompt":"2024-01-01","completion":"x y"}\n' * 2, DIFFER, "dates"
    ),
    accepted(
        "a date and a word", b'{"prompt":"2024-01-01 or so","completion":"x y"}\n', "1 trained on"
    ),
    refused(
        "a column that comes late",
        ROW * 10_000 + line({"prompt": "a", "completion": "b"}),
        "line 10001",
    ),
    refused(
        "a text that becomes a number",
        line({"prompt": "a", "completion": "b"}) + b'{"prompt":7,"completion":"b"}\n',
        "line 2",
    ),
    refused("a bad row among good ones", ROW * 500 + b"{]\n" + ROW * 500, "line 501"),
    accepted(
        "a bad row that is reported",
        ROW * 2 + b"{]\n" + ROW,
        "bad row: line 3",
        "3 trained on",
        options=("--no-screen", "--on-bad-row", "report"),
    ),
    refused(
        "a disagreement that cannot be reported",
        ROW + BARE + BARE + b"\n",
        DIFFER,
        options=("--no-screen", "--on-bad-row", "report"),
    ),
    refused(
        "nothing but bad rows",
        b"{]\n" * 3,
        "no rows to train on",
        options=("--no-screen", "--on-bad-row", "report"),
    ),
    refused(
        "a bad row that quotes itself",
        b'{"\\u001b]0;x\\u0007":"' + b"y" * 5_000 + b'"}\n',
        r"\x1b]0;x\x07",
    ),
    refused(
        "a thousand unknown fields",
        line({f"{number:04}": 1 for number in range(1_000)}),
        "992 more",
    ),
    refused("a key of a megabyte", line({"k" * 2**20: 1}), "kkk..."),
)

SLOW_CASES: tuple[Case, ...] = (
    refused(
        "ten million rows", many(OTHER, 10_000_000), "more than 5,000,000 rows", "line 5000001"
    ),
)
