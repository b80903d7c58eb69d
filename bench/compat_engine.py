"""Runs the engine alone for `bench/compat.py`: for each number on its input it judges so many texts.

It answers with the milliseconds of CPU a text took: all checks and the verdict, as `bench checks` runs them.
"""

import sys
import time

from bench.compat_requests import LENGTH
from bench.stack import HOST
from bench.texts import joined_texts
from moderation.engine.facts import Context, SiteFacts
from moderation.engine.run import run_checks, warm_up
from moderation.engine.verdict.judging import judge
from moderation.engine.verdict.policy_io import default_policy
from moderation.language.fold.normalise import normalise

_SITE, _POLICY = SiteFacts("bench", (HOST,), ("en",), ()), default_policy()


def judge_text(text: str) -> None:
    """What any service has to have done for a text."""
    found = run_checks(Context(text, normalise(text), "A Reader", "", "mail.example", _SITE))
    judge(found.signals, _POLICY, failed=found.failed)


def serve(seed: int) -> None:
    """Answer until the input ends."""
    warm_up()
    texts = joined_texts(seed, LENGTH)
    for line in sys.stdin:
        chosen = [next(texts) for _ in range(int(line))]
        began = time.process_time()
        for text in chosen:
            judge_text(text)
        print(1000 * (time.process_time() - began) / len(chosen), flush=True)


if __name__ == "__main__":
    serve(int(sys.argv[1]))
