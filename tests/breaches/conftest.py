import pytest


@pytest.fixture
def sample(register_url, database):
    """The fictional parties and their register."""
    return database
