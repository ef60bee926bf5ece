from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import GateError
from scanner.gate.keys import write_new_keys
from scanner.gate.policy import STRICT
from scanner.gate.suppressions import NONE
from scanner.gate.terms import TermFiles, as_of_now, load_terms


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_given_is_strict() -> None:
    terms = load_terms(TermFiles())
    assert terms.policy is STRICT
    assert terms.excuses.suppressions is NONE
    assert terms.excuses.baseline is None
    assert terms.keys == ()


def test_everything_given_is_read(audited: Callable[..., Path], data: Path) -> None:
    Path("policy.yaml").write_text("version: 1\nfail_on: high\n", "utf-8")
    entry = "{id: preference.animal.owl, expires: 2026-12-31, statement: x}"
    Path("ignore.yaml").write_text(f"version: 1\nsuppressions: [{entry}]\n", "utf-8")
    write_new_keys(Path("k"), Path("k.pub"))
    files = TermFiles(
        Path("policy.yaml"), Path("ignore.yaml"), audited(data), (Path("k.pub"),), Path("a")
    )
    terms = load_terms(files)
    assert terms.policy.fail_on == "high"
    assert len(terms.excuses.suppressions.entries) == 1
    assert terms.excuses.baseline is not None
    assert len(terms.keys) == 1
    assert terms.attestation == Path("a")


def test_a_policys_keys_lie_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "gate").mkdir()
    write_new_keys(Path("gate/k"), Path("gate/k.pub"))
    Path("gate/policy.yaml").write_text("version: 1\nsigned_by: [k.pub]\n", "utf-8")
    assert len(load_terms(TermFiles(Path("gate/policy.yaml"))).keys) == 1
    Path("policy.yaml").write_text("version: 1\nsigned_by: [k.pub]\n", "utf-8")
    with pytest.raises(GateError, match="no such file"):
        load_terms(TermFiles(Path("policy.yaml")))


def test_a_server_asks_the_time_anew() -> None:
    terms = load_terms(TermFiles())
    assert as_of_now(terms).now > terms.now
    assert as_of_now(terms).policy is terms.policy
