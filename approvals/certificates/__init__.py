"""Certificates: the text of a certificate, its drawing and its PDF file.

Everything here is plain Python without Django settings or database, so that a certificate can be drawn
in a worker, in a test or from a shell in the same way.
"""
