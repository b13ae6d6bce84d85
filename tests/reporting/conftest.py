"""Assessments that the tests of all formats share."""

import pytest

from tests.reporting.hostile import hostile


@pytest.fixture(scope="package")
def nasty(assessment):
    return hostile(assessment)
