"""One relay for all tests here that leave it as it is."""

from collections.abc import Iterator

import pytest

from tests.coturn import Relay, coturn


@pytest.fixture(scope="session")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
    with coturn(tmp_path_factory.mktemp("coturn")) as relay:
        yield relay
