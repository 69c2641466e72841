#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes screen_class_table.inc: which class of screen_class.h each code point has, as sorted ranges.

The facts are those of the Unicode Character Database as python3's unicodedata holds them; what we make of them stands
here. A code point in no range may not stand in a text. Run: python3 screen_class_table.py > screen_class_table.inc
"""
import unicodedata

# Never letters of a text, whatever their general category says (docs/kiosk.md, "Text that hides something").
REFUSED = (
    [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x27E6, 0x27E7]
    + list(range(0x180B, 0x1810))  # variation selectors of Mongolian, and its vowel separator
    + list(range(0xFE00, 0xFE10))
    + list(range(0xE0000, 0xE1000))  # tags, variation selectors, and what is kept for more of them
    + list(range(0xFFF0, 0xFFF9))
)
# What a row of equal cells can carry: left to right, one cell each, no joining of letters.
CELLS = [
    (0x0020, 0x058F), (0x10A0, 0x10FF), (0x1C80, 0x1CBF), (0x1D00, 0x1FFF), (0x2000, 0x2BFF), (0x2C60, 0x2C7F),
    (0x2DE0, 0x2E7F), (0xA640, 0xA69F), (0xA700, 0xA7FF), (0xAB30, 0xAB6F), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
    (0x1AB0, 0x1AFF),
]


def code_class(point, refused):
    char = chr(point)
    category = unicodedata.category(char)
    if point in refused or category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return None
    if category == "Zs" and point != 0x20:
        return None
    cells = any(a <= point <= b for a, b in CELLS)
    if category in ("Mn", "Me"):
        return "CODE_MARK" if cells else "CODE_SHAPED_MARK"
    if unicodedata.east_asian_width(char) in ("W", "F"):
        return "CODE_SHAPED"
    rtl = unicodedata.bidirectional(char) in ("R", "AL", "AN")
    return "CODE_PLAIN" if cells and not rtl else "CODE_SHAPED"


def main():
    refused = frozenset(REFUSED)
    ranges = []
    for point in range(0x110000):
        kind = code_class(point, refused)
        if kind is None:
            continue
        if ranges and ranges[-1][2] == kind and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point, kind])
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print(f"/* Written by screen_class_table.py from Unicode {unicodedata.unidata_version}; do not edit. */")
    print("/* clang-format off */")
    for first, last, kind in ranges:
        print(f"{{0x{first:05X}, 0x{last:05X}, {kind}}},")


if __name__ == "__main__":
    main()
