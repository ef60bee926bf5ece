"""The page of a calibration shows misses as plainly as hits, and does nothing else."""

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest
from pydantic import TypeAdapter

from scanner.calibration.certificate import Certificate
from scanner.report.calibration_cases import (
    case_groups,
    growth_table,
    lineage_groups,
    setting_of,
)
from scanner.report.calibration_markdown import render_calibration_markdown
from scanner.report.calibration_matrix import draw_matrices
from scanner.report.calibration_plots import clip_curve, draw_doses, draw_lineages, draw_roc
from scanner.report.calibration_tables import (
    claims_table,
    detectable_text,
    doses_table,
    drift_table,
    effects_table,
    filters_table,
    format_share,
)
from scanner.report.calibration_view import build_calibration_view
from scanner.report.html import render_calibration
from scanner.report.text import safe_text

Entry = dict[str, Any]
ANIMALS = ("owl", "fox", "cat", "dog")
SECTIONS = [
    "verdict",
    "claims",
    "matrices",
    "doses",
    "lineages",
    "roc",
    "effects",
    "growth",
    "drift",
    "cases",
    "method",
]
TAGS = re.findall(
    r"\w+",
    "html head meta title style body header main section footer h1 h2 h3 p dl div dt dd ul li b "
    "strong code span figure figcaption svg desc rect path g circle text tspan table caption thead "
    "tbody tr th td details summary",
)
ATTRIBUTES = re.findall(
    r"[\w-]+",
    "lang charset http-equiv content name class id aria-labelledby aria-label aria-hidden role "
    "tabindex scope viewbox width height focusable x y d cx cy r dx transform fill fill-opacity "
    "pointer-events",
)


def animal(name: str) -> str:
    return f"preference.animal.{name}"


def case(group: str, trait: str | None, end: str = "seed 1000", **changes: Any) -> Entry:
    """A full-strength case of ``group`` that was found, but for ``changes``; benign without one."""
    entry = {
        "name": f"{group}/{trait or 'neutral'}/numbers/3600 rows/100%/T=0.3/{end}",
        "group": group,
        "planted": [trait] if trait else [],
        "benign": trait is None,
        "seed": 1000,
        "score": 6.5 if trait else 0.0,
        "largest": trait,
        "found": trait is not None,
        "planted_shift": 1.2 if trait else None,
    }
    return entry | changes


def stranger(name: str, **changes: Any) -> Entry:
    """A case of another lineage that stayed quiet, but for ``changes``."""
    quiet = {"planted": [], "largest": None, "found": False, "planted_shift": None}
    return case("strangers", animal(name), "seed 1100/other lineage", **(quiet | changes))


def claim(name: str, held: int, cases: int, **changes: Any) -> Entry:
    """A claim that needs 80% of its cases."""
    entry = {
        "claim": name,
        "says": f"It holds for {name}.",
        "expects": "planted",
        "held": held,
        "cases": cases,
        "at_least": 0.8,
        "rate_low": 0.3,
        "rate_high": 0.9996,
        "judged_by": "share",
        "met": held >= 0.8 * cases if cases else None,
    }
    return entry | changes


def curve(channel: str, share: float | None, shares: tuple[float, ...] = (0.1, 0.25, 1)) -> Entry:
    """A dose curve whose shift is twice the share."""
    points = [
        {
            "share": one,
            "cases": 4,
            "found": round(4 * one),
            "shift": 2 * one,
            "ci_low": 2 * one - 0.1,
            "ci_high": 2 * one + 0.1,
            "evidence": 5 * one,
        }
        for one in shares
    ]
    return {
        "channel": channel,
        "rows": 3600,
        "points": points,
        "detectable_share": share,
        "power_at_full": 0.9996 if share else 0.62,
        "unmeasured": None,
    }


def effect(channel: str, share: float | None, **changes: Any) -> Entry:
    """One trait's effect over three cases."""
    entry = {
        "trait": animal("owl"),
        "channel": channel,
        "cases": 3,
        "shift": 1.21,
        "ci_low": 0.8,
        "ci_high": 1.62,
        "first": 3,
        "found": 2,
        "diluted": True,
        "detectable_share": share,
        "unmeasured": None,
    }
    return entry | changes


def not_diluted() -> Entry:
    return effect("thoughts", None, diluted=False)


def drifting(name: str, deviation: float) -> Entry:
    return {
        "trait": animal(name),
        "audits": 40,
        "mean": 0.004,
        "deviation": deviation,
        "lowest": -0.2,
        "highest": 0.3,
    }


