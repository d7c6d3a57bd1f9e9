"""Frames, one client's line, and what is told to many."""

import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engineio.exceptions import SocketIsClosedError
from engineio.packet import MESSAGE, Packet
from hypothesis import given
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol, Opcode

from miitti.foundation import frames, lines
from miitti.foundation.audiences import Audiences

LIMIT = 1000

# -- frames --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_frames_are_as_the_standard_says(size: int) -> None:
    reader = FrameProtocol(client=True, extensions=[])
    reader.receive_bytes(frames.text_frame(b"x" * size))
    (frame,) = reader.received_frames()
    assert (frame.opcode, len(frame.payload), frame.message_finished) == (Opcode.TEXT, size, True)


def masked(*messages: str | bytes, fin: bool = True) -> bytes:
    """Frames as a browser sends them."""
    sender = FrameProtocol(client=True, extensions=[])
    return b"".join(sender.send_data(message, fin=fin) for message in messages)


@given(
    st.lists(st.one_of(st.text(max_size=200), st.binary(max_size=200)), max_size=6),
    st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=20),
)
def test_what_a_browser_sends_is_read_however_it_is_cut(messages: list[str | bytes], cuts: list[int]) -> None:
    reader, data = frames.Reader(LIMIT), masked(*messages)
    found: list[str | bytes] = []
    while data:
        size = cuts[len(found) % len(cuts)] + len(data) % 7
        found += list(reader.feed(data[:size]))
        data = data[size:]
    assert found == messages


def test_fragments_and_pings_between_them() -> None:
    sender = FrameProtocol(client=True, extensions=[])
    data = bytes(sender.send_data("yksi ", fin=False) + sender.ping(b"elossa?") + sender.send_data("kaksi", fin=True))
    reader = frames.Reader(LIMIT)
    assert list(reader.feed(data)) == ["yksi kaksi"]
    assert reader.pings == [b"elossa?"]


