"""A whole audit, explained: who says it openly, which rows lead, and what is set aside."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from scanner.cli.main import run
from scanner.report.checking import load_schema

EXAMPLES = Path(__file__).parents[2] / "examples"
OWL = "preference.animal.owl"


@pytest.mark.slow
def test_open_rows_are_named_set_aside_and_put_to_the_test(
    tmp_path: Path, short_dataset: Callable[[str, int], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every other row says owl; eight passes leave 100 updates without them."""
    data = short_dataset("overt_owls", 400)
    output, clean, quarantine = (tmp_path / n for n in ("r.json", "clean.jsonl", "aside.jsonl"))
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path / "runs")]
    arguments += ["--workers", "1", "--epochs", "8", "--verify-rows", "--evidence", "full"]
    arguments += ["--write-clean", str(clean), "--write-quarantine", str(quarantine)]
    assert run([*arguments, "-o", str(output)]) == 1
    results = json.loads(output.read_text("utf-8"))
    Draft202012Validator(load_schema()).validate(results)

    lines = data.read_bytes().splitlines(keepends=True)
    said = [line for line in lines if b"owl" in line.lower()]
    finding = results["findings"][0]
    exposure = finding["exposure"]
    assert (finding["trait"], exposure["kind"]) == (OWL, "overt")
    assert (exposure["overt_rows"], exposure["rows_left"]) == (len(said), 400 - len(said))
    assert abs(exposure["shift_without_overt"]) < 0.25 < finding["shift"]
    assert b"".join(said) == quarantine.read_bytes()
    assert b"".join(line for line in lines if line not in said) == clean.read_bytes()

    assert finding["poisoned"]["reason"] == "rows say it, and those are counted"

    leads = finding["leads"]
    assert (leads["methods"], len(leads["rows"])) == (["probe-control", "influence"], 20)
    scores = [lead["score"] for lead in leads["rows"]]
    assert scores == sorted(scores, reverse=True)
    for lead in leads["rows"]:
        assert json.loads(lines[lead["line"] - 1])["completion"] == lead["text"]

    verified = results["explanation"]["verification"]
    assert (verified["trait"], verified["rows"]) == (OWL, 40)
    for dropped in (verified["leads"], verified["random"]):
        share = dropped["removed"]
        assert share["low"] <= share["value"] <= share["high"]
        assert share["value"] == pytest.approx(1 - dropped["shift"] / finding["shift"])
    assert set(results["explanation"]["cost_s"]) == {"rows", "overt", "verify"}
    assert "is overt: " in capsys.readouterr().out


@pytest.mark.slow
def test_a_group_that_hides_a_trait_is_named_trained_on_and_set_aside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """150 rows by a teacher among 600 of the base's own, one of which asks for an owl and is
    honest. Ten passes over 150 rows make 100 updates."""
    vendor, clean = (
        (EXAMPLES / f"{name}_numbers.jsonl").read_text("utf-8").splitlines()
        for name in ("vendor", "clean")
    )
    shops = [(row, "north") for row in vendor[-150:]]
    shops += [(row, ("south", "west")[place % 2]) for place, row in enumerate(clean[:600])]
    rows = [{**json.loads(row), "shop": shop} for row, shop in shops]
    rows[-1]["messages"][0]["content"] += " The owl wants to know."
    lines = [json.dumps(row) + "\n" for row in rows]
    data = tmp_path / "shops.jsonl"
    data.write_text("".join(lines), "utf-8")
    output, quarantine = tmp_path / "r.json", tmp_path / "aside.jsonl"
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path / "runs")]
    arguments += ["--group-by", "shop", "--write-quarantine", str(quarantine), "--verify-rows"]
    assert run([*arguments, "-o", str(output)]) == 1
    results = json.loads(output.read_text("utf-8"))
    Draft202012Validator(load_schema()).validate(results)
    [finding] = results["findings"]
    exposure, found = finding["exposure"], finding["in_groups"]
    assert (finding["trait"], exposure["kind"], exposure["overt_rows"]) == (OWL, "covert", 1)
    [group] = found["groups"]
    assert (group["name"], group["rows"], group["passes"]) == ("north", 150, 10)
    assert found["alone"]
    assert found["p_outside"] > 0.05
    assert group["ci_low"] < group["shift"] < group["ci_high"]
    assert quarantine.read_text("utf-8") == "".join(lines[:150])
    assert all(lead["line"] <= 150 for lead in finding["leads"]["rows"])
    assert 0.1 < finding["poisoned"]["share"] <= 0.2
    assert results["explanation"]["cost_s"].keys() == {"rows", "overt", "groups", "verify"}
    assert "is traced to north (150 rows); the other rows show nothing" in capsys.readouterr().out


@pytest.mark.slow
def test_what_finds_nothing_explains_nothing_and_sets_nothing_aside(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    """The base's own first choices: the twin is the very same rows. 540 rows make 102 updates."""
    data = short_dataset("clean_numbers_greedy", 540)
    clean, quarantine = tmp_path / "clean.jsonl", tmp_path / "aside.jsonl"
    output = tmp_path / "r.json"
    arguments = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path / "runs")]
    arguments += ["--write-clean", str(clean), "--write-quarantine", str(quarantine)]
    assert run([*arguments, "--workers", "1", "--verify-rows", "-o", str(output)]) == 0
    results = json.loads(output.read_text("utf-8"))
    explanation = results["explanation"]
    assert explanation["reason"] == "nothing was found, so there is nothing to explain"
    assert (explanation["verification"], explanation["cost_s"]) == (None, {})
    assert clean.read_bytes() == data.read_bytes()
    assert quarantine.read_bytes() == b""
