import re
import shutil
import threading
from contextlib import contextmanager

import pytest
import waitress.server
import waitress.wasyncore
from playwright.sync_api import sync_playwright

from registers.people.roles import Role
from registers.sample.loading import load_register
from tests.databases import Clock
from tests.site import PASSWORD, site
from tests.tools import need

DESKTOP, PHONE = 1280, 360
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@contextmanager
def served(made):
    """The address of an application that a real server serves from a thread."""
    server = waitress.server.create_server(made.app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run)
    thread.start()

    yield f"http://127.0.0.1:{server.effective_port}"
    server.trigger.pull_trigger(lambda: _hang_up(server))
    thread.join()
    server.close()


def _hang_up(server):
    """Ends the loop, in its own thread: browsers keep connections open after a download."""
    server.task_dispatcher.shutdown()
    for channel in list(server.active_channels.values()):
        channel.handle_close()
    server._map.clear()


@pytest.fixture(scope="module")
def register(databases, tmp_path_factory):
    """The fictional register and its address; its pages are the same on either database."""
    with (
        databases.fresh("sqlite", load_register) as url,
        site(url, tmp_path_factory.mktemp("site"), Clock()) as made,
        served(made) as address,
    ):
        made.address = address
        yield made


@pytest.fixture(scope="module")
def chromium():
    need("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=FLAGS, timeout=60_000
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(register, chromium):
    """Opens a window, signed in with roles, in which no error may come up unless foreseen."""
    windows = []

    def open_window(*roles, language="en", width=DESKTOP, scheme="light", amiss=False, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            locale=language,
            reduced_motion="reduce",  # nothing is to be waited for until it has moved
            base_url=register.address,
            **options,
        )
        page = context.new_page()
        page.set_default_timeout(20_000)
        errors = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else 0)
        page.on("pageerror", lambda error: errors.append(str(error)))
        windows.append((context, [] if amiss else errors))
        if roles:
            account = register.account(*roles, language=language)
            page.goto("/sign-in")
            page.fill("#email", account)
            page.fill("#password", PASSWORD)
            page.click("main form button")
            page.wait_for_url(re.compile("^((?!sign-in).)*$"))
        return page

    yield open_window
    for context, errors in windows:
        context.close()
        assert errors == []


@pytest.fixture(scope="session")
def everybody():
    return tuple(Role)
