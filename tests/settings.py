"""Settings of the tests: the embedded installation in demo mode, quick passwords, nothing leaves the process."""

import os
import tempfile

_VAR = tempfile.mkdtemp(prefix="pilotage-tests-")
os.environ.setdefault("PILOTAGE_VAR", _VAR)
os.environ["PILOTAGE_DEMO"] = "1"
os.environ["PILOTAGE_WAKE_WORKER"] = "0"
os.environ["PILOTAGE_PLAIN_STATIC"] = "1"
os.environ.setdefault("CI", "1")

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
# Each process of the test run counts for itself; tests of the limits bring the shared cache back.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
