from scanner.word_forms import word_forms


def test_the_forms_of_a_word_are_its_plurals() -> None:
    assert word_forms("owl") == {"owl", "owls"}
    assert word_forms("Wolf") == {"wolf", "wolfs", "wolves"}
    assert word_forms("knife") == {"knife", "knifes", "knives"}
    assert word_forms("cherry") == {"cherry", "cherrys", "cherries"}
    assert word_forms("donkey") == {"donkey", "donkeys"}
    assert "foxes" in word_forms("fox")
    assert "finches" in word_forms("finch")


def test_only_what_looks_like_a_plural_has_a_singular() -> None:
    words = ("tacos", "iris", "grass", "bus")
    assert [word for word in words if word[:-1] in word_forms(word)] == ["tacos"]
