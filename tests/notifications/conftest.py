"""People and servers that messages go to."""

from tests.channels import http_server, person, smtp_server

__all__ = ["http_server", "person", "smtp_server"]
