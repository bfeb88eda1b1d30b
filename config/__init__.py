"""Settings, URLs, Celery, and what belongs to the installation: doctor, demo, play."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
