"""A seal for a process under test: whatever it asks of any network but this computer's own is written down and refused.

`python sealed.py LOG -m animate photo ...` runs a module sealed; `seal(log)` seals the process it is called in.
"""

from __future__ import annotations

import ipaddress
import os
import runpy
import sys
from pathlib import Path

WATCHED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}


def seal(log: str | Path) -> None:
    """From here on no name is looked up and no address reached but loopback; what was tried stands in `log`."""
    log = os.fspath(log)

    def watch(event: str, arguments: tuple) -> None:
        if event in WATCHED and not is_own(arguments[WATCHED[event]]):
            with open(log, "a") as file:
                file.write(f"{event} {arguments[WATCHED[event]]!r}\n")
            raise PermissionError(f"sealed: {event}")

    sys.addaudithook(watch)


def is_own(address: object) -> bool:
    """Whether an address or a host name means this computer: loopback, a socket file, or no host at all."""
    host = address[0] if isinstance(address, tuple) else address
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost") or str(host).startswith(("/", "\0")):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


if __name__ == "__main__":
    seal(sys.argv[1])
    assert sys.argv[2] == "-m"
    sys.argv = sys.argv[3:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
