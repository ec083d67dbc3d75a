"""The gateway that wakes people: which addresses it may have, and what each answer means."""

import hashlib
import hmac
import socket
import ssl
from datetime import UTC, datetime

import pytest

from app.webhook import HttpGateway
from registers.breaches.gateway import checked, host_of, may_reach, signature
from registers.kernel.errors import Invalid
from registers.notices.transport import Later, Refused
from tests import mail_servers as servers
from tests.breaches.gateways import gateway
from tests.mail_servers import free_port
from tests.tools import need

TRIAL = HttpGateway(private=True, patience=0.5)
HEADERS = {"Content-Type": "application/json", "Greffe-Delivery": "1"}


@pytest.mark.parametrize(
    "address",
    [
        "http://sms.example/alarms",
        "http://localhost/alarms",
        "https://localhost/alarms",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://0.0.0.0/",
        "https://user:secret@sms.example/",
        "https://sms.example/#part",
        "https:///path",
        "https://sms.example:port/",
        "https://sms.example\\@10.0.0.1/",
        "ftp://sms.example/",
        "file:///etc/passwd",
        "sms.example",
        "https://sms.example/" + "x" * 1000,
    ],
)
def test_only_an_encrypted_way_out_is_taken(address):
    with pytest.raises(Invalid) as raised:
        checked(address, private=False)
    assert raised.value.field == "webhook"


def test_what_is_meant_is_allowed():
    assert checked(" https://sms.example:8443/a?key=1 ", private=False).endswith("key=1")
    assert checked("https://10.1.2.3/", private=True)
    assert checked("http://localhost:8080/", private=True)
    assert checked("", private=False) == ""
    with pytest.raises(Invalid):
        checked("http://10.1.2.3/", private=True)
    assert host_of("https://sms.example:8443/secret") == "sms.example"


@pytest.mark.parametrize(
    ("number", "public"),
    [
        ("93.184.216.34", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("2002:0a00:0001::", False),
        ("fe80::1%eth0", False),
        ("224.0.0.1", False),
        ("no number", False),
    ],
)
def test_numbers_in_private_networks_are_not_reached(number, public):
    assert may_reach(number, private=False) is public


def test_a_post_is_taken_and_its_answer_kept():
    with gateway() as (received, address):
        received.answers = [(202, "queued\r\n\x1b[31m  é", {})]
        answer = TRIAL.post(address, b"{}", HEADERS)
    assert (answer.status, answer.said) == (202, "queued [31m  é")
    ((path, headers, body),) = received.posts
    assert (path, body) == ("/alarms?token=t0k3n", b"{}")
    assert headers["Greffe-Delivery"] == "1"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(301, Refused), (307, Refused), (400, Refused), (404, Refused), (429, Later), (503, Later)],
)
def test_each_answer_has_its_meaning_and_nobody_is_followed(status, meaning):
    with gateway() as (received, address):
        received.answers = [(status, "why", {"Location": address})]
        with pytest.raises(meaning, match=f"{status} why"):
            TRIAL.post(address, b"{}", HEADERS)
    assert len(received.posts) == 1


def test_silence_may_pass():
    with gateway() as (received, address):
        received.wait = 1
        with pytest.raises(Later, match="timed out"):
            TRIAL.post(address, b"{}", HEADERS)
    with pytest.raises(Later, match="refused"):
        TRIAL.post(f"http://127.0.0.1:{free_port()}/", b"{}", HEADERS)
    with pytest.raises(Later, match="not found"):
        TRIAL.post("https://nowhere.invalid/", b"{}", HEADERS)


def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(monkeypatch):
    found = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, 443))
        for number in ("93.184.216.34", "10.0.0.8")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_named: found)
    with pytest.raises(Refused, match="private network"):
        HttpGateway().post("https://sms.example/", b"{}", HEADERS)


def test_without_leave_nothing_goes_to_this_machine():
    with gateway() as (received, address):
        with pytest.raises(Refused):
            HttpGateway().post(address, b"{}", HEADERS)
    assert received.posts == []


def test_the_certificate_is_verified(tmp_path):
    need("openssl")
    authority, chain = servers.certificate_of(tmp_path / "authority")
    trusting = ssl.create_default_context(cafile=authority)
    with gateway(chain) as (received, address):
        with pytest.raises(Later, match="CERTIFICATE"):
            TRIAL.post(address, b"{}", HEADERS)
        with pytest.raises(Later, match="CERTIFICATE"):
            HttpGateway(private=True, context=trusting).post(
                address.replace("localhost", "127.0.0.1"), b"{}", HEADERS
            )
        HttpGateway(private=True, context=trusting).post(address, b"{}", HEADERS)
    assert len(received.posts) == 1


def test_a_signature_covers_the_time_and_the_body():
    at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    told = signature("secret", at, b"{}")
    seconds, value = (part.partition("=")[2] for part in told.split(","))
    assert int(seconds) == at.timestamp()
    expected = hmac.new(b"secret", f"{seconds}.".encode() + b"{}", hashlib.sha256)
    assert value == expected.hexdigest()
