import pytest

from registers.sample.loading import load_register
from tests.site import site


@pytest.fixture
def sample(database, acting, clock):
    """The fictional parties and their register, on a day on which the tests' identity seals."""
    load_register(acting)
    return database


@pytest.fixture
def sample_site(database_url, tmp_path, clock):
    """An installation with the fictional register, before anything was announced."""
    with site(database_url, tmp_path, clock, sample=True, fill=load_register) as made:
        yield made
