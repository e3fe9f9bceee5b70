import socket
import threading

import pytest

from kgrec_gds.errors import ServerError
from kgrec_gds.server import ports
from kgrec_gds.server.ports import Ports


def test_a_chosen_port_that_is_taken_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not ports.is_free(port)
        with pytest.raises(ServerError, match=f"bolt_port {port} is taken"):
            ports.pick(None, (port, None))
        picked = ports.pick(Ports(port, port), (None, None))
    assert port not in (picked.bolt, picked.http)


def test_a_port_that_only_accepts_connections_speaks_no_bolt() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        closing = threading.Thread(target=lambda: silent.accept()[0].close())
        closing.start()
        assert not ports.speaks_bolt(silent.getsockname()[1])
        closing.join()
    assert not ports.speaks_bolt(ports.any_free())


def test_the_last_ports_are_used_again_if_free() -> None:
    last = Ports(ports.any_free(), ports.any_free())
    assert ports.pick(last, (None, None)) == last
