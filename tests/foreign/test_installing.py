"""The clients in JavaScript: declared without addresses, installed once; a failure says what is missing."""

import json
import re

import pytest

from tests.foreign.node_clients import SCRIPTS, NodeClients, NotInstalled, install_clients

pytestmark = pytest.mark.foreign


def test_each_declared_client_is_there_in_its_declared_version(node: NodeClients):
    declared = json.loads((SCRIPTS / "package.json").read_text())["dependencies"]
    assert declared
    for name, version in declared.items():
        installed = json.loads((node.folder / "node_modules" / name / "package.json").read_text())
        assert installed["version"] == version


def test_the_lock_names_digests_and_no_registry():
    packages = json.loads((SCRIPTS / "package-lock.json").read_text())["packages"]
    foreign = [package for path, package in packages.items() if path]
    assert all(re.match(r"sha512-", package["integrity"]) for package in foreign)
    assert not [package for package in foreign if "resolved" in package]


def test_without_the_registry_the_failure_says_so(tmp_path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:1")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(NotInstalled, match="needs the npm registry"):
        install_clients()
    assert [each.name for each in (tmp_path / "foreign-clients").iterdir()] == ["lock"]
