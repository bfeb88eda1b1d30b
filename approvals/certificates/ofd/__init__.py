"""A copy of a certificate as OFD (GB/T 33190-2016), made from the PDF we drew ourselves.

An OFD copy is **not signed**: seals in OFD are made by certified systems (GB/T 38540). Its metadata say so and name the
PDF it was made from. Whatever our own pages do not use is refused instead of being left out.
"""

from approvals.certificates.ofd.content import OfdRefused
from approvals.certificates.ofd.package import convert

__all__ = ["OfdRefused", "convert"]
