"""Leads told to a company's own system, through a real receiver on loopback; addresses judged without connecting."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from miitti.foundation import clock, db, jobs, webhooks
from miitti.leads import actions as leads
from miitti.webhooks import queries, states
from miitti.webhooks.models import Webhook, WebhookMessage
from tests.conftest import Client
from tests.leads.conftest import Applicant, latest
from tests.world import World

As = Callable[[str], Client]


class Receiver:
    """A company's own system: remembers what it got and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                status, headers = outer.answers.pop(0) if outer.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?x=1"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def hook(app: Flask, world: World, receiver: Receiver) -> Webhook:
    """The owner's company pointed at the receiver; the operator has allowed the machine's own network."""
    app.config["MIITTI"] = replace(app.config["MIITTI"], webhook_networks=("127.0.0.0/8",))
    return _point(world, receiver.url)


@db.writing
def _point(world: World, url: str) -> Webhook:
    row = Webhook(
        organisation_id=world.organisations["harju"], url=url, secret=webhooks.new_secret(), created_at=clock.now()
    )
    db.session().add(row)
    return row


def run(app: Flask) -> None:
    jobs.run_until_idle(app, ["hooks"])
    db.session().rollback()


def log() -> list[WebhookMessage]:
    db.session().rollback()
    return list(db.session().query(WebhookMessage).order_by(WebhookMessage.id))


def verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """What a receiver does, written from the standard and not from our own code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{mine}" in headers["webhook-signature"].split(" ")


def test_signature_is_the_standards() -> None:
    body = (
        b'{"type":"lead.created","timestamp":"2026-11-24T09:00:00Z",'
        b'"data":{"lead_id":"ld_1","booth":"hartolan-metalli","event":"miitti-kevat-2027"}}'
    )
    made = webhooks.signature("whsec_bWlpdHRpLXRlc3Qtc2VjcmV0LTI0Ynl0", "msg_01HZX", 1795510800, body)
    assert made == "v1,XWyqSYOfM48Hn6uGQ2d8cjlTQ8iFjPCU7RnxRgHToSw="


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.5", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "nonsense", "",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(address: str) -> None:
    assert not webhooks.may_reach(address)
    with pytest.raises(webhooks.Forbidden):
        webhooks.judged("https://firma.example/hook", ["93.184.215.14", address])


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "8.8.8.8"])
def test_public_addresses_are_reached(address: str) -> None:
    assert webhooks.may_reach(address)
    target = webhooks.judged("https://firma.example:8443/hook?a=b", [address])
    assert (target.host, target.port, target.path, target.address) == ("firma.example", 8443, "/hook?a=b", address)


@pytest.mark.parametrize(
    "url",
    [
        "http://firma.example/hook", "ftp://firma.example/", "https://user:pass@firma.example/", "https:///x",
        "gopher://x", "https://firma.example:99999/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_odd_urls_are_refused(url: str) -> None:
    with pytest.raises(webhooks.Unreached):
        webhooks.judged(url, ["93.184.215.14"])


def test_allowed_network_opens_itself_only() -> None:
    assert webhooks.may_reach("10.1.2.3", ["10.1.0.0/16"])
    assert not webhooks.may_reach("10.2.2.3", ["10.1.0.0/16"])
    assert not webhooks.may_reach("169.254.169.254", ["10.1.0.0/16"])
    with pytest.raises(webhooks.Forbidden):
        webhooks.judged("http://firma.example/", ["93.184.215.14"], ["10.1.0.0/16"])


def test_lead_is_told_signed(
    app: Flask,
    world: World,
    hook: Webhook,
    receiver: Receiver,
    applicant: Applicant,
) -> None:
    secret = hook.secret
    applicant.send(name="Äinö", phone="0401234567", vacancy=str(world.vacancies["harju"]))
    run(app)
    ((headers, body),) = receiver.got
    assert verified(secret, headers, body)
    said = json.loads(body)
    assert said["type"] == "lead.created"
    assert said["data"]["lead_id"] == latest().lead.reference
    assert (said["data"]["name"], said["data"]["booth"], said["data"]["event"]) == ("Äinö", "harju", "miitti")
    assert headers["host"].startswith("127.0.0.1:")
    (row,) = log()
    assert (row.state, row.status, row.tries, row.message_id) == (states.Sent.DELIVERED, 204, 1, headers["webhook-id"])


def test_correction_and_withdrawal_are_told_and_an_erased_lead_names_nobody(
    app: Flask,
    hook: Webhook,
    receiver: Receiver,
    applicant: Applicant,
) -> None:
    applicant.send(name="Aino Kirjoitusvirhe", phone="0401234567")
    applicant.send(name="Aino Oikea", phone="0401234567")
    leads.withdraw(receipt=latest().lead.receipt)
    run(app)
    assert [json.loads(body)["type"] for _h, body in receiver.got] == [
        "lead.created",
        "lead.corrected",
        "lead.withdrawn",
    ]
    assert not any(b"Aino" in body for _h, body in receiver.got)


def test_redirect_is_a_failure_and_never_followed(
    app: Flask,
    hook: Webhook,
    receiver: Receiver,
    applicant: Applicant,
) -> None:
    receiver.answers = [(302, {"Location": receiver.url + "&led=1"})]
    applicant.send(phone="0401234567")
    run(app)
    assert len(receiver.got) == 1
    (row,) = log()
    assert (row.state, row.status) == (states.Sent.WAITING, 302)


def test_gone_ends_it_and_replay_sends_the_same_id_again(
    app: Flask,
    world: World,
    hook: Webhook,
    receiver: Receiver,
    as_: As,
    applicant: Applicant,
) -> None:
    receiver.answers = [(410, {})]
    applicant.send(phone="0401234567")
    run(app)
    (row,) = log()
    assert row.state is states.Sent.FAILED
    owner = as_("owner")
    assert "epäonnistui" in owner.get("/desk/webhooks").text
    asked = {"company": world.organisations["harju"], "do": "replay", "message": row.message_id}
    assert as_("stranger").send("/desk/webhooks", **asked).status_code == 404
    assert owner.send("/desk/webhooks", **asked).status_code == 303
    run(app)
    assert [headers["webhook-id"] for headers, _b in receiver.got] == [row.message_id] * 2
    assert log()[0].state is states.Sent.DELIVERED


def test_changed_secret_signs_beside_the_old_one_for_a_day(
    app: Flask, world: World, hook: Webhook, receiver: Receiver, as_: As
) -> None:
    old = hook.secret
    company = world.organisations["harju"]
    owner = as_("owner")
    owner.send("/desk/webhooks", company=company, do="secret")
    owner.send("/desk/webhooks", company=company, do="test")
    run(app)
    headers, body = receiver.got[-1]
    now = queries.of_company(company)
    assert now is not None
    assert now.secret != old
    assert verified(old, headers, body)
    assert verified(now.secret, headers, body)
    with clock.frozen(clock.now() + states.OLD_SECRET_FOR):
        assert queries.secrets_of(now) == [now.secret]


def test_page_sets_and_ends_it(app: Flask, world: World, as_: As) -> None:
    company = world.organisations["harju"]
    owner = as_("owner")
    for wrong in ("http://firma.example/", "firma.example", "https://", "https://x y/"):
        answer = owner.send("/desk/webhooks", company=company, do="point", url=wrong)
        assert answer.status_code == 422
        assert "joka alkaa https://" in answer.text
    assert owner.send("/desk/webhooks", company=company, do="point", url="https://firma.example/h").status_code == 303
    assert "https://firma.example/h" in owner.get("/desk/webhooks").text
    assert "https://firma.example/h" not in as_("stranger").get("/desk/webhooks").text
    taken = as_("stranger").send("/desk/webhooks", company=company, do="point", url="https://paha.example/")
    assert taken.status_code == 404
    owner.send("/desk/webhooks", company=company, do="point", url="")
    assert queries.of_company(company) is None


def test_private_receiver_is_refused_when_nobody_allowed_it(
    app: Flask,
    world: World,
    receiver: Receiver,
    applicant: Applicant,
) -> None:
    _point(world, receiver.url)
    applicant.send(phone="0401234567")
    run(app)
    assert receiver.got == []
    (row,) = log()
    assert (row.state, row.error) == (states.Sent.FAILED, "not a public address")
