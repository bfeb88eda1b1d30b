"""Interim."""

from approvals.certificates.render import render  # noqa: F401
