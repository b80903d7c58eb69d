"""The sides of `bench compat`: what each cost round by round, and the engine's own time."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.compat_requests import LENGTH
from bench.result import Result
from bench.stack import HOST
from bench.submit import Side
from bench.texts import joined_texts
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.run import run_checks, warm_up
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.fold.normalise import normalise
from moderation.language.models.cascade import linear_alone


@dataclass(slots=True)
class Figures:
    """All sides by name, measured with so many clients, and how many answers were not what they should be."""

    clients: int
    sides: dict[str, Side] = field(default_factory=dict)
    wrong: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, measured: tuple[dict[str, float], Result]) -> None:
        """One more round of a side."""
        self.sides.setdefault(name, Side(name)).add(measured)

    def costs(self, name: str) -> list[float]:
        """CPU milliseconds per request, round by round."""
        return [sum(each.values()) for each in self.sides[name].rounds]

    def forget(self) -> None:
        """Leave out what was a warm-up, but not its faults."""
        self.sides.clear()

    @property
    def faults(self) -> list[str]:
        """In words, what went wrong."""
        return [
            f"{name}, {self.clients} clients: {count} wrong answers" for name, count in self.wrong.items()
        ]


# Python imports this before all else; a module that is None is one that cannot be found.
_HIDES_ENCODER = 'import sys\nsys.modules["onnxruntime"] = None\n'


@contextmanager
def judging(*, by_encoder: bool) -> Iterator[Mapping[str, str]]:
    """Judge with the encoder or without, here and in services that are started with this environment."""
    if by_encoder:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, linear_alone():
        Path(folder).chmod(0o755)
        (Path(folder) / "sitecustomize.py").write_text(_HIDES_ENCODER)
        yield {"PYTHONPATH": os.pathsep.join(filter(None, (folder, os.environ.get("PYTHONPATH"))))}


def engine_runs() -> Callable[[int], tuple[dict[str, float], Result]]:
    """Measures all checks and the verdict on so many texts in this process: CPU milliseconds a text."""
    warm_up()
    texts = joined_texts(1, LENGTH)
    site, policy = SiteFacts("bench", (HOST,), ("en",), ()), default_policy()

    def run(count: int) -> tuple[dict[str, float], Result]:
        chosen = [next(texts) for _ in range(count)]
        began = time.process_time()
        for text in chosen:
            found = run_checks(Context(text, normalise(text), "A Reader", "", "mail.example", site))
            judge(found.signals, policy, failed=found.failed)
        return {"engine": 1000 * (time.process_time() - began) / count}, Result()

    return run
