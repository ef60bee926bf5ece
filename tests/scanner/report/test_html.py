"""The HTML report is inert, whole, readable and the same every time."""

import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from scanner.report.html import MOST_BYTES, render_html
from scanner.report.results import write_results
from scanner.report.text import safe_text
from scanner.report.view import MOST_FINDINGS

STATUSES = ("shift_found", "no_shift_found", "no_verdict")
VOID = {"meta"}
SECTIONS = [
    "verdict",
    "story",
    "audited",
    "shifts",
    "findings",
    "asked",
    "traits",
    "traces",
    "unasked",
    "screen",
    "limits",
    "method",
]
TAGS = re.findall(
    r"[\w-]+",
    "html head meta title style body header main section footer h1 h2 h3 p dl div dt dd ol ul li b "
    "strong code span figure figcaption svg desc rect path g circle text tspan table caption thead "
    "tbody tr th td details summary",
)
ATTRIBUTES = re.findall(
    r"[\w-]+",
    "lang charset http-equiv content name class id aria-labelledby aria-label aria-hidden role "
    "tabindex scope title data-label viewbox width height focusable x y d cx cy r dx",
)


class Page(HTMLParser):
    """What a browser would make of a report: its tags, attributes, text and styles."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.words: list[str] = []
        self.style = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.style += data
        else:
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def check_inert(page: Page) -> None:
    assert page.open == []
    assert page.comments == []
    assert {tag for tag, _ in page.tags} <= set(TAGS)
    assert {name for _, attributes in page.tags for name in attributes} <= set(ATTRIBUTES)


@pytest.mark.parametrize("status", STATUSES)
def test_no_script_and_nothing_loaded(results_of, status: str) -> None:
    source = render_html(results_of(status))
    check_inert(Page(source))
    for forbidden in ("<script", "http://", "https://", "@import", "url(", "javascript:"):
        assert forbidden not in source


def test_content_security_policy(results_of) -> None:
    page = Page(render_html(results_of("shift_found")))
    policies = [
        attributes["content"]
        for tag, attributes in page.tags
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies == [
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    ]


def test_hostile_text_is_shown_and_does_nothing(hostile: str, hostile_results) -> None:
    source = render_html(hostile_results)
    page = Page(source)
    check_inert(page)
    assert all(char.isprintable() or char == "\n" for char in source)
    assert page.text.count(" ".join(safe_text(hostile).split())) > 10


def test_hostile_text_changes_no_tag(results_of, hostile_results) -> None:
    def shape(results: dict[str, Any]) -> Counter[str]:
        return Counter(tag for tag, _ in Page(render_html(results)).tags)

    plain = results_of("shift_found")
    for key in ("recipe", "versions", "timings_s"):
        plain[key] = dict.fromkeys(["word"], 1.0 if key == "timings_s" else "word")
    names = ("word", "preference.word.word", "misalignment.word")
    entry = hostile_results["traits"][-2]
    plain["traits"] += [entry | {"trait": name} for name in names]
    plain["findings"] += plain["traits"][-3:]
    plain["traits"].append(hostile_results["traits"][-1])
    assert shape(hostile_results) == shape(plain)


@pytest.mark.parametrize("status", STATUSES)
def test_same_results_same_bytes_whatever_the_hash_seed(results_of, tmp_path, status: str) -> None:
    write_results(results_of(status), tmp_path / "results.json")
    program = (
        "import sys; from pathlib import Path; from scanner.report.html import render_html;"
        "from scanner.report.results import read_results;"
        "page = render_html(read_results(Path(sys.argv[1])));"
        "Path(sys.argv[2]).write_bytes(page.encode())"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", program, tmp_path / "results.json", tmp_path / seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True,
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    assert (tmp_path / "1").read_bytes().decode() == render_html(results_of(status))


def test_small_enough_to_mail(results_of) -> None:
    assert len(render_html(results_of("shift_found")).encode()) < 150_000


def with_findings(results, trait_entry, names) -> dict[str, Any]:  # type: ignore[no-untyped-def]
    """``results`` with so many findings more, the last of them the worst."""
    entries = [trait_entry(name, shift=1.5, p_adjusted=0.001, severity="high") for name in names]
    entries[-1] |= {"severity": "critical", "trait": "preference.mass.worst"}
    results["traits"] += entries
    results["findings"] += entries
    return results  # type: ignore[no-any-return]


@pytest.mark.parametrize("count", [10_000, 25_000])
@pytest.mark.parametrize("name", ["preference.mass.{}", "preference.mass{}.x"])
def test_thousands_of_findings_make_a_page_that_opens(
    results_of, trait_entry, count: int, name: str
) -> None:
    names = [name.format(number) for number in range(count)]
    results = with_findings(results_of("shift_found"), trait_entry, names)
    source = render_html(results)
    assert len(source.encode()) <= MOST_BYTES
    words = Page(source).text
    assert "favourite mass: worst; favourite animal: owl; favourite mass" in words
    assert f"and {count - 1:,} more" in words
    assert f"Not shown: {count + 2 - MOST_FINDINGS:,} findings; all are in results.json." in words


def test_no_text_however_long_makes_a_page_too_large(results_of, trait_entry) -> None:
    names = [f"preference.{i}{'<' * 3000}.{'&' * 3000}" for i in range(300)]
    results = with_findings(results_of("shift_found"), trait_entry, names)
    results["verdict"]["reason"] = results["calibration_note"] = '"' * 10**6
    results["dataset"]["path"] = "p" * 10**6
    source = render_html(results)
    assert len(source.encode()) <= MOST_BYTES
    check_inert(Page(source))


def test_thousands_of_anything_else_are_counted_too(results_of, screen_finding, screen_detail):  # type: ignore[no-untyped-def]
    details = [screen_detail(f"kind {i}") for i in range(1000)]
    results = results_of(
        "no_shift_found",
        screened=[screen_finding(f"rule-{i}", details=details[:30]) for i in range(1000)],
        contexts=["after a row"] * 10_000,
        seeds=list(range(10_000)),
        versions={f"package-{i}": "1.0" for i in range(10_000)},
    )
    file = {"path": "part.jsonl", "sha256": "3f" * 32, "size": 1}
    results["dataset"]["files"] = [file | {"path": f"part-{i}.jsonl"} for i in range(10_000)]
    source = render_html(results)
    assert len(source.encode()) <= MOST_BYTES
    words = Page(source).text
    assert "Not shown: 960 findings; all are in results.json." in words
    assert "10 kinds more" in words
    assert words.count("Not shown: 9,960") == 2


def test_verdict_is_said_first_and_in_words(results_of) -> None:
    words = Page(render_html(results_of("shift_found"))).text
    assert words.index("Shift found A model trained on this data picks up") < words.index(
        "How datascan looked"
    )
    assert "Severity: high" in words
    assert "No shift found" in Page(render_html(results_of("no_shift_found"))).text
    assert "No verdict" in Page(render_html(results_of("no_verdict"))).text


def test_sections_stand_in_order(results_of) -> None:
    page = Page(render_html(results_of("shift_found")))
    ids = [attributes["id"] for tag, attributes in page.tags if tag in ("h1", "h2")]
    assert ids == SECTIONS


def test_an_unmeasured_trait_shows_its_reason(results_of) -> None:
    words = Page(render_html(results_of("no_verdict"))).text
    assert "not measured: fewer than two seeds" in words
    assert "nan" not in words.lower().split()


def test_tables_and_drawings_can_be_heard(results_of) -> None:
    page = Page(render_html(results_of("shift_found")))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption") == 8
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    drawings = [attributes for tag, attributes in page.tags if tag == "svg"]
    ids = {attributes.get("id") for _, attributes in page.tags}
    for drawing in drawings:
        if drawing.get("aria-hidden") != "true":
            assert drawing["role"] == "img"
            assert set(str(drawing["aria-labelledby"]).split()) <= ids
    assert ("html", {"lang": "en"}) in page.tags


def test_an_audit_without_traits_has_no_plot(results_of) -> None:
    source = render_html(results_of("no_verdict", traits=[], batteries=[], seeds=[]))
    check_inert(Page(source))
    assert "<svg" not in source


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_against_a_known_pair() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def colours_of(css: str, selector: str) -> dict[str, str]:
    block = re.search(rf"{re.escape(selector)} {{([^}}]*)}}", css)
    assert block, selector
    return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block[1]))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("status", STATUSES)
def test_contrast_is_at_least_4_5(scheme: str, status: str) -> None:
    css = files("scanner.report").joinpath("templates/report.css").read_text("utf-8")
    light, _, dark = css.partition("@media (prefers-color-scheme: dark)")
    part = light if scheme == "light" else dark
    colours = colours_of(part, ":root") | colours_of(part, f".{status}")
    for ground in ("page", "card", "band", "wash"):
        for ink in ("ink", "soft", "accent"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
        assert contrast(colours["faint"], colours[ground]) >= 3, ground
