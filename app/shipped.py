"""Where the folders that come with the program stand: in a checkout, and in a wheel."""

from pathlib import Path

HERE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder of this name (templates, migrations), wherever the program was installed."""
    return next(place for place in (HERE / name, HERE.parent / name) if place.is_dir())
