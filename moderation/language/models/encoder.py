"""The small encoder: a second opinion on English texts, where `onnxruntime` is installed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from moderation.language.models.heads import Head
from moderation.language.models.wordpiece import WordPieces

MODEL = Path(__file__).parent / "encoder.onnx"
ABUSE = "abuse"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Calibrated log-odds: of each head that the model was taught, and of abuse of any kind."""

    heads: Mapping[Head, float]
    abuse: float


class Encoder:
    """The model in `path`; its vocabulary, calibration and record of training stand in the file.

    `golden` has folded texts and the log-odds that they got when the file was made, in the order of
    `outputs`. Uses one thread. Raises `ImportError` without onnxruntime, `ValueError` for a file whose
    checksum is not the one in the file of the same name ending in `.sha256`.
    """

    def __init__(self, path: Path = MODEL) -> None:
        import onnxruntime

        blob = path.read_bytes()
        if hashlib.sha256(blob).hexdigest() != path.with_suffix(".sha256").read_text().split()[0]:
            raise ValueError(f"{path.name} is not the file that its checksum was made for.")
        self._session: Any = onnxruntime.InferenceSession(
            blob, _session_options(onnxruntime), providers=["CPUExecutionProvider"]
        )
        notes = self._session.get_modelmeta().custom_metadata_map
        self.record: Mapping[str, Any] = json.loads(notes["record"])
        self._splitter = WordPieces(json.loads(notes["vocabulary"]))
        self._outputs: list[tuple[str, float, float]] = json.loads(notes["outputs"])
        self.golden: Sequence[tuple[str, Sequence[float]]] = json.loads(notes["golden"])

    @property
    def outputs(self) -> Sequence[str]:
        """What the model answers: names of heads, and `abuse`."""
        return [name for name, _, _ in self._outputs]

    @property
    def version(self) -> str:
        """The day on which the model was made, and the run."""
        return str(self.record["version"])

    def judge(self, folded: str) -> SecondOpinion:
        """What the model makes of `folded`, the text of a `Normalised`; its first 96 pieces count.

        The same text gets the same answer, whatever else is judged.
        """
        ids = np.array(self._splitter.encode(folded), dtype=np.int64)
        (logits,) = self._session.run(None, {"ids": ids})
        odds = {
            name: slope * float(logit) + shift
            for (name, slope, shift), logit in zip(self._outputs, logits, strict=True)
        }
        abuse = odds.pop(ABUSE)
        return SecondOpinion({Head(name): value for name, value in odds.items()}, abuse)

    def judge_many(self, texts: Iterable[str]) -> Iterator[SecondOpinion]:
        """`judge` for each of `texts`: one by one, since texts in a batch would round one another."""
        return map(self.judge, texts)


def _session_options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # An arena keeps the memory of the longest text for ever.
    options.enable_cpu_mem_arena = False
    return options


@cache
def encoder() -> Encoder | None:
    """The shipped encoder, loaded once a process; None, said once, where onnxruntime is missing."""
    try:
        return Encoder()
    except ImportError:
        log.info("encoder.not_installed")
        return None
