"""Template tags of the UI kit; pages need only ``{% load ui %}``."""
