from bench.spans import character_f1, mark_always, mark_signals


def test_the_measure_is_the_tasks_own():
    assert character_f1({1, 2}, {2, 3, 4}) == 2 * 1 / 5
    assert character_f1(set(), set()) == 1.0
    assert character_f1({1}, set()) == 0.0
    assert character_f1(set(), {1}) == 0.0


def test_marks_are_places_of_the_original():
    text = "Well, you are a wor\u200bthless id1ot."
    assert text.index("id1ot") in mark_signals(text)
    assert mark_signals("A quiet day at the harbour.") == set()


def test_a_text_without_a_signal_is_explained_all_the_same():
    text = "What a foolish thing to say."
    assert mark_always(text) >= mark_signals(text)
