"""Addresses of telling: inbox, calendar, queue."""

urlpatterns = []
