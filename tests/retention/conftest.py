import pytest

from registers.sample.loading import load_register


@pytest.fixture
def sample(database, acting):
    """The fictional parties and their register."""
    load_register(acting)
    return database
