"""Mail against real servers: what is known of a message after each way of failing."""

import ssl
import time
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from app.mail import Folder, SmtpServer, file_name
from registers.notices import transport
from registers.notices.transport import Later, Unreachable, Unsure
from tests import mail_servers as servers
from tests.mail_servers import free_port, mail_server, scripted
from tests.tools import need

SENDER, RECIPIENT = "avis@ponant.example", "mairie@nasbinals.example"


def letter(number=1, text="Bonjour\n.\n..point\n"):
    made = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    made["Message-ID"] = f"<notice-{number}@ponant.example>"
    made["From"], made["To"], made["Subject"] = SENDER, RECIPIENT, "Information préalable"
    made.set_content(text)
    return made.as_bytes()


LARGE = letter(text="Une ligne assez longue pour remplir les tampons.\n" * 400_000)


def local(port, **options):
    return SmtpServer(
        **{
            "host": "127.0.0.1",
            "port": port,
            "security": "none",
            "patience": 2,
            "last_patience": 2,
            **options,
        }
    )


def test_a_message_arrives_byte_for_byte():
    with mail_server() as (answers, port):
        local(port).send(letter(), SENDER, RECIPIENT)
    assert answers.taken == [(SENDER, RECIPIENT, letter())]


def test_many_go_over_one_connection_and_each_fails_by_itself():
    with mail_server() as (answers, port):
        answers.rcpt["gone@nasbinals.example"] = ["550 5.1.1 no such user"] * 5
        with local(port).session() as send:
            for number in range(5):
                send(letter(number), SENDER, RECIPIENT)
                with pytest.raises(transport.Refused) as raised:
                    send(letter(number), SENDER, "gone@nasbinals.example")
                assert (raised.value.code, raised.value.said) == (550, "5.1.1 no such user")
                assert str(raised.value) == "550 5.1.1 no such user"
    assert [content for _sender, _recipient, content in answers.taken] == [
        letter(number) for number in range(5)
    ]
    assert answers.connections == 1


def test_a_grey_listing_server_takes_it_the_second_time():
    with mail_server() as (answers, port):
        answers.rcpt[RECIPIENT] = ["451 4.7.1 later"]
        with pytest.raises(Later, match="451"):
            local(port).send(letter(), SENDER, RECIPIENT)
        assert answers.taken == []
        local(port).send(letter(), SENDER, RECIPIENT)
    assert len(answers.taken) == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("554 5.7.1 looks like spam", transport.Refused),
        ("452 4.3.1 no room now", Later),
        ("421 4.3.2 closing", Later),
    ],
)
def test_the_answer_to_the_whole_message_is_believed(answer, meaning):
    with mail_server() as (answers, port), local(port).session() as send:
        answers.data = [answer]
        with pytest.raises(meaning) as raised:
            send(letter(), SENDER, RECIPIENT)
        assert str(raised.value) == answer
        send(letter(2), SENDER, RECIPIENT)
    assert len(answers.taken) == 1


def test_what_is_too_large_is_refused_before_it_is_sent():
    with mail_server() as (answers, port), pytest.raises(transport.Refused, match="552"):
        local(port).send(LARGE, SENDER, RECIPIENT)
    assert answers.taken == []


@pytest.mark.parametrize(
    "address",
    ["mairie", "a b@c.example", "a@b.example>\r\nRCPT TO:<c@d.example", "é@ville.example"],
)
def test_an_impossible_address_is_refused_without_asking(address):
    with pytest.raises(transport.Refused) as raised:
        local(free_port()).send(letter(), SENDER, address)
    assert raised.value.code == 0


@pytest.mark.parametrize(
    ("act", "message", "meaning"),
    [
        (servers.close_before_the_dot, LARGE, Unreachable),
        (servers.refuse_before_the_dot, LARGE, transport.Refused),
        (servers.hang_at_once, letter(), Unreachable),
        (servers.hang_at_data, letter(), Unreachable),
        (servers.close_after_the_dot, letter(), Unsure),
        (servers.hang_after_the_dot, letter(), Unsure),
        (servers.babble_after_the_dot, letter(), Unsure),
    ],
)
def test_before_the_dot_nothing_was_handed_over_after_it_nobody_knows(act, message, meaning):
    with scripted(act) as script, pytest.raises(transport.Undelivered) as raised:
        local(script.port, patience=0.4, last_patience=0.4).send(message, SENDER, RECIPIENT)
    assert type(raised.value) is meaning, raised.value
    assert len(script.received) == (meaning is Unsure)


