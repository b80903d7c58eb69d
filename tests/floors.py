"""How much of each package the whole suite has to run, branches included: asked for by `--floors`."""

from collections.abc import Mapping
from io import StringIO
from pathlib import Path

import pytest
from coverage import Coverage
from coverage.exceptions import NoDataError

BASE = Path(__file__).resolve().parent.parent
# Per cent. Higher where a mistake loses a comment or misjudges one.
FLOORS = {
    "moderation/domain": 95,
    "moderation/engine": 95,
    "moderation/flow": 95,
    "moderation/queries": 90,
    "moderation/privacy": 90,
    "moderation/api": 90,
    "moderation/compat": 90,
    "moderation/embed": 90,
    "moderation/admin": 90,
    "moderation/management": 90,
}
_SHORT = pytest.StashKey[list[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--floors", action="store_true", help="with --cov: fail where a package is run too little"
    )


def find_short(coverage: Coverage, base: Path, floors: Mapping[str, float]) -> list[str]:
    """A sentence for each folder of `floors` of which less was run."""
    short = []
    for folder, floor in floors.items():
        try:
            reached = coverage.report(include=[str(base / folder / "*")], file=StringIO())
        except NoDataError:
            reached = 0.0
        if reached < floor:
            short.append(f"{folder}: {reached:.1f} % of lines and branches were run, {floor} % are asked for")
    return short


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """pytest-cov has put the files of all processes together by now."""
    config = session.config
    if hasattr(config, "workerinput") or not config.option.floors:
        return
    coverage = Coverage()
    coverage.load()
    config.stash[_SHORT] = find_short(coverage, BASE, FLOORS)
    if config.stash[_SHORT] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for sentence in config.stash.get(_SHORT, []):
        terminalreporter.write_line(sentence, red=True)
