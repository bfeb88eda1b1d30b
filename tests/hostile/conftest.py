"""Pages are opened in the corpora as they are in the tests of pages."""

from tests.pilots.conftest import browse, draft, mine, stand

__all__ = ["browse", "draft", "mine", "stand"]
