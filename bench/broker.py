"""What a broker in trouble costs the readers: `python3 run.py bench broker [--seconds 10] [--json]`.

Posts the same load to one service with its broker well, gone, and hanging. "Once open" leaves out the
first second of the trouble, in which the breaker has not opened yet. The calls that try after each
pause whether the broker is back are counted.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tests.faults.broker import BrokerScene, own_broker_scene
from tests.faults.posting import Posts, post_for, wait_until_screened

RATE = 20.0
GOAL_MS = 100.0
_OPENS_WITHIN_S = 1.0


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
    """What the trouble adds at the 99th percentile once the breaker is open."""
    begins = min(post.at for post in posts.posts)
    settled = Posts([post for post in posts.posts if post.at > begins + _OPENS_WITHIN_S])
    return {"added_p99_once_open_ms": round(settled.p99_ms() - well.p99_ms(), 1), "goal_ms": GOAL_MS}


if __name__ == "__main__":
    main()
