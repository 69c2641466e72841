/* SPDX-License-Identifier: Apache-2.0 */
#include "file/file_show.h"

#include "base/base_text.h"

static bool is_hidden(uint32_t c)
{
    static const struct {
        uint32_t from;
        uint32_t to;
    } hidden[] = {{0x00, 0x1f},       {0x7f, 0xa0},       {0xad, 0xad},     {0x300, 0x36f},   {0x61c, 0x61c},
                  {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x1ab0, 0x1aff}, {0x2000, 0x200f},
                  {0x2028, 0x202f},   {0x205f, 0x206f},   {0x20d0, 0x20ff}, {0x3000, 0x3000}, {0x3164, 0x3164},
                  {0xe000, 0xf8ff},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xffff},
                  {0x1bca0, 0x1bca3}, {0xe0000, 0x10ffff}};

    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (c >= hidden[i].from && c <= hidden[i].to) {
            return true;
        }
    }
    return false;
}

/* Runners skip spaces before they look for "::". */
static bool is_order(struct span rest, bool begins)
{
    return (begins && rest.p[0] == ':') || (rest.left > 1 && rest.p[0] == '#' && rest.p[1] == '#');
}

void file_show(FILE *to, struct span text)
{
    bool begins = true;

    for (size_t at = 0; at < text.left;) {
        const struct span rest = span_from(text, at);
        uint32_t point = rest.p[0];
        size_t n = 1;
        const bool good = text_utf8_next(rest, &point, &n).code == CS_OK;
        if (good && !is_hidden(point) && !is_order(rest, begins)) {
            (void)fwrite(rest.p, 1, n, to);
        } else {
            (void)fprintf(to, "[U+%04X]", (unsigned)point);
        }
        begins = begins && point == ' ';
        at += n;
    }
}
