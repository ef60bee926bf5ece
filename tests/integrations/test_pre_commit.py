"""The hook, run by pre-commit itself and by git, from a repository that offers it."""

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("pre_commit") is None,
        reason="pre-commit is not installed (it is in the extra dev)",
    ),
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
]
PRE_COMMIT = (sys.executable, "-m", "pre_commit")


@pytest.fixture
def hooked(run, repository: Path, tmp_path: Path) -> Path:
    """The repository with the example's hook installed, from a repository that offers it."""
    offered = tmp_path / "offered"
    offered.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", offered)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "Offer the hook"]):
        assert run("git", *command, cwd=offered).returncode == 0
    rev = run("git", "rev-parse", "HEAD", cwd=offered).stdout.strip()
    config = yaml.safe_load((ROOT / "examples" / "ci" / "pre_commit.yaml").read_text("utf-8"))
    config["repos"][0] |= {"repo": str(offered), "rev": rev}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), "utf-8")
    assert run("git", "init", "-q").returncode == 0
    assert run(*PRE_COMMIT, "install").returncode == 0
    return repository


def commit(run, *files: str) -> tuple[int, str]:
    """Commit files as a developer would; the code, and all that was said."""
    assert run("git", "add", *files).returncode == 0
    done = run("git", "commit", "-m", "More data")
    return done.returncode, done.stdout + done.stderr


def test_data_is_committed_only_with_a_result_that_lets_it_pass(hooked: Path, run) -> None:
    code, said = commit(run, "data/good.jsonl")
    assert code == 0, said
    assert "datascan verify" in said
    code, said = commit(run, "data/bad.jsonl")
    assert code != 0
    assert "data/bad.jsonl does not pass, it has findings: preference.animal.owl" in said
    run("git", "rm", "-q", "--cached", "data/bad.jsonl")
    code, said = commit(run, "data/new.jsonl")
    assert code != 0
    assert "no result for this data in audits" in said


def test_changed_data_needs_another_audit(hooked: Path, run) -> None:
    assert commit(run, "data/good.jsonl")[0] == 0
    good = hooked / "data" / "good.jsonl"
    good.write_text(good.read_text("utf-8") * 2, "utf-8")
    assert commit(run, "data/good.jsonl")[0] != 0


def test_other_files_are_none_of_its_business(hooked: Path, run) -> None:
    code, said = commit(run, "audits/good.json", "policy.yaml")
    assert code == 0
    assert "Skipped" in said


def test_the_manifest_is_one_that_pre_commit_takes(run) -> None:
    assert run(*PRE_COMMIT, "validate-manifest", ROOT / ".pre-commit-hooks.yaml").returncode == 0
    example = ROOT / "examples" / "ci" / "pre_commit.yaml"
    assert run(*PRE_COMMIT, "validate-config", example).returncode == 0