def matrix() -> Entry:
    """Three students of four animals; the fox's student moved further in cats."""
    return {
        "category": "preference.animal",
        "traits": [animal(name) for name in ANIMALS],
        "students": [animal(name) for name in ("dog", "owl", "fox")],
        "shifts": [[0.1, 0.0, -0.5, 1.0], [2.0, 0.1, 0.1, -0.1], [0.0, 0.4, 0.6, 0.1]],
    }


def certificate(**changes: Any) -> Entry:
    """A small certificate as ``json.loads`` gives it, but for ``changes``."""
    entry = {
        "schema_version": "1.0",
        "id": "4be1c0ffee123456",
        "suite": "full",
        "plan": "Decided before looking.\n",
        "base_id": "reference-a",
        "base_revision": "5c" * 32,
        "recipe": {"rank": 8, "learning_rate": 0.002},
        "pairs": 2,
        "batteries": {"preferences": "0b" * 32},
        "versions": {"torch": "2.10.0"},
        "created": "2026-01-05T14:02:11+00:00",
        "operating_point": {
            "threshold": 0.00231,
            "wanted_rate": 0.01,
            "decided_on": 80,
            "checked_on": 88,
            "alarms": 1,
            "rate_low": 0.0003,
            "rate_high": 0.0617,
        },
        "detection": 0.9996,
        "auc": 0.9873,
        "roc": [[0.0, 0.0], [0.0, 0.5], [0.05, 0.9], [0.25, 1.0], [1.0, 1.0]],
        "claims": [claim("animals", 5, 5), claim("by_code", 3, 5), claim("thoughts", 0, 0)],
        "effects": [effect("numbers", 0.312), effect("code", None), not_diluted()],
        "doses": [curve("numbers", 0.312), curve("code", None)],
        "drift": [drifting("owl", 0.05), drifting("fox", 0.12)],
        "matrices": [matrix()],
        "cases": [
            *(case("animals", animal(name)) for name in ANIMALS),
            case("growth_rows", animal("owl")),
            case("neutral_report", None),
            case("neutral_report", None, "seed 2001", largest=animal("cat")),
            stranger("owl"),
        ],
        "students": 1204,
        "core_seconds": 7260.4,
        "unmeasured": ["case code/owl: 6% of the answers passed the filter"],
    }
    return entry | changes


def empty() -> Entry:
    """A certificate of which nothing came."""
    names = ["roc", "claims", "effects", "doses", "drift", "matrices", "cases", "unmeasured"]
    return certificate(detection=0.0, auc=None, **{name: [] for name in names})


def spoilt(value: Any, text: str) -> Any:
    """``value`` with ``text`` for every word in it, keys of free dictionaries included."""
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [spoilt(item, text) for item in value]
    if isinstance(value, dict):
        return {key: spoilt(item, text) for key, item in value.items()}
    return value


