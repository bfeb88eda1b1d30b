"""Addresses that exist only in demo mode."""

from django.urls import path

from config.demo import views

urlpatterns = [
    path("", views.story, name="demo"),
    path("as/<slug:key>/", views.become, name="demo_as"),
    path("clock/", views.clock_forward, name="demo_clock"),
    path("experts/", views.experts_score, name="demo_experts"),
    path("mail/", views.mailbox, name="demo_mail"),
]
