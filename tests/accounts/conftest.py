from tests.accounts.signing_in import guesses

__all__ = ["guesses"]
