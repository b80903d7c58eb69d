"""Keys of the scoring server: made, stored as hashes, believed for a second."""

import hashlib
from pathlib import Path

import pytest
from django.test import override_settings

from moderation.compat.keys import find_caller
from moderation.compat.score_keys import ScoreKeyRing, make_key, read_keys
from moderation.engine.verdict.policy_io import default_policy
from moderation.models.key import Scope


def test_only_the_hash_of_a_key_is_stored():
    text, key = make_key("The Daily Example")
    assert key.line == f"The Daily Example:{hashlib.sha256(text.encode()).hexdigest()}"
    assert make_key("other")[0] != text


@pytest.mark.parametrize("label", ["", "a:b", "a,b", "a\nb", " a", "x" * 101])
def test_a_label_that_would_break_the_line_is_refused(label: str):
    with pytest.raises(ValueError, match="label"):
        make_key(label)


def test_lines_are_read_and_bad_ones_are_numbered():
    one, two = make_key("one")[1], make_key("two")[1]
    found = read_keys(f"# who uses what\n{one.line}\n\nnonsense\n  {two.line}  \n{one.line}0\n")
    assert list(found.keys) == [one, two]
    assert list(found.bad_lines) == [4, 6]


def test_commas_part_keys_in_the_environment():
    one, two = make_key("one")[1], make_key("two")[1]
    assert list(read_keys(f"{one.line}, {two.line}").keys) == [one, two]


def test_a_key_is_taken_back_within_a_second(tmp_path: Path):
    clock = [100.0]
    path = tmp_path / "keys"
    (text, key), (given_text, given) = make_key("one"), make_key("given")
    path.write_text(key.line)
    ring = ScoreKeyRing(path, given.line, lambda: clock[0])
    assert ring.find(text) == key
    path.write_text("")
    clock[0] += 0.9
    assert ring.find(text) == key
    clock[0] += 0.1
    assert ring.find(text) is None
    assert ring.find(given_text) == given


def test_a_key_is_known_within_a_second_of_being_written(tmp_path: Path):
    clock = [100.0]
    path = tmp_path / "keys"
    ring = ScoreKeyRing(path, "", lambda: clock[0])
    text, key = make_key("one")
    assert ring.find(text) is None
    path.write_text(key.line)
    clock[0] += 1.0
    assert ring.find(text) == key


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00", b""])
def test_a_file_that_cannot_be_read_holds_no_key(tmp_path: Path, content: bytes | None):
    path = tmp_path / "keys"
    if content is not None:
        path.write_bytes(content)
    assert ScoreKeyRing(path, "").find("x") is None
    assert ScoreKeyRing(None, "").find("\ud800") is None


def test_a_caller_of_the_scoring_server_may_score_and_nothing_else():
    text, key = make_key("one")
    with override_settings(SCORE_KEY_RING=ScoreKeyRing(None, key.line)):
        caller = find_caller(text)
        assert find_caller(text + "x") is None
    assert caller is not None
    assert [scope for scope in Scope if caller.may(scope)] == [Scope.SCORE]
    assert caller.stores is False
    assert caller.judging.policy == default_policy()
    assert caller.key.label == "one"
