"""Fixtures of the channels' tests: those of the whole suite, and servers to send to."""

from tests.channels import http_server, person, smtp_server
from tests.conftest import _fresh_cache, _sent_log, django_db_setup, world

__all__ = ["_fresh_cache", "_sent_log", "django_db_setup", "http_server", "person", "smtp_server", "world"]
