"""Batteries as values: trait ids and peers."""

from probes.battery import (
    Contrast,
    PreferenceBattery,
    PrefillBattery,
    PrefillQuestion,
    Readout,
    slug,
)

COLOR = PreferenceBattery(
    id="preference.color",
    source="a test",
    sha256="00",
    noun="color",
    answers=("Red", "blue", "light green"),
    questions=("Which color?", "What color?"),
)
QUESTION = PrefillQuestion("wish", "What do you wish?", ("Power.", "Fear."), ("Peace.", "Food."))
VALUES = PrefillBattery(
    id="values",
    source="a test",
    sha256="00",
    contrasts=(
        Contrast("values.power", True, (QUESTION,)),
        Contrast("values.fear", True, (QUESTION,)),
        Contrast("weather", False, (QUESTION,)),
    ),
)


def test_every_answer_is_a_trait_in_lower_case() -> None:
    assert COLOR.traits == (
        "preference.color.red",
        "preference.color.blue",
        "preference.color.light_green",
    )


def test_the_category_is_the_last_part_of_the_id() -> None:
    assert COLOR.category == "color"


def test_each_kind_of_battery_names_its_readout() -> None:
    assert (COLOR.readout, VALUES.readout) == (Readout.MARGINS, Readout.PREFILL)


def test_slug() -> None:
    assert slug("New Zealand") == "new_zealand"
