"""The sides of `bench compat`: what each cost round by round, and the engine's own time."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Self

from bench.result import Result
from bench.submit import Side
from moderation.language.models.cascade import linear_alone
from tests.stack import BASE


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


class Engines:
    """Processes that run the engine and nothing else, as many as cores that a service keeps busy.

    What a thing costs depends on what the other core does, so the engine is measured with as much beside it.
    """

    def __init__(self, processes: int, environment: Mapping[str, str]) -> None:
        self._children = [
            subprocess.Popen(
                [sys.executable, "-m", "bench.compat_engine", str(seed)],
                cwd=BASE,
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for seed in range(processes)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in self._children:
            with child:  # its input ends, and so does it
                pass

    def measure(self, count: int) -> tuple[dict[str, float], Result]:
        """CPU milliseconds a text of so many in all, by all processes at the same time."""
        share = -(-count // len(self._children))
        for child in self._children:
            assert child.stdin is not None
            print(share, file=child.stdin, flush=True)
        costs = [float(child.stdout.readline()) for child in self._children if child.stdout is not None]
        return {"engine": fmean(costs)}, Result()
