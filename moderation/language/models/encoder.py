"""The small encoder, which gives a second opinion on English texts where `onnxruntime` is installed."""

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
    """The encoder's calibrated log-odds: of each head that it was trained on, and of abuse of any kind."""

    heads: Mapping[Head, float]
    abuse: float


class Encoder:
    """The model in the file `path`, which also contains its vocabulary, calibration and record of training.

    `golden` has folded texts with their log-odds when the file was made, in the order of `outputs`. The model
    runs in one thread. Raises `ImportError` without onnxruntime, and `ValueError` if the checksum of the file
    is not the one in the file of the same name that ends in `.sha256`.
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
        """The names of the model's outputs: heads, and `abuse`."""
        return [name for name, _, _ in self._outputs]

    @property
    def version(self) -> str:
        """The day on which the model was made, and the number of the training run."""
        return str(self.record["version"])

    def judge(self, folded: str) -> SecondOpinion:
        """The prediction for `folded`, the text of a `Normalised`, of which the first 96 word pieces count.

        It does not depend on other texts.
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
        """`judge` for each of `texts`, one by one: in a batch the rounding depends on the other texts."""
        return map(self.judge, texts)


def _session_options(onnxruntime: Any) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # An arena would never free the memory that the longest text needed.
    options.enable_cpu_mem_arena = False
    return options


@cache
def encoder() -> Encoder | None:
    """The shipped encoder, loaded once in a process; None (logged once) where onnxruntime is missing."""
    try:
        return Encoder()
    except ImportError:
        log.info("encoder.not_installed")
        return None
