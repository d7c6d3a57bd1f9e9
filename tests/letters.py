"""A real SMTP server on loopback that keeps letters and can be told to misbehave."""

import asyncio
import email
import email.policy
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


class Post:
    """The server. `answers` is consumed one a letter (after DATA) before "250 OK" becomes the rule again."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self.hang_s = 0.0
        # made at each start: a controller that never starts would leave its event loop open
        self.controller: Controller
        self._port = 0

    def start(self) -> None:
        """Listen; on the same port as before when it had one."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self._port or _free_port())
        self.controller.start()
        self._port = self.controller.port

    def stop(self) -> None:
        """Stop listening; letters stay."""
        self.controller.stop()

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What MIITTI_SMTP_URL wants."""
        return f"smtp://{self.address}"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Keep the letter, or answer as scripted."""
        if self.hang_s:
            await asyncio.sleep(self.hang_s)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to an address."""
        return [letter for letter in self.letters if address in str(letter["To"])]

    def wait_for(self, address: str, number: int = 1, seconds: float = 30) -> list[EmailMessage]:
        """The letters to an address once there are so many. Fails when they don't come."""
        until_true(lambda: len(self.to(address)) >= number, seconds, f"{number} letters to {address}")
        return self.to(address)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until_true(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait for a condition, asking 20 times a second. Fails after `seconds`."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)
