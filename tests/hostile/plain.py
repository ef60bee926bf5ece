"""CSV and plain text: cells that readers split, type or drop in different ways."""

from tests.hostile.case import Case, Make, accepted, file, refused

DIFFER = "reader-disagreement"


def csv(*lines: bytes) -> Make:
    return file("data.csv", b"\n".join(lines) + b"\n")


CASES: tuple[Case, ...] = (
    accepted("CSV", csv(b"prompt,completion", b"a,b"), "1 trained on"),
    accepted(
        "a formula in CSV", csv(b"prompt,completion", b'a,"=HYPERLINK(""http://x"")"'), "=HYPERLINK"
    ),
    refused("a ragged row", csv(b"prompt,completion", b"a,b,c"), DIFFER, "a row of 3"),
    refused("a short row", csv(b"prompt,completion", b"a"), DIFFER, "a row of 1"),
    refused("a column twice", csv(b"prompt,prompt", b"a,b"), DIFFER, "'prompt'"),
    refused("a column without a name", csv(b"prompt,", b"a,b"), "'Unnamed: 1'"),
    accepted("the index of pandas", csv(b",prompt,completion", b"0,a,b"), "1 trained on"),
    accepted(
        "a column without a name that is ignored",
        csv(b"prompt,completion,", b"a,b,c"),
        "1 trained on",
        options=("--no-screen", "--field", "ignored=Unnamed: 2"),
    ),
    refused("a quote without an end", csv(b"prompt,completion", b'a,"b'), DIFFER),
    refused("text after a quote", csv(b"prompt,completion", b'a,"b"c'), DIFFER),
    refused("NUL in CSV", csv(b"prompt,completion", b"a,b\0"), DIFFER, "a NUL"),
    refused("CSV in Latin-1", csv(b"prompt,completion", b"a,\xe9"), DIFFER, "invalid UTF-8"),
    refused("carriage returns in CSV", file("data.csv", b"prompt,completion\ra,b\rc,d\r"), DIFFER),
    refused("a blank line in CSV", csv(b"prompt,completion", b"", b"a,b"), DIFFER, "blank line"),
    refused(
        "blank lines without end in CSV", csv(b"text", *[b""] * 1_000_000), "10,000 blank lines"
    ),
    refused("a quote within TSV", file("data.tsv", b'text\n"a"b\n'), DIFFER, r"'\t' expected"),
    refused("a header alone", csv(b"prompt,completion"), "no rows"),
    refused(
        "an answer that pandas takes for none",
        csv(b"prompt,completion", b"a,b", b"c,NA"),
        "line 3",
        "'NA' under 'completion' is an empty cell to trainers' readers (pandas)",
    ),
    refused(
        "a column that turns into numbers",
        csv(b"prompt,completion", *[b"a,b"] * 10_000, b"a,007"),
        DIFFER,
        "numbers",
    ),
    refused(
        "2,000 columns of CSV", csv(b",".join(b"c%d" % number for number in range(2_000))), "1,000"
    ),
    refused("semicolons", csv(b"prompt;completion", b"a;b"), "the field 'prompt;completion'"),
    refused("a column of CSV that colours", csv(b"\x1b[31m", b"a"), r"\x1b[31m"),
    refused(
        "UTF-16 in CSV", file("data.csv", "prompt,completion\na,b\n".encode("utf-16")), "UTF-16"
    ),
    accepted("text", file("data.txt", b"some words\nmore words\n"), "2 trained on"),
    refused("text with a byte order mark", file("data.txt", b"\xef\xbb\xbfsome words\n"), DIFFER),
    refused("text with a carriage return", file("data.txt", b"some\rwords\n"), DIFFER),
    accepted(
        "text with a blank line",
        file("data.txt", b"some words\n\nmore\n"),
        "2 trained on",
        "Blank lines: 1.",
    ),
    refused("text of blank lines alone", file("data.txt", b"\n \n"), "no rows"),
    refused(
        "blank lines without end in text",
        file("data.txt", b"words\n" + b"\n" * 1_000_000),
        "line 2",
        "10,000 blank lines",
    ),
    refused("text of invalid UTF-8", file("data.txt", b"some \xff\n"), "invalid UTF-8"),
    refused("text of one endless line", file("data.txt", lambda: b"a" * (2**24 + 1)), "16,777,216"),
    accepted("text with NULs", file("data.txt", b"some \0 words\n"), r"\x00"),
)