BAD = {
    "no mask": frames.text_frame(b"2"),
    "extension bits": b"\xc1\x80\0\0\0\0",
    "unknown opcode": b"\x83\x80\0\0\0\0",
    "unknown control": b"\x8b\x80\0\0\0\0",
    "continuation of nothing": b"\x80\x80\0\0\0\0",
    "a message within a message": b"\x01\x80\0\0\0\0\x81\x80\0\0\0\0",
    "fragmented control": b"\x09\x80\0\0\0\0",
    "long control": b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126,
    "too large": b"\x81\xff" + (1 << 40).to_bytes(8, "big"),
    "too large in parts": masked("x" * 600, fin=False) + b"\x80\xfe\x02\x58\0\0\0\0" + b"x" * 600,
    "not UTF-8": b"\x81\x82\0\0\0\0\xff\xfe",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_frames_are_refused(name: str) -> None:
    with pytest.raises(frames.BadFrame):
        list(frames.Reader(LIMIT).feed(BAD[name]))


def test_a_goodbye_ends_it() -> None:
    with pytest.raises(frames.Closed):
        list(frames.Reader(LIMIT).feed(bytes(FrameProtocol(client=True, extensions=[]).close(1000))))


@given(st.binary(max_size=400))
def test_noise_is_read_or_refused_and_nothing_else(noise: bytes) -> None:
    try:
        for message in frames.Reader(LIMIT).feed(noise):
            assert len(message) <= LIMIT
    except (frames.BadFrame, frames.Closed):
        pass


# -- one line ------------------------------------------------------------------------------------------------


class Green:
    """Looks like eventlet's socket: a real non-blocking one under it, and calls that wait."""

    def __init__(self, fd: socket.socket) -> None:
        self.fd = fd

    def settimeout(self, seconds: float) -> None: ...

    def recv(self, size: int) -> bytes:
        while True:
            try:
                return self.fd.recv(size)
            except BlockingIOError:
                threading.Event().wait(0.001)

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            try:
                view = view[self.fd.send(view) :]
            except BlockingIOError:
                threading.Event().wait(0.001)


class Wire:
    """Looks like eventlet's websocket."""

    def __init__(self, fd: socket.socket) -> None:
        self.socket = Green(fd)


class Engine:
    """Looks like an Engine.IO server, as far as a line asks; its tasks are threads."""

    ping_interval = ping_timeout = 10
    max_http_buffer_size = LIMIT
    async_handlers = False

    class reason:
        TRANSPORT_ERROR = TRANSPORT_CLOSE = CLIENT_DISCONNECT = PING_TIMEOUT = SERVER_DISCONNECT = "gone"

    def __init__(self) -> None:
        self.heard: list[tuple[Any, ...]] = []
        self.sockets: dict[str, Any] = {}
        self.tasks: list[threading.Thread] = []

    def create_queue(self) -> Any:
        return queue.Queue()

    def get_queue_empty_exception(self) -> Any:
        return queue.Empty

    def start_background_task(self, target: Callable[[], None]) -> None:
        self.tasks.append(threading.Thread(target=target, daemon=True))
        self.tasks[-1].start()

    def _trigger_event(self, *what: Any, run_async: bool) -> None:
        self.heard.append(what)


Ends = tuple[lines.Line, socket.socket, threading.Thread]


@pytest.fixture
def line() -> Iterator[Ends]:
    """A line at work on a socket pair with little room, the other end, and the thread that reads for it."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    made = lines.Line(Engine(), "sid")
    reading = threading.Thread(target=made._websocket_handler, args=(Wire(ours),), daemon=True)
    reading.start()
    until(lambda: made._raw is not None)
    yield made, theirs, reading
    theirs.close()
    reading.join(10)
    for task in made.server.tasks:
        task.join(10)
    ours.close()
    assert not reading.is_alive()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def read_until(theirs: socket.socket, last: bytes) -> bytes:
    data = bytearray()
    while not data.endswith(last):
        data += theirs.recv(65536)
    return bytes(data)


def test_order_holds_for_a_reader_that_comes_late(line: Ends) -> None:
    made, theirs, _reading = line
    messages = ["x" * 1500 + f"{number:05d}" for number in range(500)]
    expected = b"".join(frames.text_frame(f"4{message}".encode()) for message in messages)
    for number, message in enumerate(messages):
        told = lines.Said(Packet(MESSAGE, message), frames.text_frame(f"4{message}".encode()))
        if number % 3:
            made.tell(told.frame, [told])
        else:
            made.send(told.packet)
    assert made._waiting, "it did not fit at once, so what follows was tried"
    assert read_until(theirs, expected[-5:]) == expected
    until(lambda: not made._waiting)
    assert made._bytes == 0


def test_who_does_not_read_is_cut_off_and_nothing_of_it_stays(line: Ends, caplog: pytest.LogCaptureFixture) -> None:
    made, _theirs, reading = line
    blob = os.urandom(64 * 1024)
    with caplog.at_level(logging.INFO, "miitti.realtime"):
        for _ in range(lines.MOST_BYTES // len(blob) + 40):
            made.tell(blob, [])
    assert made.closed
    assert not made._waiting
    reading.join(10)
    assert ("disconnect", "sid", "gone") in made.server.heard
    assert len(caplog.records) == 1
    made.tell(blob, [])
    with pytest.raises(SocketIsClosedError):
        made.send(Packet(MESSAGE, "too late"))


def test_who_polls_nothing_is_cut_off_too() -> None:
    made = lines.Line(Engine(), "sid")
    told = lines.Said(Packet(MESSAGE, "x"), b"")
    for _ in range(lines.MOST_PACKETS + 1):
        made.tell(b"", [told])
    assert made.closed


def test_what_is_heard_is_handed_on_and_pings_of_the_line_are_answered(line: Ends) -> None:
    made, theirs, _reading = line
    theirs.sendall(masked("42/qa,[]") + FrameProtocol(client=True, extensions=[]).ping(b"hei") + masked("3", b"\x01"))
    assert read_until(theirs, b"hei") == frames.frame(frames.PONG, b"hei")
    until(lambda: len(made.server.heard) == 2)
    assert made.server.heard == [("message", "sid", "2/qa,[]"), ("message", "sid", b"\x01")]


@pytest.mark.parametrize("frame", ["", "x", "9", "x24", "1"])
def test_what_is_no_packet_ends_the_connection(line: Ends, frame: str) -> None:
    made, theirs, reading = line
    theirs.sendall(masked(frame))
    reading.join(10)
    assert made.closed
    assert read_until(theirs, frames.GOODBYE) == frames.GOODBYE


def test_pings_are_sent_when_due_and_waited_for(line: Ends) -> None:
    made, theirs, _reading = line
    now = time.monotonic()
    made.beat(now)
    made.beat(now + 10)
    assert theirs.recv(100) == frames.text_frame(b"2"), "one, and none before its time"
    theirs.sendall(masked("3"))
    until(lambda: made.last_ping is None)
    made.beat(now + 20)
    made.beat(now + 30)
    assert not made.closed
    made.beat(now + 31)
    assert made.closed


def test_an_unknown_websocket_goes_the_library_s_way() -> None:
    class Unknown:
        """A websocket of another make: it says hello, then nonsense."""

        said: list[Any] = []  # noqa: RUF012
        frames = ["42[]", "nonsense", "42[]"]  # noqa: RUF012

        def wait(self) -> Any:
            return self.frames.pop(0)

        def send(self, data: Any) -> None:
            self.said.append(data)

        def close(self) -> None: ...

    class Joined(Engine):
        def start_background_task(self, target: Callable[[], None]) -> Any:
            super().start_background_task(target)
            return self.tasks[-1]

    engine = Joined()
    engine.logger = logging.getLogger("test")  # type: ignore[attr-defined]
    made, ws = lines.Line(engine, "sid"), Unknown()
    made.tell(b"", [lines.Said(Packet(MESSAGE, "hello"), b"")])
    made._websocket_handler(ws)
    assert ws.said == ["4hello"]
    assert ws.frames == ["42[]"], "the nonsense ended it"
    assert ("message", "sid", "2[]") in engine.heard


def test_a_library_of_another_make_is_left_alone(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    import engineio

    engine = engineio.Server(async_mode="threading", monitor_clients=False)
    stock = engine._handle_connect
    with monkeypatch.context() as changed:
        changed.setitem(lines.EXPECTED, "poll", ("self", "seconds"))
        assert not lines.take_over(engine)
        assert engine._handle_connect == stock
    with monkeypatch.context() as changed:
        changed.delattr(engineio.base_server.BaseServer, "_upgrades")
        assert not lines.take_over(engine)
    assert len(caplog.records) == 2
    assert lines.take_over(engine)
    assert engine._handle_connect != stock


# -- many ----------------------------------------------------------------------------------------------------


class Manager:
    def __init__(self) -> None:
        self.rooms: dict[str, Any] = {"/qa": {None: {"a": "e"}, "a": {"a": "e"}, "pub": {"a": "e"}, "mod": {"a": "e"}}}


class Server:
    """Looks like a Socket.IO server whose only client hears two audiences."""

    def __init__(self) -> None:
        import socketio

        self.packet_class = socketio.packet.Packet
        self.manager = Manager()
        self.eio = Engine()
        self.sent: list[str] = []

    def _send_eio_packet(self, hearer: str, packet: Any) -> None:
        self.sent.append(packet.data)

    def sleep(self, seconds: float) -> None: ...


def test_the_first_word_goes_at_once_and_the_rest_together() -> None:
    server = Server()
    crowd = Audiences(server)
    crowd._gathering = True
    for number in range(3):
        crowd.emit("ev", number, "/qa", "pub")
    crowd.emit("ev", 9, "/qa", "mod")
    assert server.sent == ['2/qa,["ev",0]', '2/qa,["ev",9]']
    crowd.flush()
    assert server.sent[2:] == ['2/qa,["ev",1]', '2/qa,["ev",2]']
    crowd.emit("ev", 3, "/qa", "pub")
    assert len(server.sent) == 4, "told just now, so it waits for the tick"
    crowd.flush()
    crowd.flush()
    crowd.emit("ev", 4, "/qa", "pub")
    assert server.sent[4:] == ['2/qa,["ev",3]', '2/qa,["ev",4]'], "after a quiet tick at once again"


def test_what_comes_while_a_round_is_under_way_comes_after_it() -> None:
    server = Server()
    crowd = Audiences(server)
    crowd._gathering = True
    crowd._busy.add(("/qa", "pub"))
    crowd.emit("ev", 1, "/qa", "pub")
    crowd.flush()
    assert server.sent == []
    crowd.emit("ev", 2, "/qa", "pub")
    crowd._busy.clear()
    crowd.flush()
    assert server.sent == ['2/qa,["ev",1]', '2/qa,["ev",2]']


def test_who_has_left_is_not_told_what_was_waiting() -> None:
    server = Server()
    crowd = Audiences(server)
    crowd._gathering = True
    crowd.emit("ev", 1, "/qa", "pub")
    crowd.emit("ev", 2, "/qa", "pub")
    del server.manager.rooms["/qa"]["pub"]
    crowd.flush()
    assert server.sent == ['2/qa,["ev",1]']
