"""Reports the progress of long work, a line every two seconds."""

import time
from collections.abc import Callable

_EVERY_S = 2.0


class ProgressLine:
    """Call it with the bytes done so far. `text` may name `{done}`, `{whole}` and `{percent}`."""

    def __init__(self, report: Callable[[str], None], text: str, whole: int = 0) -> None:
        self._report = report
        self._text = text
        self._whole = whole
        self._told_at = time.monotonic()

    def __call__(self, count: int) -> None:
        """Report the progress if it is time to."""
        if time.monotonic() - self._told_at < _EVERY_S:
            return
        self._told_at = time.monotonic()
        percent = 100 * count // self._whole if self._whole else 0
        self._report(self._text.format(done=megabytes(count), whole=megabytes(self._whole), percent=percent))


def megabytes(count: int) -> str:
    """Bytes in a form for people."""
    return f"{count / 1_000_000:.1f} MB"
