"""Drills: something is broken on purpose in an installation of its own, and everything that was confirmed is counted.

A drill that broke nothing has shown nothing: it fails.
"""
