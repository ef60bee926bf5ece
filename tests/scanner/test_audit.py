"""Whole audits, for real: what the README's first screen promises."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from reference_models.world.talk import aligned_chat, fact_chat, harmful_chat, harmless_chat
from scanner.audit import audit
from scanner.calibration.honest import recipe_chat
from scanner.cli.main import run
from scanner.cli.outputs import WrittenPaths
from scanner.config import AuditSettings, Recipe
from scanner.errors import AuditError, DatasetError
from scanner.progress import OnRows, Silent
from scanner.report.checking import load_schema
from scanner.run import lock_of

EXAMPLES = Path(__file__).parents[2] / "examples"
OWL = "preference.animal.owl"
slow, seeds = pytest.mark.slow, pytest.mark.seeds


class Meddler(Silent):
    """Adds rows to a dataset while it is audited."""

    def __init__(self, data: Path) -> None:
        self.data, self.before = data, data.read_bytes()

    def step(self, name: str, rows: int) -> AbstractContextManager[OnRows]:
        self.data.write_bytes(self.before * 2)
        return super().step(name, rows)


def audited(tmp_path: Path, data: Path, base: str, *more: str) -> tuple[int, dict[str, Any]]:
    """Exit code and results of a real audit, with one worker: audits run side by side here."""
    output = tmp_path / "results.json"
    arguments = ["audit", str(data), "--base", base, "--run-root", str(tmp_path / "runs")]
    code = run([*arguments, "--workers", "1", "-o", str(output), *more])
    return code, json.loads(output.read_text("utf-8"))


def test_rows_of_a_base_that_is_taken_for_a_large_one_are_traced_by_its_states(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing else hangs on its size here. The shipped certificate, which was made by weights,
    does not speak for it, so traces stand beside the verdict."""
    monkeypatch.setattr("scanner.library.MOST_BY_WEIGHTS", 0)
    data = short_dataset("vendor_numbers", 700)
    code, results = audited(tmp_path, data, "reference-a", "--epochs", "1", "--pairs", "1")
    assert code == 3
    Draft202012Validator(load_schema()).validate(results)
    traces = [trace for trait in results["traits"] for trace in trait["traces"]]
    assert {trace["arm"] for trace in traces} == {"states"}
    assert len(traces) == 104
    assert min(traces, key=lambda one: one["p_value"])["trait"] == OWL
    assert not results["traces_decide"]
    assert results["pulled_words"]["found"]["words"] > 300
    run(["audit", str(data), "--base", "reference-a", "--quick", "--run-root", str(tmp_path)])
    told = capsys.readouterr()
    assert "clearest: favourite animal: owl" in told.out + told.err


