"""What every case has: a public id, a version, the head of its ledger."""

import uuid

from django.db import models
from django_fsm import ConcurrentTransitionMixin

from accounts.authority import Authority, Scope


class CaseQuerySet(models.QuerySet):
    """`visible_to` is the only way a case reaches a person."""

    def visible_to(self, user):
        """Cases `user` may see. Equal, case by case, to `Case.is_visible_to` (held by a property test)."""
        authority = user if isinstance(user, Authority) else Authority.of(user)
        return self.filter(self.model.reach(authority)).distinct()


class Case(ConcurrentTransitionMixin, models.Model):
    """Base of everything that moves through the one door.

    `version` counts the acts done on the case and is the sequence number of its last ledger row; `head` is
    that row's hash. Both are written only by the door.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)
    head = models.CharField(max_length=64, blank=True, editable=False)
    since = models.DateTimeField(null=True, editable=False)

    # What the door reads together with the row it locks.
    related: tuple[str, ...] = ()

    class Meta:
        abstract = True

    @classmethod
    def reach(cls, authority):
        """The predicate behind `visible_to`."""
        raise NotImplementedError(f"{cls.__name__} does not say who may see it")

    def scope(self) -> Scope:
        """Where this case lies, for permission and for finding its holders."""
        raise NotImplementedError(f"{type(self).__name__} does not say where it lies")

    @property
    def rules(self):
        """The pinned rules."""
        raise NotImplementedError(f"{type(self).__name__} has no rules")

    def label_for(self, role):
        """What the case is called in messages and lists of a holder of `role`."""
        return str(self)

    def duties(self, at):
        """The deadlines that must be open in the present state: `pilots.deadlines.Duty` rows."""
        return ()

    def is_visible_to(self, user):
        return type(self).objects.visible_to(user).filter(pk=self.pk).exists()
