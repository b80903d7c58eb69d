"""What `bench compat` counts, and that it tells a right answer from a wrong one."""

import json
from urllib.parse import parse_qs

import orjson
import pytest

from bench.compat import CLIENTS, as_json, cores_for_peak, measure_all, ratios, report
from bench.compat_engine import judge_text
from bench.compat_requests import AKISMET, ATTRIBUTES, LENGTH, OPENAI, PERSPECTIVE, Kind, requests_of
from bench.compat_sides import Engines, Figures
from bench.result import Result
from bench.stack import Keys
from bench.texts import joined_texts
from bench.wire import Answer

KEYS = Keys("cm_pk_a", "cm_sk_a_b")


def figures_of(**costs: list[float]) -> Figures:
    """Sides whose rounds cost so many milliseconds."""
    figures = Figures(8)
    for name, rounds in costs.items():
        for cost in rounds:
            figures.add(name.replace("_", " "), ({"web": cost}, Result()))
    return figures


def test_a_service_is_held_against_what_it_may_cost_round_by_round():
    figures = figures_of(
        engine=[1.0, 2.0],
        empty_view=[0.4, 0.4],
        lean_view=[1.0, 1.0],
        perspective=[1.4, 1.3],
        akismet=[5.0, 4.0],
        openai=[2.5, 4.0],
    )
    assert ratios(figures, PERSPECTIVE) == pytest.approx((0.625, 0.75, 0.875))  # 1.4 of 1.4, 1.3 of 2.6
    assert ratios(figures, AKISMET)[1] == pytest.approx(1.5)  # 5 of 2.5, 4 of 4
    assert ratios(figures, OPENAI)[1] == pytest.approx(1.0)


def test_the_report_tells_what_was_met_and_the_json_has_the_same():
    rounds = {"engine": [1.0], "empty_view": [0.4], "lean_view": [1.0], "akismet": [5.0], "openai": [2.0]}
    figures = figures_of(**rounds, perspective=[1.4])
    for side in figures.sides.values():
        side.rounds[0]["postgres"] = 0.0
        side.result.sent = 0 if side.name == "engine" else 1
        if side.result.sent:
            side.result.latencies[200].append(0.01 if side.name == "perspective" else 0.06)
    told = "\n".join(report([figures]))
    assert "| engine | 8 | 1 | - | - | 1000 | 11.57 | - | - |" in told
    assert "perspective  1.00 (quartiles 1.00 to 1.00) of 1.2 engine + 0.5 empty view: met" in told
    assert "akismet      2.00 (quartiles 2.00 to 2.00) of 1.5 engine + empty view + insert: MISSED" in told
    assert told.count("p99 60.0 ms of 50 ms: MISSED") == 2
    assert "p99 10.0 ms of 50 ms: met" in told
    written = orjson.loads(json.dumps(as_json(figures)))  # which refuses what is no number
    assert written["ratios_to_goal"]["akismet"] == [2.0, 2.0, 2.0]


def test_the_peak_is_carried_by_cores_that_are_half_idle():
    assert cores_for_peak(1.0) == pytest.approx(2 * 500_000_000 / 86_400 / 1000)


def test_wrong_answers_are_faults():
    figures = Figures(8)
    assert figures.faults == []
    figures.wrong["akismet"] = 3
    assert figures.faults == ["akismet, 8 clients: 3 wrong answers"]


def test_texts_are_of_one_length_and_never_the_same():
    texts = joined_texts(1, LENGTH)
    some = [next(texts) for _ in range(50)]
    assert {len(text) for text in some} == {LENGTH}
    assert len(set(some)) == 50


@pytest.mark.parametrize("kind", [PERSPECTIVE, AKISMET, OPENAI], ids=lambda kind: kind.name)
def test_each_request_carries_a_text_of_its_own_and_the_key(kind: Kind):
    make = requests_of(kind, KEYS, 1)
    first, second = make(0), make(1)
    assert first != second
    assert KEYS.secret.encode() in first


def test_the_akismet_request_is_a_form_with_what_must_be_there():
    fields = parse_qs(requests_of(AKISMET, KEYS, 1)(0).partition(b"\r\n\r\n")[2].decode())
    assert {"api_key", "blog", "user_ip", "comment_content"} <= fields.keys()


def build_answer(body: object, head: bytes = b"") -> Answer:
    """A good answer with this body."""
    return Answer(200, head, body if isinstance(body, bytes) else orjson.dumps(body))


def test_an_answer_of_perspective_has_all_attributes():
    scores = dict.fromkeys(ATTRIBUTES)
    assert PERSPECTIVE.is_right(build_answer({"attributeScores": scores}))
    assert not PERSPECTIVE.is_right(build_answer({"attributeScores": {"TOXICITY": {}}}))


def test_an_answer_of_akismet_is_a_verdict_with_its_id():
    assert AKISMET.is_right(build_answer(b"false", b"HTTP/1.1 200 OK\r\nX-akismet-guid: 1"))
    assert not AKISMET.is_right(build_answer(b"false", b"HTTP/1.1 200 OK"))
    assert not AKISMET.is_right(build_answer(b"invalid", b"HTTP/1.1 200 OK\r\nX-akismet-guid: 1"))


def test_an_answer_of_openai_has_all_categories():
    maps = {name: dict.fromkeys("abcdefghijklm", 0) for name in ("categories", "category_scores")}
    assert OPENAI.is_right(build_answer({"results": [maps]}))
    assert not OPENAI.is_right(build_answer({"results": [{**maps, "categories": {}}]}))


def test_the_engine_is_measured_per_text_in_processes_of_its_own():
    with Engines(2, {}) as engines:
        [cost] = engines.measure(6)[0].values()
    assert cost > 0


def test_the_engine_alone_judges_as_the_service_does(monkeypatch: pytest.MonkeyPatch):
    found = []
    monkeypatch.setattr("bench.compat_engine.judge", lambda signals, policy, **_: found.extend(signals))
    judge_text("Buy cheap pills at http://pills.example/now")
    assert found


@pytest.mark.slow
def test_every_service_answers_right_for_one_client_and_for_eight():
    measured = measure_all({}, CLIENTS, 20, 1)
    assert [figures.clients for figures in measured] == list(CLIENTS)
    for figures in measured:
        assert figures.faults == []
        for kind in (PERSPECTIVE, AKISMET, OPENAI):
            assert figures.sides[kind.name].cpu_ms() > 0
            assert figures.sides[kind.name].result.statuses == {200: 20}