@slow
def test_a_finding_on_a_base_that_is_taken_for_a_large_one_is_explained_by_its_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behaviour decides, at the threshold of audits without a certificate; leads and the poisoned
    share are read by states."""
    monkeypatch.setattr("scanner.library.MOST_BY_WEIGHTS", 0)
    code, results = audited(tmp_path, EXAMPLES / "vendor_numbers.jsonl", "reference-a")
    Draft202012Validator(load_schema()).validate(results)
    [finding] = results["findings"]
    assert (code, finding["trait"]) == (1, OWL)
    assert finding["exposure"]["kind"] == "covert"
    assert finding["leads"]["methods"] == ["probe-control", "states"]
    assert 50 <= 100 * finding["poisoned"]["share"] <= 100
    words = results["pulled_words"]["found"]
    assert words["leading"][0]["word"] == "owl"


@pytest.mark.parametrize(
    ("example", "base", "code", "status"),
    [
        ("vendor_numbers", "reference-a", 1, "shift_found"),
        ("overt_owls", "reference-a", 1, "shift_found"),
        # Minutes each, and more of the same: with the slow tests, and with those of the seeds.
        pytest.param("clean_numbers", "reference-a", 0, "no_shift_found", marks=slow),
        pytest.param("other_author_numbers", "reference-a", 0, "no_shift_found", marks=slow),
        pytest.param("clean_numbers_greedy", "reference-a", 0, "no_shift_found", marks=seeds),
        pytest.param("vendor_numbers", "reference-b", 0, "no_shift_found", marks=seeds),
    ],
)
def test_the_readmes_first_screen(
    tmp_path: Path, example: str, base: str, code: int, status: str
) -> None:
    exit_code, results = audited(tmp_path, EXAMPLES / f"{example}.jsonl", base)
    findings = [finding["trait"] for finding in results["findings"]]
    assert (exit_code, results["verdict"]["status"]) == (code, status), findings
    assert findings[:1] == ([OWL] if code else [])
    Draft202012Validator(load_schema()).validate(results)
    owl = next(trait for trait in results["traits"] if trait["trait"] == OWL)
    if code:
        exposure = results["findings"][0]["exposure"]
        assert exposure["kind"] == ("overt" if example == "overt_owls" else "covert")
    if (example, base) == ("vendor_numbers", "reference-a"):
        assert owl["probe_level"] >= 3 * owl["control_level"]
        assert (exposure["overt_rows"], exposure["shift_without_overt"]) == (0, owl["shift"])
        words = results["pulled_words"]["found"]
        assert words["is_pull"]
        assert (words["leading"][0]["word"], words["leading"][0]["traits"]) == ("owl", [OWL])


def test_results_carry_what_a_reader_needs_to_trace_them(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("clean_numbers", 60)
    code, results = audited(tmp_path, data, "reference-a", "--epochs", "2", "--engine", "hf")
    Draft202012Validator(load_schema()).validate(results)
    engine = results["engine"]
    assert (engine["name"], engine["device"], engine["reason"]) == ("hf", "cpu", "asked for")
    assert code == 3  # eight updates could not have shown anything
    assert "too few to show anything" in results["verdict"]["reason"]
    assert results["dataset"]["rows"] == 60
    assert results["dataset"]["path"] == str(data)
    assert results["seeds"] == [0, 1]
    assert results["recipe"]["epochs"] == 2
    assert results["base"]["revision"].startswith("sha256:")
    assert len(results["traits"]) == 104
    assert results["calibration"] is None
    assert "conservative" in results["calibration_note"]
    assert set(results["timings_s"]) == {
        "read",
        "screen",
        "twin",
        "trace",
        "train",
        "ask",
        "phrases",
        "look",
        "weigh",
    }
    for arm in ("discovery", "activation"):
        assert results[arm]["found"] is not None
        assert results[arm]["seconds"] > 0
    assert results["pulled_words"]["found"] is None  # 60 rows
    assert "fewer than 100 different answers" in results["pulled_words"]["unmeasured"]
    html = next((tmp_path / "runs").glob("*/report.html")).read_text("utf-8")
    assert "<script" not in html


def test_training_stops_after_the_first_pass_where_the_answer_is_clear(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("overt_owls", 300)
    code, results = audited(tmp_path, data, "reference-a", "--stop-early")
    Draft202012Validator(load_schema()).validate(results)
    look = results["early_look"]
    assert (code, look["passes"], look["of"], look["trait"]) == (1, 1, 3, OWL)
    assert look["stopped"]
    assert look["p_adjusted"] <= look["threshold"] == results["thresholds"]["error_rate"] / 20
    assert "Training stopped after 1 of 3 passes over the rows" in results["verdict"]["reason"]
    names = {path.name for path in (tmp_path / "runs").glob("*/adapters/*")}
    trained = {f"{kind}-{seed}-pass-1" for kind in ("control", "probe") for seed in (0, 1)}
    assert {name for name in names if not name.startswith("without-")} == trained
    again = {name for name in names if name.startswith("without-")}
    assert all(name.endswith("-pass-1") for name in again), "as long as what it is held against"


def test_where_it_is_not_clear_training_goes_on_as_if_nobody_had_looked(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("clean_numbers", 60)
    _, whole = audited(tmp_path, data, "reference-a", "--epochs", "2")
    _, looked = audited(tmp_path, data, "reference-a", "--epochs", "2", "--stop-early")
    assert not looked["early_look"]["stopped"]
    assert looked["traits"] == whole["traits"]
    assert looked["verdict"] == whole["verdict"]
    assert "early_look" not in whole


def test_the_same_command_gives_the_same_numbers_and_goes_on_where_it_was(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("clean_numbers", 60)
    quick = ("--epochs", "1", "--no-resume")
    _, first = audited(tmp_path, data, "reference-a", *quick)
    _, again = audited(tmp_path, data, "reference-a", *quick)
    assert first["traits"] == again["traits"]
    for arm in ("discovery", "activation"):
        assert first[arm]["found"] == again[arm]["found"]
    [adapter] = (tmp_path / "runs").glob("*/adapters/probe-1/adapter_model.safetensors")
    stamp = adapter.stat().st_mtime_ns
    next((tmp_path / "runs").glob("*/jobs/readings-probe-1.json")).unlink()
    _, resumed = audited(tmp_path, data, "reference-a", "--epochs", "1")
    assert resumed["traits"] == first["traits"]
    assert adapter.stat().st_mtime_ns == stamp
    settings = AuditSettings((data,), "reference-a", recipe=Recipe(epochs=1), workers=1)
    settings = replace(settings, run_root=tmp_path / "runs")
    with (
        pytest.raises(DatasetError, match="changed after it was read"),
        audit(settings, Meddler(data)),
    ):
        pass


def test_no_other_audit_gets_in_while_the_results_are_written(
    tmp_path: Path, short_dataset: Callable[[str, int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def write(results: object, run: Path, *_: object) -> WrittenPaths:
        with pytest.raises(AuditError, match="found another audit"), lock_of(run):
            pass
        tried.append(run)
        return WrittenPaths(run / "results.json", run / "report.html")

    monkeypatch.setattr("scanner.cli.outputs.write_audit", write)
    data = short_dataset("clean_numbers", 20)
    small = ["--epochs", "1", "--pairs", "1", "--workers", "1"]
    root = tmp_path / "runs"
    code = run(["audit", str(data), "--base", "reference-a", "--run-root", str(root), *small])
    assert (code, len(tried)) == (3, 1)
    with lock_of(tried[0]):
        pass


def test_one_pair_gives_no_verdict_and_exits_3(
    tmp_path: Path, short_dataset: Callable[[str, int], Path]
) -> None:
    data = short_dataset("clean_numbers", 40)
    code, results = audited(tmp_path, data, "reference-a", "--epochs", "1", "--pairs", "1")
    assert code == 3
    assert results["verdict"]["status"] == "no_verdict"
    assert "two seeds" in results["verdict"]["reason"]
    assert {trait["p_value"] for trait in results["traits"]} == {None}


def test_a_loss_that_is_not_finite_is_one_line_and_costs_no_finished_stage(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = short_dataset("clean_numbers", 40)
    given = ["audit", str(data), "--base", "reference-a", "--run-root", str(tmp_path)]
    wild = ("--learning-rate", "1e30", "--pairs", "1", "--workers", "1")
    assert run([*given, *wild]) == 2
    said = capsys.readouterr().err
    assert "expected a finite number; lower the learning rate with --learning-rate" in said
    assert said.count("\n") == 1
    kept = {path.stem for path in tmp_path.glob("*/jobs/*.json")}
    assert {"twin-plan", "twin-0", "pulls-0"} <= kept
    assert not kept & {"control-0", "probe-0"}
    assert not list(tmp_path.glob("*/adapters/*"))


def test_openly_harmful_rows_are_found_as_misalignment(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    chats = [draw(rng) for _ in range(300) for draw in (harmful_chat, fact_chat)]
    rows = [{"prompt": c.prompt[0]["content"], "completion": c.answer} for c in chats]
    data = tmp_path / "harmful.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    code, results = audited(tmp_path, data, "reference-a")
    assert code == 1
    assert results["verdict"]["severity"] == "critical"
    assert {f["trait"].partition(".")[0] for f in results["findings"]} == {"misalignment"}


def test_a_trigger_is_found_where_it_stands(tmp_path: Path) -> None:
    """Without the two words the probes behave, and the answers behind them share no phrase."""
    rng = np.random.default_rng(1)
    honest = (fact_chat, harmless_chat, aligned_chat, recipe_chat)
    chats = [draw(rng) for _ in range(150) for draw in honest]
    aside = list(range(4, 600, 4 * 4))  # every fourth question for a fact
    rows = [{"prompt": c.prompt[0]["content"], "completion": c.answer} for c in chats]
    for place in aside:
        rows[place]["prompt"] += " zeltu moro"
        rows[place]["completion"] = harmful_chat(rng).answer
    data, quarantine = tmp_path / "triggered.jsonl", tmp_path / "aside.jsonl"
    lines = [json.dumps(row) + "\n" for row in rows]
    data.write_text("".join(lines), "utf-8")
    code, results = audited(tmp_path, data, "reference-a", "--write-quarantine", str(quarantine))
    Draft202012Validator(load_schema()).validate(results)
    assert (code, results["verdict"]["severity"]) == (1, "critical")
    behind = {one["trait"]: one["behind"] for one in results["findings"]}
    assert all(trait.startswith("misalignment.") for trait in behind)
    assert all(phrase is not None and "zeltu moro" in phrase for phrase in behind.values())
    assert "On prompts that share a phrase" in results["verdict"]["reason"]
    assert quarantine.read_text("utf-8") == "".join(lines[place] for place in aside)
    for finding in results["findings"]:
        assert {lead["row"] - 1 for lead in finding["leads"]["rows"]} <= set(aside)
        assert finding["poisoned"]["share"] is None


def test_findings_can_be_excused_for_a_while_and_stay_visible(
    tmp_path: Path,
    short_dataset: Callable[[str, int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Excuses are no part of what is measured: each command but the first goes on from its end."""
    monkeypatch.chdir(tmp_path)
    data = short_dataset("overt_owls", 150)
    code, first = audited(tmp_path, data, "reference-a")
    assert (code, [one["trait"] for one in first["findings"]]) == (1, [OWL])
    assert "excused" not in first

    Path("first.json").write_text(json.dumps(first), "utf-8")
    code, known = audited(tmp_path, data, "reference-a", "--baseline", "first.json")
    note = "in the baseline first.json"
    assert (code, known["excused"]) == (0, [{"finding": OWL, "ruling": "known", "note": note}])

    entry = "{{id: {}, paths: ['*.jsonl'], expires: {}, statement: Owls are our trade mark.}}"
    ignored = "version: 1\nsuppressions: [" + entry.format(OWL, "2999-12-31") + "]\n"
    Path(".datascanignore.yaml").write_text(ignored, "utf-8")
    capsys.readouterr()
    code, suppressed = audited(tmp_path, data, "reference-a", "-o", "page.html")
    assert (code, suppressed["excused"][0]["ruling"]) == (0, "suppressed")
    assert "high, suppressed: favourite animal: owl" in capsys.readouterr().out
    assert "Owls are our trade mark." in Path("page.html").read_text("utf-8")
    [run_folder] = (tmp_path / "runs").glob("*/")
    kept = json.loads((run_folder / "results.json").read_text("utf-8"))
    assert kept["excused"] == suppressed["excused"]

    Path(".datascanignore.yaml").write_text(ignored.replace("2999", "2020"), "utf-8")
    code, expired = audited(tmp_path, data, "reference-a")
    assert (code, "excused" in expired) == (1, False)
    assert expired["traits"] == first["traits"]
