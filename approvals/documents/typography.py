"""Measures of GB/T 9704-2012 (programmes.md §7.4). Millimetres and points as the names say."""

PT_PER_MM = 72 / 25.4

PAGE = (210.0, 297.0)  # mm
TOP, LEFT = 37.0, 28.0  # 天头 and 订口, mm
BLOCK = (156.0, 225.0)  # 版心, mm
RIGHT, BOTTOM = PAGE[0] - LEFT - BLOCK[0], PAGE[1] - TOP - BLOCK[1]

LINES, CHARACTERS = 22, 28
# 22 lines of 29 pt would be 638 pt where the block has 637.8: the pitch is the block divided, never the rounded figure.
PITCH = BLOCK[1] / LINES - 0.0005  # mm
WIDTH = BLOCK[0] * PT_PER_MM  # pt

SAN, ER, SI, XIAO_SI, WU = 16.0, 22.0, 14.0, 12.0, 10.5  # 三号, 二号, 四号, 小四, 五号; pt
# 28 × 16 pt = 448 pt do not go into 442.2 pt: 三号 is set 0.21 pt closer, 28 cells of 15.79 pt (the trap of §7.4).
TIGHT = -0.21
CELL = SAN + TIGHT

# The mark (红头) begins 35 mm below the block's top; the red rule lies 4 mm below the number.
MARK_TOP, RULE_GAP = 35.0, 4.0
# Letters: the mark 30 mm from the top edge, the second double rule 20 mm from the bottom edge, both 170 mm long.
LETTER_TOP, LETTER_FOOT, LETTER_RULE = 30.0, 20.0, 170.0
PAGE_NUMBER_GAP = 7.0  # mm from the block to the dash

# Levels of headings: 一、 （一） 1. （1）, each in its face.
LEVEL_FACES = ("hei", "kai", "fangsong", "fangsong")
BODY, TITLE, SONG, KAI, HEI = "fangsong", "xiaobiaosong", "song", "kai", "hei"
# At most so many characters of 二号 stand in a line of a title (156 mm / 22 pt = 20.1).
TITLE_MOST = 20
