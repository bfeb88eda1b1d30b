"""The compiled path: a page WeasyPrint has laid out once becomes a mould, and certificates of the same shape are cast in it.

Nothing here knows a design. A mould is learnt from a real render: which marks of the page belong to which place, where
lines start, which way they are aligned, how wide each character is. A certificate is only cast when its lines break the
way the mould's do, by a margin; in every other case `Unsure` is raised and WeasyPrint does the work.
"""
