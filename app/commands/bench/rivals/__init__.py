"""What one would make annexes with instead: the same paper, by other programs' ordinary means.

A rival gets the very blocks that our renderer gets, the closing section included, and gives a
sealed PDF. It is used as its documentation shows, by somebody who keeps style sheets, fonts and
keys loaded from one paper to the next. Another one is another module and another line here.
"""

from collections.abc import Callable

from app.commands.bench.rivals.by_libreoffice import LibreOffice
from app.commands.bench.rivals.by_platypus import Platypus
from app.commands.bench.rivals.by_weasyprint import WeasyPrint
from app.commands.bench.rivals.job import Job, Rival

__all__ = ["RIVALS", "Job", "Rival"]

RIVALS: dict[str, Callable[[str, bytes], Rival]] = {
    "weasyprint": WeasyPrint,
    "platypus": Platypus,
    "libreoffice": LibreOffice,
}
"""Each under the name of its ratio. Asked with the PKCS#12 file that seals, and its passphrase;
one that is not installed raises ImportError, or OSError where a library of the system lacks."""
