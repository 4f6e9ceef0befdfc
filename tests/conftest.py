"""Servers that the whole run shares; where CI runs the tests, one that is skipped fails the run."""

import os

import pytest

pytest_plugins = ["tests.support.mariadb", "tests.support.mosquitto", "tests.support.influxd"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What cannot be had on the machine is told by the summary; CI must have all of it."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
