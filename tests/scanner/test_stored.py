"""A stored result is what was written, or it is not there."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from scanner.progress import OnRows
from scanner.stored import Place, StoredJob, StoredTogether, read_result, write_result


@dataclass(frozen=True)
class Answer:
    text: str
    score: float


WRITTEN = Answer('owl, "42"\n', -2.5e-17)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs" / "answer.json"


def test_a_result_comes_back_exactly(path: Path) -> None:
    write_result(path, WRITTEN, Answer)
    assert read_result(path, Answer) == WRITTEN


def test_a_file_cut_anywhere_is_no_result(path: Path) -> None:
    write_result(path, WRITTEN, Answer)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert read_result(path, Answer) is None, length


def test_a_flipped_bit_anywhere_is_no_result(path: Path) -> None:
    write_result(path, WRITTEN, Answer)
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_result(path, Answer) is None, place


@pytest.mark.parametrize("content", ["", "{}", '{"text":"owl","score":1.0}', "null"])
def test_a_file_without_a_seal_is_no_result(path: Path, content: str) -> None:
    path.parent.mkdir()
    path.write_text(content)
    assert read_result(path, Answer) is None


def test_a_result_of_another_kind_is_none(path: Path) -> None:
    write_result(path, (1, 2), tuple[int, ...])
    assert read_result(path, Answer) is None


@dataclass(frozen=True)
class Training:
    """Leaves a folder, as the training of an adapter does."""

    adapter: Path
    rows: int = 3

    def run(self, on_rows: OnRows) -> int:
        self.adapter.mkdir(exist_ok=True)
        (self.adapter / "weights").write_bytes(bytes(1000))
        on_rows(3)
        return 7


@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "one more"])
def test_a_result_is_worth_nothing_without_the_folder_that_belongs_to_it(
    path: Path, tmp_path: Path, damage: str
) -> None:
    adapter = tmp_path / "adapter"
    job = StoredJob(path, Training(adapter), int, leaves=adapter)
    heard: list[int] = []
    assert job.run(heard.append) == 7
    assert job.rows == 0
    weights = adapter / "weights"
    match damage:
        case "cut":
            weights.write_bytes(bytes(900))
        case "changed":
            weights.write_bytes(bytes(999) + b"\x01")
        case "gone":
            weights.unlink()
            adapter.rmdir()
        case "one more":
            (adapter / "adapter_model.bin").write_bytes(b"a pickle")
    assert job.rows == 3
    if damage != "one more":
        assert job.run(heard.append) == 7
        assert heard == [3, 3]
        assert job.rows == 0


@dataclass(frozen=True)
class Trainings:
    """Leaves several folders, as trainings side by side do."""

    adapters: tuple[Path, ...]
    rows: int = 6

    def run(self, on_rows: OnRows) -> tuple[int, ...]:
        for adapter in self.adapters:
            Training(adapter).run(on_rows)
        return tuple(range(len(self.adapters)))


def test_results_of_one_job_are_kept_each_for_itself(tmp_path: Path) -> None:
    """One that is damaged brings them all about again; a job of its own finds the other."""
    adapters = (tmp_path / "probe-0", tmp_path / "probe-1")
    places = tuple(Place(tmp_path / "jobs" / f"{one.name}.json", one) for one in adapters)
    together = StoredTogether(places, Trainings(adapters), int)
    heard: list[int] = []
    assert together.rows == 6
    assert together.run(heard.append) == (0, 1)
    assert (together.rows, together.run(heard.append), heard) == (0, (0, 1), [3, 3])
    alone = StoredJob(places[1].path, Training(adapters[1]), int, leaves=adapters[1])
    assert (alone.rows, alone.run(heard.append)) == (0, 1)
    (adapters[0] / "weights").unlink()
    assert (together.rows, alone.rows) == (6, 0)
    assert together.run(heard.append) == (0, 1)
    assert together.rows == 0
