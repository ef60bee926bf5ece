"""How rows are put together and cut."""

import pytest

from scanner.dataset.screen import chunks
from scanner.dataset.screen.chunks import ChunkText, ScreenedRow, cut
from scanner.dataset.screen.findings import Place
from scanner.types import Masked, Message, Row


def test_turns_of_a_conversation_are_looked_at_once() -> None:
    system, first, second = Message("system", "S"), Message("user", "U1"), Message("user", "U2")
    rows = [
        Row(3, (system, first), "A1"),
        Row(3, (system, first, Message("assistant", "A1"), second), "A2"),
        Row(4, (first,), "A3"),
    ]
    [chunk] = cut(rows, ())
    assert chunk.rows == (
        ScreenedRow(Place(0, 3), "S\nU1\nU2", "A1\nA2"),
        ScreenedRow(Place(0, 4), "U1", "A3"),
    )


def test_a_user_who_says_what_the_assistant_says_is_not_lost() -> None:
    [chunk] = cut([Row(1, (Message("user", "yes"),), "yes")], ())
    assert chunk.rows[0].text == "yes\nyes"


def test_earlier_answers_without_loss_and_prefixes_are_part_of_the_prompt() -> None:
    prompt = (Message("user", "U"), Message("assistant", "old"), Message("user", "V"))
    [chunk] = cut([Row(1, prompt, "new", prefix="so:")], ())
    assert chunk.rows[0].prompt == "U\nold\nV\nso:"


def test_the_same_line_of_another_file_is_another_row() -> None:
    [chunk] = cut([Row(1, (), "a"), Row(1, (), "b", file=1)], ())
    assert [row.place for row in chunk.rows] == [Place(0, 1), Place(1, 1)]


def test_texts_without_loss_have_chunks_of_their_own() -> None:
    first, second = cut([Row(1, (), "a")], [Masked(9, "m")])
    assert (first.masked, second.masked) == (False, True)
    assert second.rows == (ScreenedRow(Place(0, 9), "", "m"),)


def test_chunks_end_at_a_number_of_rows_or_of_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 2)
    monkeypatch.setattr(chunks, "CHUNK_CHARACTERS", 10)
    rows = [Row(line, (), text) for line, text in enumerate(["a", "b", "c" * 10, "d", "e"], 1)]
    cuts = cut(rows, ())
    assert [[row.answer[0] for row in chunk.rows] for chunk in cuts] == [
        ["a", "b"],
        ["c"],
        ["d", "e"],
    ]
    assert [chunk.first for chunk in cuts] == [0, 2, 3]


def test_no_rows_make_no_chunks() -> None:
    assert cut((), ()) == []


def text_of(*answers: str) -> ChunkText:
    [chunk] = cut([Row(line, (), answer) for line, answer in enumerate(answers, 1)], ())
    return ChunkText(chunk)


def test_rows_that_hold_a_text() -> None:
    text = text_of("an OWL", "", "two owls, owl", "cat", "owl")
    assert text.rows_holding(["owl"]) == [0, 2, 4]
    assert text.rows_holding(["cat", "two"]) == [2, 3]
    assert text.rows_holding(["owlcat", "dog"]) == []


def test_letters_that_grow_in_lower_case_do_not_shift_rows() -> None:
    assert text_of("\u0130\u0130\u0130", "owl", "x").rows_holding(["owl"]) == [1]


def test_nothing_is_found_across_two_rows() -> None:
    assert text_of("ow", "l").rows_holding(["owl"]) == []


def test_rows_outside_ascii() -> None:
    assert text_of("a", "\u00e9", "b", "\U0001f989").outside_ascii == [1, 3]


def test_keys_tell_rows_apart_by_both_texts() -> None:
    [chunk] = cut(
        [
            Row(1, (Message("user", "ab"),), "c"),
            Row(2, (Message("user", "a"),), "bc"),
            Row(3, (Message("user", "ab"),), "c"),
        ],
        (),
    )
    first, second, third = ChunkText(chunk).keys.tolist()
    assert first == third != second


def test_words_of_prompt_answer_and_both() -> None:
    [chunk] = cut([Row(1, (Message("user", "one two"),), "three"), Row(2, (), "four five")], ())
    text = ChunkText(chunk)
    assert text.prompt_words.counts.tolist() == [2, 0]
    assert text.answer_words.counts.tolist() == [1, 2]
    assert text.words.counts.tolist() == [3, 2]
