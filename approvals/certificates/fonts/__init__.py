"""The fonts a certificate is set in: subsets committed to the repository, so no machine needs CJK fonts."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent

REGULAR = FOLDER / "PilotageSerifSC-Regular.otf"
BOLD = FOLDER / "PilotageSerifSC-Bold.otf"

#: Role in a design -> file. A ministry certificate uses several families; one family in two weights is what
#: can be given away freely under the OFL with every character of GB 2312.
ROLES = {"title": BOLD, "strong": BOLD, "seal": BOLD, "body": REGULAR, "label": REGULAR}
