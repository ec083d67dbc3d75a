import pytest

from tests.site import site


@pytest.fixture
def sample(register_url, database):
    """The fictional parties and their register, before anything was announced."""
    return database


@pytest.fixture
def sample_site(register_url, tmp_path, clock):
    """An installation with the fictional register, before anything was announced."""
    with site(register_url, tmp_path, clock) as made:
        yield made
