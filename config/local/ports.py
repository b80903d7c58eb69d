"""Waits for a port on which a server is to listen."""

import socket
import time

from config.problems import CannotStart

_FREE_WITHIN_S = 3.0


def wait_for_port(host: str, port: int) -> None:
    """Wait until the address can be listened on: a service that was just killed needs a moment to release it.

    Raises CannotStart if another program holds it.
    """
    deadline = time.monotonic() + _FREE_WITHIN_S
    while True:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if time.monotonic() < deadline:
                time.sleep(0.2)
                continue
            message = f"Cannot listen on {host}, port {port}: {error.strerror}."
            raise CannotStart(f"{message} Choose another with --port.") from error
        return
