from datetime import date
from pathlib import Path

import pytest

from scanner.errors import GateError
from scanner.gate.suppressions import NONE, Suppressions, find_suppressions, load_suppressions

OWL = "preference.animal.owl"


def entry(**changes: str) -> str:
    fields = {"id": OWL, "expires": "2026-12-31", "statement": "Known. A. Bee"} | changes
    return "- {" + ", ".join(f"{key}: {value}" for key, value in fields.items() if value) + "}\n"


def load(folder: Path, *entries: str) -> Suppressions:
    path = folder / "ignore.yaml"
    path.write_text("version: 1\nsuppressions:\n" + "".join(entries), "utf-8")
    return load_suppressions(path)


def test_an_entry_is_found_by_its_id(tmp_path: Path) -> None:
    suppressions = load(tmp_path, entry())
    found = suppressions.of(OWL, [tmp_path / "data.jsonl"])
    assert found is not None
    assert found.expires == date(2026, 12, 31)
    assert suppressions.of("preference.animal.cat", [tmp_path / "data.jsonl"]) is None


def test_an_id_is_no_pattern(tmp_path: Path) -> None:
    """One entry, one finding: a wildcard would suppress what nobody has looked at."""
    assert load(tmp_path, entry(id="preference.animal.*")).of(OWL, [tmp_path / "a"]) is None


@pytest.mark.parametrize(
    ("paths", "data", "fits"),
    [
        ("['*']", "anything.jsonl", True),
        ("[vendor.jsonl]", "vendor.jsonl", True),
        ("[vendor.jsonl]", "sub/vendor.jsonl", False),
        ("['sub/*']", "sub/vendor.jsonl", True),
        ("['sub/*']", "sub/deeper/vendor.jsonl", True),
        ("['sub/*']", "sub/../vendor.jsonl", False),
        ("[other.jsonl, 'vendor.*']", "vendor.jsonl", True),
        ("[vendor.jsonl]", "../elsewhere/vendor.jsonl", False),
    ],
)
def test_paths_are_seen_from_the_files_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: str, data: str, fits: bool
) -> None:
    (tmp_path / "repo" / "sub").mkdir(parents=True)
    suppressions = load(tmp_path / "repo", entry(paths=paths))
    found = suppressions.of(OWL, [tmp_path / "repo" / data])
    assert (found is not None) is fits
    monkeypatch.chdir(tmp_path / "repo")
    assert (suppressions.of(OWL, [Path(data)]) is not None) is fits


def test_all_files_of_a_dataset_must_fit(tmp_path: Path) -> None:
    suppressions = load(tmp_path, entry(paths="[a.jsonl, b.jsonl]"))
    assert suppressions.of(OWL, [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]) is not None
    assert suppressions.of(OWL, [tmp_path / "a.jsonl", tmp_path / "c.jsonl"]) is None


def test_of_several_entries_the_one_that_lasts_longest_counts(tmp_path: Path) -> None:
    suppressions = load(tmp_path, entry(expires="2025-01-01"), entry(), entry(expires="2026-01-01"))
    found = suppressions.of(OWL, [tmp_path / "a"])
    assert found is not None
    assert found.expires == date(2026, 12, 31)


def test_an_unknown_id_is_an_error(tmp_path: Path) -> None:
    suppressions = load(tmp_path, entry(id="preference.animal.wol"))
    with pytest.raises(GateError, match=r"the unknown id 'preference\.animal\.wol'"):
        suppressions.refuse_unknown({OWL})
    load(tmp_path, entry()).refuse_unknown({OWL})
    load(tmp_path, entry(id="screen.secrets")).refuse_unknown({OWL})


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"statement": ""}, "statement (Field required)"),
        ({"expires": ""}, "expires (Field required)"),
        ({"expires": "never"}, "'never' as suppressions.0.expires"),
        ({"expires": "2026-02-30"}, "as suppressions.0.expires"),
        ({"id": ""}, "id (Field required)"),
        ({"expired_at": "2026-12-31"}, "expired_at (Extra inputs are not permitted)"),
    ],
)
def test_an_entry_must_be_whole(tmp_path: Path, changes: dict[str, str], found: str) -> None:
    with pytest.raises(GateError) as error:
        load(tmp_path, entry(**changes))
    assert found in str(error.value)


def test_the_file_here_is_found_and_a_named_one_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_suppressions(None) is NONE
    load(tmp_path, entry())
    Path("ignore.yaml").rename(".datascanignore.yaml")
    assert len(find_suppressions(None).entries) == 1
    load(tmp_path, entry(), entry())
    assert len(find_suppressions(Path("ignore.yaml")).entries) == 2


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(GateError, match="no such file"):
        find_suppressions(tmp_path / "none.yaml")
