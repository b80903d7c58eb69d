"""A bounded cache by version: what it keeps, what it loads, and what threads see of one another."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from moderation.lib.version_cache import VersionCache


class Source:
    """Loads values and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, int]] = []

    def load(self, versions: Mapping[str, int]) -> dict[str, str]:
        self.asked.append(dict(versions))
        return {key: f"{key}{version}" for key, version in versions.items() if key != "gone"}


def test_a_version_is_loaded_once():
    cache: VersionCache[str, str] = VersionCache(4)
    source = Source()
    assert cache.load({"a": 1, "b": 1}, source.load) == {"a": "a1", "b": "b1"}
    assert cache.load({"a": 1, "b": 2}, source.load) == {"a": "a1", "b": "b2"}
    assert cache.load({"b": 2}, source.load) == {"b": "b2"}
    assert source.asked == [{"a": 1, "b": 1}, {"b": 2}]


def test_what_was_used_least_lately_is_loaded_again():
    cache: VersionCache[str, str] = VersionCache(2)
    source = Source()
    for key in ("a", "b", "a", "c", "a", "b"):
        cache.load({key: 1}, source.load)
    assert source.asked == [{"a": 1}, {"b": 1}, {"c": 1}, {"b": 1}]


def test_more_than_fits_is_returned_all_the_same():
    cache: VersionCache[str, str] = VersionCache(2)
    assert len(cache.load(dict.fromkeys("abcdefg", 1), Source().load)) == 7


def test_what_the_source_does_not_have_is_left_out_and_asked_for_again():
    cache: VersionCache[str, str] = VersionCache(2)
    source = Source()
    for _ in range(2):
        assert cache.load({"gone": 1}, source.load) == {}
    assert source.asked == [{"gone": 1}] * 2


def test_threads_that_push_one_anothers_values_out_get_all_of_their_own():
    cache: VersionCache[str, str] = VersionCache(2)
    start = Barrier(8)

    def work(number: int) -> bool:
        start.wait(10)
        keys = [f"{number + step}-" for step in range(3)]
        return all(
            cache.load(dict.fromkeys(keys, turn), Source().load) == {key: f"{key}{turn}" for key in keys}
            for turn in range(500)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
