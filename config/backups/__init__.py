"""Backups: a folder of its own for each, beside one pool of files that all of them share.

    DIR/20260301T030000Z/manifest.json    what is in it: versions, rows per table, heads of the ledger, hashes
    DIR/20260301T030000Z/database.*       the database, as of one moment
    DIR/20260301T030000Z/files.txt        hash and size of every file that was there when the database was done
    DIR/pool/ab/abcd…                     the files, under their hash

The database comes first and the files second, so that every row finds its file. What must not go back in time with the
database (sent-log, anchors) is never in it, and neither are secrets.
"""


class Faulty(Exception):
    """A backup that cannot be made, read or restored; the words say why, in English."""
