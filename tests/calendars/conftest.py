"""The certificate authority that the mail servers of these tests share."""

from __future__ import annotations

import pytest

from tests.calendars.mail_server import Authority, authority


@pytest.fixture(scope="session")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))
