"""Addresses about one's own seats."""

from django.urls import path

from accounts.views import seats

urlpatterns = [
    path("me/seats/", seats.my_seats, name="my_seats"),
]
