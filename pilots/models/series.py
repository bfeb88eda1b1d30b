from django.db import models


class Counter(models.Model):
    """The last number given in a series. Locked while a number is taken, so a series has no gaps."""

    series = models.CharField(max_length=60)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "year"], name="counter_once")]

    def __str__(self):
        return f"{self.series} {self.year}: {self.last}"

    @classmethod
    def take(cls, series: str, year: int) -> int:
        """The next number of a series and year, from 1; must run inside the transaction that uses it."""
        cls.objects.get_or_create(series=series, year=year)
        row = cls.objects.select_for_update().get(series=series, year=year)
        row.last += 1
        row.save(update_fields=["last"])
        return row.last
