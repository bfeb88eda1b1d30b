"""Why the compiled path steps aside."""


class Unsure(Exception):
    """The compiled path does not vouch for this text; the caller renders it with WeasyPrint. ``why`` is a short word."""

    def __init__(self, why: str, detail: str = "") -> None:
        self.why = why
        super().__init__(f"{why}: {detail}" if detail else why)
