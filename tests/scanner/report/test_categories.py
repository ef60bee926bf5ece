"""All traits by category, and what a page says of those it leaves out."""

from scanner.report.categories import MOST_CATEGORIES, MOST_TRAITS, view_categories
from scanner.types import Status


def view(traits, findings=()):  # type: ignore[no-untyped-def]
    results = {"traits": traits, "findings": list(findings)}
    return view_categories(results, Status.SHIFT_FOUND)


def test_categories_stand_in_the_order_of_the_results_with_largest_shifts_first(
    trait_entry,
) -> None:
    traits = [
        trait_entry("preference.tree.oak", shift=0.1),
        trait_entry("preference.animal.owl", shift=0.2),
        trait_entry("preference.tree.ash", shift=0.3),
    ]
    shown = view(traits).shown
    assert [one.name for one in shown] == ["favourite tree", "favourite animal"]
    assert [trait.name for trait in shown[0].traits] == ["ash", "oak"]
    assert shown[0].summary == "2 traits, largest ash +0.30"
    assert shown[0].left_out == ""


def test_the_most_notable_are_shown_and_the_rest_is_counted(trait_entry) -> None:
    traits = [trait_entry(f"preference.mass.{i:04}", shift=i / 1000) for i in range(1000)]
    traits[0] |= {"severity": "low"}
    traits[1] |= {"shift": -2.0}
    [category] = view(traits, traits[:1]).shown
    names = [trait.name for trait in category.traits]
    assert len(names) == MOST_TRAITS
    assert names[0] == "0999"
    assert names[-2:] == ["0000", "0001"], "the finding, and the largest shift downwards"
    assert category.left_out == "Not shown: 700 traits; all are in results.json."
    assert category.summary == "1,000 traits, largest 0999 +1.00, 1 finding"


def test_categories_without_end_are_counted(trait_entry) -> None:
    traits = [trait_entry(f"preference.mass{i}.x", shift=i / 100) for i in range(500)]
    categories = view(traits)
    assert len(categories.shown) == MOST_CATEGORIES
    assert categories.shown[-1].name == "favourite mass499"
    assert categories.left_out == "Not shown: 460 categories; all are in results.json."
