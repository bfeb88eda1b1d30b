"""Signatures on certificates: keys, PAdES, verdicts and long-term copies (docs/signatures.md).

One file per kind of signer; `kinds.py` finds them. Nothing here reads settings, the database or the network:
paths, keys, instants and transports are arguments.
"""