def test_a_server_that_closes_between_messages_is_called_again():
    with scripted(servers.take_one_then_close) as script, local(script.port).session() as send:
        for number in range(4):
            send(letter(number), SENDER, RECIPIENT)
            time.sleep(0.05)
    assert len(script.received) == 4


def test_a_message_that_breaks_the_connection_does_not_stop_the_next():
    acts = (servers.close_after_the_dot, servers.take_one_then_close)
    with scripted(*acts) as script, local(script.port).session() as send:
        with pytest.raises(Unsure):
            send(letter(1), SENDER, RECIPIENT)
        send(letter(2), SENDER, RECIPIENT)
    assert len(script.received) == 2


def test_a_server_that_is_gone_is_not_asked_for_every_message():
    began = time.monotonic()
    with (
        scripted(servers.hang_at_once) as script,
        local(script.port, patience=0.3).session() as send,
    ):
        for number in range(25):
            with pytest.raises(Later):
                send(letter(number), SENDER, RECIPIENT)
    assert time.monotonic() - began < 3
    with pytest.raises(Later, match="refused"):
        local(free_port()).send(letter(), SENDER, RECIPIENT)
    with pytest.raises(Later):
        local(25, host="nowhere.invalid").send(letter(), SENDER, RECIPIENT)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    need("openssl")
    return servers.certificate_of(tmp_path_factory.mktemp("tls") / "authority")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_line_is_encrypted_and_the_certificate_verified(certificate, security):
    authority, chain = certificate
    trusting = ssl.create_default_context(cafile=authority)
    with mail_server(certificate=chain, implicit=security == "tls") as (answers, port):
        options = {"security": security, "context": trusting}
        with local(port, host="localhost", **options).session() as send:
            send(letter(1), SENDER, RECIPIENT)
            send(letter(2), SENDER, RECIPIENT)
        for doubtful in (
            local(port, host="localhost", security=security),  # an unknown authority
            local(port, **options),  # another name than the certificate's
        ):
            with pytest.raises(Later, match="CERTIFICATE"):
                doubtful.send(letter(3), SENDER, RECIPIENT)
    assert len(answers.taken) == 2
    assert answers.connections >= 1


def test_nothing_is_said_to_a_server_without_tls():
    with mail_server() as (answers, port):
        with pytest.raises(Later, match="STARTTLS"):
            local(port, security="starttls").send(letter(), SENDER, RECIPIENT)
        with pytest.raises(Later, match="SSL"):
            local(port, security="tls").send(letter(), SENDER, RECIPIENT)
    assert answers.taken == []


def test_a_password_is_given_and_a_wrong_one_may_pass():
    with mail_server(password="sesame") as (answers, port):
        local(port, user="greffe", password="sesame").send(letter(), SENDER, RECIPIENT)
        with pytest.raises(Later, match="535"):
            local(port, user="greffe", password="faux").send(letter(), SENDER, RECIPIENT)
    assert len(answers.taken) == 1


def test_without_a_server_messages_are_files(tmp_path):
    folder = Folder(tmp_path / "outgoing")
    with folder.session() as send:
        for number in (1, 2, 1):
            send(letter(number), SENDER, RECIPIENT)
    written = {path.name: path.read_bytes() for path in folder.path.iterdir()}
    assert sorted(written.values()) == [letter(1), letter(2)]
    assert all(name.endswith(".eml") for name in written)
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (tmp_path / "a file").touch()
    with pytest.raises(Later):
        Folder(tmp_path / "a file" / "outgoing").send(letter(), SENDER, RECIPIENT)


def test_names_of_files_are_safe_and_tell_messages_apart():
    def named(known):
        return file_name(b"Message-ID: " + known + b"\r\n\r\ntext")

    names = [named(known) for known in (b"<a/b@c>", b"<a.b@c>", b"<../../etc@c>", b"<.@c>", b"")]
    assert len(set(names)) == 5
    assert all("/" not in name and not name.startswith(".") for name in names)
    assert named(b"<a.b@c>") == named(b" <a.b@c> ")
    assert len(named(b"<" + b"x" * 400 + b"@c>")) < 200


def test_without_a_server_nothing_leaves_to_a_real_address(tmp_path):
    folder = Folder(tmp_path / "outgoing")
    with pytest.raises(Later, match="nothing has left"):
        folder.send(letter(), SENDER, "mairie@nasbinals.fr")
    assert len(list(folder.path.iterdir())) == 1
