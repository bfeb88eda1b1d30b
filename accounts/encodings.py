"""How a text file that people send is encoded: UTF-8 with or without a mark, or what a Chinese spreadsheet saves (GB18030)."""

ENCODINGS = ("utf-8-sig", "gb18030")


def decoded(data: bytes) -> str:
    """The text of the file. Raises UnicodeDecodeError (a ValueError) where it is in neither encoding."""
    try:
        return data.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return data.decode(ENCODINGS[1])
