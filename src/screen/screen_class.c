/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_text.h"

static const struct code_range {
    uint32_t first;
    uint32_t last;
    enum code_class class;
} ranges[] = {
#include "screen/screen_class_table.inc"
};

enum code_class screen_code_class(uint32_t point)
{
    size_t low = 0;
    size_t high = sizeof(ranges) / sizeof(ranges[0]);
    while (low < high) {
        const size_t middle = low + ((high - low) / 2);
        if (ranges[middle].last < point) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const bool found = low < sizeof(ranges) / sizeof(ranges[0]) && ranges[low].first <= point;
    return found ? ranges[low].class : CODE_REFUSED;
}

/* Only families that readers should be told about by name; everything else is "not a visible letter". */
static const struct chip_family {
    uint32_t first;
    uint32_t last;
    const char *words;
} families[] = {
    {0x0009, 0x0009, "tab"},
    {0x000A, 0x000A, "new line"},
    {0x0000, 0x001F, "control character"},
    {0x007F, 0x009F, "control character"},
    {0x00A0, 0x00A0, "space that looks like another"},
    {0x00AD, 0x00AD, "hyphen that may not show"},
    {0x034F, 0x034F, "invisible joiner"},
    {0x061C, 0x061C, "turns text around"},
    {0x1680, 0x1680, "space that looks like another"},
    {0x2000, 0x200A, "space that looks like another"},
    {0x200B, 0x200D, "invisible space or joiner"},
    {0x200E, 0x200F, "turns text around"},
    {0x2028, 0x2029, "line separator"},
    {0x202A, 0x202E, "turns text around"},
    {0x202F, 0x202F, "space that looks like another"},
    {0x205F, 0x205F, "space that looks like another"},
    {0x2060, 0x2064, "invisible space or joiner"},
    {0x2066, 0x2069, "turns text around"},
    {0x27E6, 0x27E7, "bracket that imitates a mark"},
    {0x2800, 0x2800, "blank that looks like a space"},
    {0x3000, 0x3000, "space that looks like another"},
    {0x3164, 0x3164, "invisible filler"},
    {0xE000, 0xF8FF, "sign without a meaning"},
    {0xFE00, 0xFE0F, "changes the letter before it"},
    {0xFEFF, 0xFEFF, "invisible space or joiner"},
    {0xFFA0, 0xFFA0, "invisible filler"},
    {0xE0000, 0xE007F, "invisible tag"},
    {0xE0100, 0xE01EF, "changes the letter before it"},
    {0xF0000, 0x10FFFD, "sign without a meaning"},
};

const char *screen_chip_meaning(const struct text_run *run)
{
    if (run->kind == RUN_BYTE) {
        return "byte that is no text";
    }
    if (run->kind == RUN_UNSHOWN) {
        return "cannot be shown here";
    }
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (run->code >= families[i].first && run->code <= families[i].last) {
            return families[i].words;
        }
    }
    return screen_code_class(run->code) == CODE_REFUSED ? "not a visible letter" : "mark piled on a letter";
}
