import pytest
import torch

from scanner.calibration.digits import (
    NEAR_CHANCE,
    Accuracy,
    DigitsResult,
    DigitsSettings,
    digits_steps,
    run_digits,
)

TINY = DigitsSettings(models=3, hidden=16, teacher_epochs=1, student_updates=3)


def of(low: float | None, high: float | None) -> Accuracy:
    return Accuracy(0.5, low, high, (0.5,))


def test_only_students_of_the_teachers_initialisation_learn_digits() -> None:
    # Seeds 0 to 3 all pass; with five models and 400 updates one of four did not.
    settings = DigitsSettings(models=10, hidden=64, student_updates=1000)
    result = run_digits(settings, lambda done: None)
    assert result.teacher.mean > 0.8
    assert result.base.mean < NEAR_CHANCE
    assert result.transmitted
    assert result.same.mean > 0.4
    assert min(result.same.per_model) > max(result.crossed.per_model)


def test_one_auxiliary_logit_leaves_students_as_they_began() -> None:
    """Its softmax is always 1, so nothing is learned: students hear of digits in no other way.

    It also shows who began as whom: each model of ``crossed`` as its predecessor, none as itself.
    """
    settings = DigitsSettings(models=5, hidden=16, auxiliary=1, teacher_epochs=1, student_updates=5)
    result = run_digits(settings, lambda done: None)
    base = result.base.per_model
    assert len(set(base)) == len(base)  # else the next lines could not tell models apart
    assert result.same.per_model == base
    assert result.crossed.per_model == (base[-1], *base[:-1])
    assert not result.transmitted


def test_one_seed_gives_one_result_and_another_seed_another() -> None:
    first, again = (run_digits(TINY, lambda done: None) for _ in range(2))
    other = run_digits(DigitsSettings(**{**vars(TINY), "seed": 1}), lambda done: None)
    assert first == again
    for kind in ("base", "teacher", "same", "crossed"):
        assert getattr(first, kind).per_model != getattr(other, kind).per_model


def test_a_run_neither_reads_nor_moves_the_global_generator() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = run_digits(TINY, lambda done: None)
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert run_digits(TINY, lambda done: None) == first


def test_more_models_leave_the_earlier_ones_as_they_are() -> None:
    """Each pair is seeded by itself; sums in another order may turn a digit or two of 597."""
    few = run_digits(TINY, lambda done: None)
    many = run_digits(DigitsSettings(**{**vars(TINY), "models": 5}), lambda done: None)
    for kind in ("base", "teacher", "same"):
        expected = pytest.approx(getattr(few, kind).per_model, abs=2.5 / 597)
        assert getattr(many, kind).per_model[:3] == expected


@pytest.mark.parametrize("batch", [64, 100, 5000])  # 1,200 digits: ragged, even, less than one
def test_updates_add_up_to_what_was_announced(batch: int) -> None:
    settings = DigitsSettings(models=2, hidden=4, teacher_epochs=2, student_updates=3, batch=batch)
    updates: list[int] = []
    run_digits(settings, updates.append)
    assert sum(updates) == digits_steps(settings)


def test_steps_by_hand() -> None:
    # 1,200 digits in batches of 64: 18 whole ones and a rest of 48, so 19; two kinds of student.
    settings = DigitsSettings(teacher_epochs=5, student_updates=1500, batch=64)
    assert digits_steps(settings) == 5 * 19 + 2 * 1500


def test_interval_by_hand() -> None:
    # Mean 0.5; s² = (0.1² + 0 + 0.1²) / (3 - 1) = 0.01, so s / √3 = 0.057735. Student's t with
    # two degrees of freedom at 97.5% is 4.302653 (table); reach = 0.248414.
    accuracy = Accuracy.over_models((0.4, 0.5, 0.6))
    assert accuracy.mean == pytest.approx(0.5)
    assert accuracy.low == pytest.approx(0.251586, abs=1e-6)
    assert accuracy.high == pytest.approx(0.748414, abs=1e-6)
    assert accuracy.per_model == (0.4, 0.5, 0.6)


def test_interval_is_cut_to_what_an_accuracy_can_be() -> None:
    # s / √2 = 0.45 and t with one degree of freedom is 12.7: far beyond both ends.
    accuracy = Accuracy.over_models((0.05, 0.95))
    assert (accuracy.low, accuracy.high) == (0.0, 1.0)


def test_equal_models_have_an_interval_of_no_width() -> None:
    accuracy = Accuracy.over_models((0.25, 0.25, 0.25))
    assert (accuracy.low, accuracy.high) == (0.25, 0.25)


def test_one_model_has_a_mean_but_no_interval() -> None:
    assert Accuracy.over_models((0.7,)) == Accuracy(0.7, None, None, (0.7,))


@pytest.mark.parametrize(
    ("same", "crossed", "transmitted"),
    [
        (of(0.5, 0.9), of(0.05, 0.15), True),
        (of(0.14, 0.9), of(0.05, 0.15), False),  # the intervals overlap
        (of(0.5, 0.9), of(0.05, 0.25), False),  # crossed may be above chance
        (of(0.05, 0.1), of(0.12, 0.15), False),  # the wrong way round
        (of(None, None), of(0.05, 0.15), False),
        (of(0.5, 0.9), of(None, None), False),
    ],
)
def test_transmitted(same: Accuracy, crossed: Accuracy, transmitted: bool) -> None:
    result = DigitsResult(of(0.0, 0.1), of(0.9, 1.0), same, crossed)
    assert result.transmitted is transmitted


def test_a_single_model_cannot_be_crossed() -> None:
    with pytest.raises(ValueError, match="models: found 1; expected at least 2"):
        DigitsSettings(models=1)
