"""What the parts of a service use: counted with their children, dead ones included."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.cpu import cpu_between, cpu_by_role, cpu_of, use_by_role, use_of

# A parent with a child that burns CPU, ends and is taken leave of; then it says so and waits.
_PARENT = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.5: pass"], check=True)
print("done", flush=True)
sys.stdin.read()
"""


@contextmanager
def running(source: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", source, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        yield process
        process.kill()


def test_a_dead_child_counts_for_its_parent():
    with running(_PARENT) as process:
        assert 0.48 <= cpu_of(process.pid) < 5
        assert use_of(process.pid).processes == 1


def test_what_a_process_holds():
    source = (
        "import os, socket; held = [socket.socket() for _ in range(7)]; print('done', flush=True); input()"
    )
    with running(source) as process:
        use = use_of(process.pid)
    assert use.sockets == 7
    assert use.files >= 7 + 3
    assert (use.processes, use.threads) == (1, 1)
    assert 1 < use.pss <= use.rss < 200


def test_what_is_gone_holds_nothing():
    with running("print('done', flush=True)") as process:
        process.wait(timeout=10)
    assert use_of(process.pid).processes == 0
    assert cpu_of(process.pid) == 0


def test_roles_are_told_by_the_command_lines_of_the_children():
    """This very process plays the supervisor."""
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
    before = cpu_by_role(os.getpid())
    with running(burn, "config.web.app:app"), running("print('done', flush=True); input()", "run_jobs"):
        spent = cpu_between(before, cpu_by_role(os.getpid()))
        held = use_by_role(os.getpid())
    assert 0.28 <= spent["web"] < 5  # the kernel counts in hundredths
    assert spent["run_jobs"] < 0.28
    assert spent["total"] >= spent["web"] + spent["run_jobs"]
    assert (held["web"].processes, held["run_jobs"].processes, held["workers"].processes) == (1, 1, 0)
