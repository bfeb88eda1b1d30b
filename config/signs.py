"""Lines about who signs in, out, and fails to; by key and kind, never by what was typed."""

import logging

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

log = logging.getLogger("pilotage.sign_in")


@receiver(user_logged_in, dispatch_uid="pilotage.signs.in")
def _signed_in(sender, user, **kwargs):
    log.info("signed in", extra={"person": user.pk})


@receiver(user_logged_out, dispatch_uid="pilotage.signs.out")
def _signed_out(sender, user, **kwargs):
    log.info("signed out", extra={"person": getattr(user, "pk", None)})


@receiver(user_login_failed, dispatch_uid="pilotage.signs.failed")
def _failed(sender, credentials, request=None, **kwargs):
    # Not the name that was typed: people type passwords into the wrong field.
    log.warning("sign-in failed", extra={"fields": sorted(credentials)})
