"""What a broker in trouble costs the readers: `python3 run.py bench broker [--seconds 10] [--json]`.

Posts the same load to one service with its broker well, gone, and hanging. After each pause of 2 s one
call tries whether the broker is back, and may be slow: these are counted as `tries`, and the time that
is added "while open" is that of all others.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.faults.broker import BrokerScene, own_broker_scene
from tests.faults.posting import SLOW_S, Posts, post_for, wait_until_screened

RATE = 20.0
GOAL_MS = 100.0
# What the breaker pauses, less the time that a request takes to get there.
_PAUSE_S = 1.9


def main() -> None:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(prog="run.py bench broker", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the database's own user passes through
        with own_broker_scene(Path(folder)) as made:
            results = measure(made, options.seconds)
    if options.json:
        print(json.dumps(results))
        return
    for name, figures in results.items():
        print(f"{name:<8}" + "  ".join(f"{label} {value:g}" for label, value in figures.items()))


def measure(made: BrokerScene, seconds: float) -> dict[str, dict[str, float]]:
    """Figures by the broker's health."""
    post_for(made.scene, 3, rate=RATE)  # the first answers of a process are slow
    well = post_for(made.scene, seconds, rate=RATE)
    results = {"well": describe(made, well)}
    for name, begin, end in (
        ("gone", made.proxy.refuse, made.proxy.take),
        ("hanging", made.hang, made.go_on),
    ):
        begin()
        try:
            posts = post_for(made.scene, seconds, rate=RATE)
        finally:
            end()
        results[name] = describe(made, posts) | added(posts, well)
    return results


def describe(made: BrokerScene, posts: Posts) -> dict[str, float]:
    """What one load met."""
    screened = wait_until_screened(made.scene, posts.ids, within_s=60)
    return {
        "posts": len(posts.posts),
        "accepted": len(posts.ids),
        "p99_ms": round(posts.p99_ms(), 1),
        "slow_in_2s": posts.slow_in_any(2.0),
        "longest_until_screened_s": round(screened.longest_s, 2),
        "by_celery": screened.by_celery,
    }


def added(posts: Posts, well: Posts) -> dict[str, float]:
    """What the trouble adds at the 99th percentile while the breaker is open."""
    others, tried_at = Posts(), [float("-inf")]
    for post in sorted(posts.posts, key=lambda each: each.at):
        if post.took_s > SLOW_S and post.at - tried_at[-1] >= _PAUSE_S:
            tried_at.append(post.at)
        else:
            others.posts.append(post)
    added_ms = others.p99_ms() - well.p99_ms()
    return {
        "tries": len(tried_at) - 1,
        "added_p99_while_open_ms": round(added_ms, 1),
        "goal_ms": GOAL_MS,
    }


if __name__ == "__main__":
    main()
