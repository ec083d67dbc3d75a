"""Programs beside Python that some tests ask: independent readers of PDF, a browser, Redis.

`make test` runs what can run and says what it lacks; with TEST_ALL set, as in `.ci/run`,
a missing program is a failure.
"""

import os
import shutil

import pytest

PACKAGES = {
    "pdfsig": "poppler-utils",
    "pdftotext": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdfinfo": "poppler-utils",
    "pdffonts": "poppler-utils",
    "pdfdetach": "poppler-utils",
    "qpdf": "qpdf",
    "certutil": "libnss3-tools",
    "chromium": "chromium",
    "openssl": "openssl",
    "redis-server": "redis-server",
    "7zz": "7zip",
}
"""Each program, and the Debian package that brings it."""


def need(*programs):
    """Leaves a test out where a program is missing, and says which package to install."""
    missing = sorted({PACKAGES[name] for name in programs if not shutil.which(name)})
    if missing:
        sentence = f"needs these Debian packages: {', '.join(missing)}"
        if os.environ.get("TEST_ALL"):
            pytest.fail(sentence)
        # a machine of one's own need not have everything: `-ra` tells what to install
        pytest.skip(sentence)
