"""Senders to be killed: `python -m tests.notifications.sender PORT`.

Loads Django once; each line "start" on standard input forks a sender (a real process with its own connections) and answers
with its process id; "wait" waits for the last one and answers with how it ended.
"""

import os
import sys


def main(port):
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.mail import DNS_NAME

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    # The name this machine gives itself is looked up once, not by every sender.
    str(DNS_NAME)
    child = 0
    for line in sys.stdin:
        if line.strip() == "start":
            child = os.fork()
            if not child:
                send_everything()
                os._exit(0)
            say(child)
        else:
            say(os.waitpid(child, 0)[1])


def say(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def send_everything():
    from django.utils import timezone

    from notifications import outbox
    from notifications.models import Message

    while Message.objects.outgoing().exists():
        outbox.send_due(timezone.now())


if __name__ == "__main__":
    main(int(sys.argv[1]))
