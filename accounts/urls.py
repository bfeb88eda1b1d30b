"""Addresses about one's own seats and sessions."""

from django.urls import path

from accounts.views import activation, seats, sessions

urlpatterns = [
    path("activate/<str:uidb64>/<str:token>/", activation.activate, name="activate"),
    path("me/seats/", seats.my_seats, name="my_seats"),
    path("me/typed/", sessions.typed_too_late, name="typed_too_late"),
    # In the place of allauth's own page, which ends all others or nothing.
    path("accounts/sessions/", sessions.my_sessions, name="usersessions_list"),
]
