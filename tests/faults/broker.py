"""A broker of a test's own behind a proxy, for a service that thinks it is anybody's."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.local import children
from config.local.valkey import PrivateValkey
from tests.faults.chaos.scene import CHAOS_ENVIRONMENT, Scene, send, wait_until
from tests.faults.proxy import Proxy
from tests.stack import start_stack, stop_stack


@dataclass(frozen=True, slots=True)
class BrokerScene:
    """A running service, its broker, and the proxy between them."""

    scene: Scene
    proxy: Proxy
    server: psutil.Process

    def hang(self) -> None:
        """Take connections, say nothing."""
        send(self.server, signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        send(self.server, signal.SIGCONT)


@contextmanager
def own_broker_scene(folder: Path) -> Iterator[BrokerScene]:
    """Start all of it in `folder`, and stop it whatever happens."""
    valkey = PrivateValkey(folder / "valkey", folder / "sockets" / "valkey.sock")
    (folder / "sockets").mkdir(mode=0o711, parents=True)
    valkey.prepare()
    process = children.spawn(valkey.command(dies_with_parent=True), log=folder / "valkey.log")
    try:
        wait_until(valkey.is_ready, within_s=10)
        with Proxy(valkey.socket_path) as proxy:
            environment = CHAOS_ENVIRONMENT | {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}
            stack = start_stack(folder / "var", "--demo", environment=environment)
            try:
                yield BrokerScene(Scene(stack), proxy, psutil.Process(process.pid))
            finally:
                stop_stack(stack)
    finally:
        process.send_signal(signal.SIGCONT)
        children.stop(process, signal.SIGTERM, grace_s=5)
