from pathlib import Path

import pytest

from config.local.servers import Servers
from tests.leftovers import remove_run


def test_the_folder_that_one_works_in_is_never_removed(tmp_path, monkeypatch):
    (tmp_path / "clone").mkdir()
    (tmp_path / "clone" / "work.txt").write_text("mine")
    monkeypatch.chdir(tmp_path / "clone")
    for folder in (Path(), tmp_path / "clone", tmp_path):
        with pytest.raises(ValueError, match="where we are"):
            remove_run(folder, Servers.of(folder))
    assert (tmp_path / "clone" / "work.txt").read_text() == "mine"


def test_the_folder_of_a_run_is_removed(tmp_path):
    folder = tmp_path / "test-1"
    folder.mkdir()
    remove_run(folder, Servers.of(folder))
    assert not folder.exists()
