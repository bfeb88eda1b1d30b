"""SM2 signatures are not shipped, and this kind says so instead of pretending.

The national algorithms (GM/T 0003, e-seals of GB/T 38540) belong to certified products, and no library we ship makes
them. A site with an e-seal system writes a module of its own with a `KIND` (docs/signatures.md).
"""

from approvals.certificates.signing.base import Kind, Options, Signer, SigningError


def _build(options: Options) -> Signer:
    raise SigningError(
        "SM2 signatures are not shipped. Implement `Signer` and `Kind` of approvals.certificates.signing.base in a module "
        "of your own for your e-seal system, and name that module as the signer (docs/signatures.md)."
    )


KIND = Kind("sm2", _build)
