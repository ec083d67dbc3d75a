"""What annexes are made with here: the identity of this installation, its key, its clock."""

from functools import lru_cache

from app.config import Refused
from app.home import Home
from app.house import House
from registers.annexes.orders import Press
from registers.kernel.act import Actor
from registers.press import identity
from registers.press.identity import Identity, Kind


def press_of(house: House, actor: Actor) -> Press:
    """What annexes are made with, at somebody's request."""
    return Press(
        house.database,
        actor,
        identity_of(house.home),
        house.home.checkpoint_key,
        house.settings.zone,
    )


@lru_cache(maxsize=8)
def identity_of(home: Home) -> Identity:
    """Who seals annexes.

    Raises:
        Refused: the PKCS#12 file cannot be read.
        Invalid: its content will not do.
    """
    try:
        content = home.identity_path.read_bytes()
    except OSError as error:
        raise Refused(f"The identity {home.identity_path} cannot be read.") from error
    return identity.load(
        content,
        home.identity_passphrase,
        Kind(home.settings.identity_kind),
        home.settings.identity_quality,
        home.settings.identity_delegation,
    )
