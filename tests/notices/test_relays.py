"""Two mail servers: the second takes over while the first does not answer, and only then."""

import ssl

import pytest

from app import mail, relays
from app.config import Refused, Settings
from app.home import Home
from app.mail import Folder, SmtpServer
from app.relays import REST, Relays
from registers.notices import transport
from registers.notices.transport import Later, Unreachable, Unsure
from tests import mail_servers as servers
from tests.mail_servers import free_port, mail_server, scripted

SENDER, RECIPIENT = "avis@ponant.example", "mairie@nasbinals.example"


def letter(number=1):
    return f"Message-ID: <n-{number}@ponant.example>\r\n\r\nBonjour {number}\r\n".encode()


def local(port):
    return SmtpServer("127.0.0.1", port, "none", patience=0.5, last_patience=0.5)


class Seconds:
    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


def test_the_second_takes_over_while_the_first_is_silent_and_gives_back(caplog):
    port, clock = free_port(), Seconds()
    with mail_server() as (second, other):
        pair = Relays([local(port), local(other)], clock=clock)
        with pair.session() as send:
            assert [send(letter(n), SENDER, RECIPIENT) for n in range(3)] == [
                f"127.0.0.1:{other}"
            ] * 3
        assert len(second.taken) == 3
        assert second.connections == 1
        assert caplog.text.count("left alone for 600 s") == 1
        with mail_server(port=port) as (first, _port):
            assert pair.send(letter(3), SENDER, RECIPIENT) == f"127.0.0.1:{other}"
            clock.at += REST + 1
            assert pair.send(letter(4), SENDER, RECIPIENT) == f"127.0.0.1:{port}"
        assert [content for _, _, content in first.taken] == [letter(4)]


def test_a_first_that_comes_back_is_used_where_the_second_is_gone_too():
    port, clock = free_port(), Seconds()
    pair = Relays([local(port), local(free_port())], clock=clock)
    with pytest.raises(Unreachable, match=r"refused.*; .*refused"):
        pair.send(letter(), SENDER, RECIPIENT)
    with mail_server(port=port) as (first, _port):
        assert pair.send(letter(), SENDER, RECIPIENT) == f"127.0.0.1:{port}"
    assert len(first.taken) == 1


@pytest.mark.parametrize("act", [servers.hang_at_once, servers.hang_at_data])
def test_one_that_falls_silent_before_all_was_sent_is_replaced(act):
    with scripted(act) as script, mail_server() as (second, port):
        Relays([local(script.port), local(port)]).send(letter(), SENDER, RECIPIENT)
    assert len(second.taken) == 1


def test_one_that_closes_its_service_is_replaced():
    with mail_server() as (first, one), mail_server() as (second, two):
        first.rcpt[RECIPIENT] = ["421 4.3.2 closing"]
        Relays([local(one), local(two)]).send(letter(), SENDER, RECIPIENT)
    assert (len(first.taken), len(second.taken)) == (0, 1)


def test_what_a_server_answered_about_a_message_is_its_answer():
    with mail_server() as (first, one), mail_server() as (second, two):
        first.rcpt[RECIPIENT] = ["451 4.7.1 later", "550 5.1.1 no such user"]
        pair = Relays([local(one), local(two)])
        with pytest.raises(Later, match="451"):
            pair.send(letter(), SENDER, RECIPIENT)
        with pytest.raises(transport.Refused):
            pair.send(letter(), SENDER, RECIPIENT)
    assert second.taken == []


def test_what_may_have_arrived_goes_by_no_other_way():
    with scripted(servers.close_after_the_dot) as script, mail_server() as (second, port):
        with pytest.raises(Unsure):
            Relays([local(script.port), local(port)]).send(letter(), SENDER, RECIPIENT)
    assert second.taken == []


def test_two_servers_are_set_and_both_are_tried_without_sending(tmp_path):
    with mail_server() as (_first, one), mail_server() as (_second, two):
        given = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_from": SENDER}
        given |= {"smtp_port": one, "smtp2_host": "127.0.0.1", "smtp2_security": "none"}
        here = home(tmp_path, **given, smtp2_port=two)
        assert [each.port for each in relays.transport_of(here).servers] == [one, two]
        said = relays.said_of(here)
        assert f"127.0.0.1:{one} (none), else 127.0.0.1:{two} (none), from {SENDER}" == said
        relays.check(here)
        with pytest.raises(Refused, match="refused"):
            relays.check(home(tmp_path, **given, smtp2_port=free_port()))


def home(tmp_path, **settings):
    return Home(Settings(home=tmp_path, **settings))


def test_the_settings_say_where_mail_goes(tmp_path):
    assert relays.transport_of(home(tmp_path)) == Folder(tmp_path / "outgoing")
    assert "nothing leaves" in relays.said_of(home(tmp_path))
    found = relays.transport_of(
        home(
            tmp_path,
            smtp_host="mail.ponant.example",
            smtp_from=SENDER,
            public_url="https://greffe.ponant.example",
        )
    )
    assert (found.host, found.port, found.security) == ("mail.ponant.example", 587, "starttls")
    assert found.name == "greffe.ponant.example"
    assert found.context.verify_mode is ssl.CERT_REQUIRED
    assert found.context.check_hostname
    assert mail.ehlo_name(Settings(home=tmp_path)) == "[127.0.0.1]"
    assert mail.ehlo_name(Settings(home=tmp_path, host="::1")) == "[IPv6:::1]"


def test_the_server_is_tried_without_sending(tmp_path):
    with mail_server(password="sesame") as (answers, port):
        given = {"smtp_host": "127.0.0.1", "smtp_security": "none", "smtp_from": SENDER}
        given |= {"smtp_port": port, "smtp_user": "greffe"}
        relays.check(home(tmp_path, **given, smtp_password="sesame"))
        with pytest.raises(Refused, match="cannot be used: 535"):
            relays.check(home(tmp_path, **given, smtp_password="faux"))
    assert answers.taken == []
    relays.check(home(tmp_path))