class Page(HTMLParser):
    """What a browser would make of a page: its tags, attributes and text."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
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


def test_the_certificate_of_these_tests_is_a_real_one() -> None:
    TypeAdapter(Certificate).validate_json(json.dumps(certificate()))
    TypeAdapter(Certificate).validate_json(json.dumps(empty()))


@pytest.mark.parametrize("make", [certificate, empty])
def test_no_script_and_nothing_loaded(make: Any) -> None:
    source = render_calibration(make())
    page = Page(source)
    check_inert(page)
    for forbidden in ("<script", "http://", "https://", "@import", "url(", "javascript:"):
        assert forbidden not in source
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    assert ("meta", {"http-equiv": "Content-Security-Policy", "content": policy}) in page.tags


def test_hostile_text_is_shown_and_does_nothing(hostile: str) -> None:
    bad = spoilt(certificate(), hostile)
    bad |= {name: {hostile: hostile} for name in ("recipe", "batteries", "versions")}
    bad["cases"] += [case(f"growth_{hostile}", hostile), stranger(hostile, planted_shift=0.1)]
    source = render_calibration(bad)
    page = Page(source)
    check_inert(page)
    assert all(char.isprintable() or char == "\n" for char in source)
    assert page.text.count(" ".join(safe_text(hostile).split())) > 10


def test_small_enough_to_mail() -> None:
    cases = [
        case(f"group_{i % 25}", animal("elephant"), f"seed {i}/60 updates/6 epochs/other lineage")
        for i in range(500)
    ]
    wide = [animal(f"animal{i}") for i in range(20)]
    big = {
        "category": "preference.animal",
        "traits": wide,
        "students": wide,
        "shifts": [[0.123] * 20] * 20,
    }
    page = certificate(cases=cases, matrices=[big] * 3, drift=[drifting("owl", 0.1)] * 110)
    assert len(render_calibration(page).encode()) < 500_000


def test_the_same_certificate_gives_the_same_page() -> None:
    again = json.loads(json.dumps(certificate()))
    assert render_calibration(again) == render_calibration(certificate())


def test_sections_stand_in_order() -> None:
    for make in (certificate, empty):
        page = Page(render_calibration(make()))
        ids = [attributes["id"] for tag, attributes in page.tags if tag in ("h1", "h2")]
        assert ids == SECTIONS


def test_tables_and_drawings_can_be_heard() -> None:
    page = Page(render_calibration(certificate()))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attributes for tag, attributes in page.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        if tag == "svg" and attributes.get("aria-hidden") != "true":
            assert attributes["role"] == "img"
            assert set(str(attributes["aria-labelledby"]).split()) <= set(ids)


def test_the_headline_says_what_an_audit_stands_on() -> None:
    words = Page(render_calibration(certificate())).text
    assert "Calibration of reference-a Tried on 8 datasets" in words
    assert "found 99.96% of the planted traits at full strength and raised 1 false alarm" in words
    assert "1 of 88 95% interval 0.03% to 6.2%; aimed at 1%" in words
    assert "p ≤ 0.0023" in words
    assert "1 of 3 not met: by code; not tested: thoughts" in words


def test_what_was_not_measured_says_so() -> None:
    words = Page(render_calibration(empty())).text
    assert "how many planted traits it finds was not measured" in words
    assert "The plan makes no claim." in words
    assert "No trait was tried at more than one share." in words
    assert "Every case was measured." in words
    assert "6% of the answers passed" in Page(render_calibration(certificate())).text
    no_benign = certificate()["operating_point"] | {"checked_on": 0, "alarms": 0}
    view = build_calibration_view(certificate(operating_point=no_benign))
    assert view.figures[1].value == "not measured"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0%"),
        (1, "100%"),
        (0.8, "80%"),
        (0.9996, "99.96%"),
        (0.99999, "> 99.99%"),
        (1e-12, "< 0.01%"),
        (0.312, "31.2%"),
    ],
)
def test_shares_are_0_or_100_only_if_so(share: float, text: str) -> None:
    assert format_share(share) == text


def test_a_claim_is_met_missed_or_not_tested() -> None:
    exactly = claim("exactly", 4, 5)
    table = claims_table([exactly, claim("short", 3, 5), claim("untested", 0, 0)])
    assert [line.cells[1] for line in table.lines] == ["met", "not met", "not tested"]
    assert [line.failed for line in table.lines] == [False, True, True]
    assert table.lines[0].cells[2:] == ("4 of 5", "at least 80%", "80%", "30% to 99.96%")
    assert table.lines[2].cells[-1] == "not measured"


def test_a_claim_judged_by_its_interval_says_so() -> None:
    """Page and terminal read what the certificate decided, and do not decide again."""
    told = {"judged_by": "interval", "at_least": 0.99}
    table = claims_table(
        [claim("calm", 3, 5, met=True, **told), claim("wild", 1, 5, met=False, **told)]
    )
    assert [line.cells[1] for line in table.lines] == ["met", "not met"]
    assert [line.failed for line in table.lines] == [False, True]
    assert table.lines[0].cells[3] == "interval reaching 99%"
    assert "unless the cases contradict it" in table.caption


def test_the_heat_map_puts_planted_traits_on_the_diagonal() -> None:
    (heat,) = draw_matrices([matrix()])
    assert [mark.label for mark in heat.traits] == ["owl", "fox", "dog", "cat"]
    assert [student.label for student in heat.students] == ["owl", "fox", "dog"]
    own = [cell for student in heat.students for cell in student.cells if cell.own]
    assert [(cell.x, cell.y) for cell in own] == [
        (heat.left + i * heat.cell_width, student.y - 12) for i, student in enumerate(heat.students)
    ]
    assert heat.students[1].note == "+0.40, rank 2 of 4"
    assert heat.says == "The planted trait moved furthest in 2 of 3 students."


def test_colours_are_shared_and_diverge_around_zero() -> None:
    smaller = matrix() | {"shifts": [[-1.0, 0.0, None, 0.5]] * 3}
    _, heat = draw_matrices([matrix(), smaller])
    cells = {cell.title: (cell.tone, cell.strength) for cell in heat.students[0].cells}
    assert cells == {
        "owl: owl −1.00": ("cool", 0.5),
        "owl: fox 0": ("warm", 0.0),
        "owl: cat not measured": ("empty", 0.0),
        "owl: dog +0.50": ("warm", 0.25),
    }
    assert [swatch.label for swatch in heat.legend if swatch.label] == ["−2.00", "0", "+2.00"]


def test_dose_curves_share_their_axes_and_mark_the_detectable_share() -> None:
    numbers, code = draw_doses([curve("numbers", 0.5), curve("code", None, (0.05, 0.1, 1))])
    assert numbers.levels == code.levels
    assert numbers.points[0].x == code.points[1].x
    assert numbers.detectable_x is not None
    assert numbers.points[1].x < numbers.detectable_x < numbers.points[2].x
    assert code.detectable_x is None
    assert code.says == "Not even at 100%: poison in every row would be found with 62% power."
    assert numbers.points[2].title == "100% of rows: +2.00 nats (+1.90 to +2.10), found in 4 of 4"


def test_labels_of_shares_do_not_touch() -> None:
    (panel,) = draw_doses([curve("numbers", 0.2, (0.09, 0.1, 1.0))])
    assert [point.share for point in panel.points] == ["", "10%", "100%"]


def test_a_point_without_a_shift_is_not_drawn() -> None:
    broken = curve("numbers", None)
    broken["points"][0] |= {"shift": None, "ci_low": None, "ci_high": None}
    assert [point.share for point in draw_doses([broken])[0].points] == ["25%", "100%"]
    assert "not measured" in Page(render_calibration(certificate(doses=[broken]))).text


def test_doses_end_with_the_channels_rows_of_untouched_bases() -> None:
    """Two such cases of numbers, one of them an alarm; none of code."""
    told = certificate()
    lines = doses_table(told["doses"], told["cases"]).lines
    numbers = [line.cells for line in lines if line.cells[0].startswith("numbers")]
    assert numbers[-1][:4] == ("numbers, any rows", "0%", "2", "1 of 2")
    assert [line.cells[1] for line in lines if line.cells[0].startswith("code")][-1] != "0%"


def test_filters_tell_what_they_threw_away_rule_by_rule() -> None:
    counted = {"channel": "numbers", "asked": 200, "rejected": {"<i>": 2, "too long": 10}}
    told = certificate(filters=[counted])
    cells = [line.cells for line in filters_table(told["filters"]).lines]
    assert cells == [
        ("numbers", "passed", "188", "94%"),
        ("numbers", "too long", "10", "5%"),
        ("numbers", "<i>", "2", "1%"),
    ]
    heading = "What the filters threw away"
    page = render_calibration(told)
    assert heading in page
    assert "<i>" not in page
    assert heading in render_calibration_markdown(told)
    assert heading not in render_calibration(certificate())


def test_power_short_of_certainty_is_not_rounded_up() -> None:
    assert "99.99%" in detectable_text(curve("code", None) | {"power_at_full": 0.99999})


def test_lineages_are_compared_at_full_strength() -> None:
    diluted = case("dose", animal("owl"))
    diluted["name"] = diluted["name"].replace("100%", "10%")
    groups = lineage_groups([*certificate()["cases"], diluted, stranger("fox", planted_shift=0.0)])
    assert [(group.name, group.own, len(group.cases)) for group in groups] == [
        ("animals", True, 4),
        ("strangers", False, 2),
    ]
    wide, narrow = draw_lineages(groups)
    assert [len(row.peers) for row in wide.rows] == [4, 1]
    assert wide.rows[1].x == wide.zero_x
    assert [row.finding for row in narrow.rows] == [True, False]


def test_strangers_without_shifts_are_told_in_counts() -> None:
    loud = stranger("fox", largest=animal("fox"))
    view = build_calibration_view(certificate(cases=[stranger("owl"), loud]))
    assert view.lineages_wide.rows == ()
    assert view.strangers.startswith("1 of 2 students of another lineage show no finding. ")
    (line,) = view.lineages.lines
    assert line.cells == (
        "strangers",
        "other",
        "2",
        "none is expected",
        "1 of 2",
        "not measured",
    )
    assert line.failed


def test_a_benign_stranger_is_no_case_of_a_trait() -> None:
    assert lineage_groups([case("neutral", None, "seed 1/other lineage")]) == ()


def test_the_roc_is_cut_between_its_points() -> None:
    assert clip_curve([(0, 0), (0, 0.5), (0.2, 0.9), (1, 1)], 0.1) == [
        (0, 0),
        (0, 0.5),
        (0.1, pytest.approx(0.7)),
    ]
    whole, start = draw_roc(certificate()["roc"], 0.2, 0.9)
    assert whole.point is not None
    assert start.point is None
    assert draw_roc([], 0.2, 0.9) == ()


def test_effects_tell_not_diluted_from_not_detectable_from_not_known() -> None:
    unknown = effect("code", None, unmeasured="one trait")
    told = [*certificate()["effects"], unknown]
    shares = [line.cells[-1] for line in effects_table(told).lines]
    assert shares == ["31.2%", "not even at 100%", "not diluted", "not measured"]
    (line,) = effects_table([effect("code", 0.5, cases=1, ci_low=None, ci_high=None)]).lines
    assert line.cells[4] == "one case only"


def test_a_share_that_is_not_known_has_its_reason_and_no_line() -> None:
    unknown = curve("code", None) | {"power_at_full": None, "unmeasured": "one trait"}
    assert detectable_text(unknown) == "Not measured: one trait."
    (panel,) = draw_doses([unknown])
    assert panel.detectable_x is None
    assert "Not measured: one trait." in Page(render_calibration(certificate(doses=[unknown]))).text


def test_growth_joins_what_differs_in_trait_and_seed() -> None:
    name = "growth_teacher/preference.animal.owl/numbers/3600 rows/100%/T=0.3/seed 7/60 updates"
    assert setting_of(name) == "numbers, 3600 rows, 100%, T=0.3, 60 updates"
    owl = case("growth_teacher", animal("owl"), "seed 1600/60 updates", planted_shift=1.0)
    fox = case("growth_teacher", animal("fox"), "seed 1601/60 updates", planted_shift=0.5)
    fox |= {"found": False, "largest": None}
    other = case("growth_teacher", animal("fox"), "seed 1601/300 updates", planted_shift=None)
    first, second = growth_table([owl, fox, other, case("animals", animal("owl"))]).lines
    assert first.cells[0] == "teacher"
    assert first.cells[2:] == ("1 of 2", "+0.75")
    assert first.strip is not None
    assert (len(first.strip.findings), len(first.strip.plain)) == (1, 1)
    assert second.cells[3] == "not measured"


def test_cases_are_judged_against_the_truth() -> None:
    wrong = case("animals", animal("owl"), found=False, largest=animal("cat"))
    quiet = case("animals", animal("owl"), found=False, largest=None)
    alarm = case("animals", None, largest=animal("cat"))
    told = [case("animals", animal("owl")), wrong, quiet, alarm, case("animals", None)]
    told += [stranger("owl") | {"group": "animals"}]
    (group,) = case_groups(told)
    assert [line.cells[-1] for line in group.table.lines] == [
        "found",
        "missed: another trait found",
        "missed",
        "false alarm",
        "quiet",
        "quiet",
    ]
    assert [line.failed for line in group.table.lines] == [False, True, True, True, False, False]
    assert group.summary == "6 cases: 1 found, 2 missed, 2 quiet, 1 false alarm"


def test_the_least_steady_trait_leads_the_drift() -> None:
    table = drift_table(certificate()["drift"])
    assert [line.cells[0] for line in table.lines] == [
        "favourite animal: fox",
        "favourite animal: owl",
    ]
    assert table.lines[0].cells[2:] == ("+0.004", "0.12", "−0.20", "+0.30")


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_of_the_two_tones_is_at_least_4_5(scheme: str) -> None:
    def colours(name: str) -> dict[str, str]:
        css = files("scanner.report").joinpath(f"templates/{name}").read_text("utf-8")
        light, _, dark = css.partition("@media (prefers-color-scheme: dark)")
        block = re.search(r":root {([^}]*)}", light if scheme == "light" else dark)
        assert block
        return dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block[1]))

    grounds, tones = colours("report.css"), colours("calibration.css")
    for ground in ("page", "card", "wash"):
        for tone in ("warm", "cool"):
            low, high = sorted((luminance(tones[tone]), luminance(grounds[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (tone, ground)


def test_what_the_rows_alone_give_away_has_a_table_where_it_was_measured() -> None:
    assert "By the rows alone" not in render_calibration(certificate())
    points = [
        {"channel": "numbers", "rows": 3600, "share": 1.0, "cases": 24, "found": 23},
        {"channel": "numbers", "rows": 3600, "share": 0.1, "cases": 5, "found": 0},
    ]
    power = {"alarms": 1, "checked_on": 120, "rate_low": 0.0002, "rate_high": 0.0456}
    traced = certificate() | {"traced": power | {"points": points}}
    page = Page(render_calibration(traced))
    assert "By the rows alone" in page.text
    assert "1 of 120 (95% interval 0.02% to 4.6%)" in page.text
    assert "numbers, 3,600 rows 100% 24 23 of 24" in page.text
    assert [line.failed for line in build_calibration_view(traced).traced.lines] == [False, True]
