/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "json/json_tree.h"
#include "file/file_read.h"

enum { FILE_MAX_BYTES = 1 << 20 };

int cli_fail(int status, const char *name, const char *format, ...)
{
    va_list args;

    (void)fprintf(stderr, "countersign %s: ", name);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return status;
}

CS_RESULT cli_read(const char *name, const char *path, struct writer *w)
{
    const bool input = strcmp(path, "-") == 0;
    const struct cs_result r = input ? file_read_all(STDIN_FILENO, w) : file_read(AT_FDCWD, path, 0, w);
    if (r.code != CS_OK) {
        (void)cli_fail(CLI_FAILED, name, "%s %s", path, cs_code_text(r.code));
    }
    return r;
}

/* Where people look: line and column of a byte, counted from one. */
static void place(struct span text, uint32_t at, unsigned *ret_line, unsigned *ret_column)
{
    *ret_line = 1;
    *ret_column = 1;
    for (size_t i = 0; i < at && i < text.left; i++) {
        *ret_column = text.p[i] == '\n' ? 1 : *ret_column + 1;
        *ret_line += text.p[i] == '\n' ? 1 : 0;
    }
}

static CS_RESULT canonical(const struct json_value *top, struct arena *arena, struct span *ret_canonical)
{
    AUTO_WRITER w = wr_heap(FILE_MAX_BYTES);
    struct json_out o = json_out_make(&w);

    json_tree_write(top, &o, NULL);
    TRY(json_out_end(&o, "file"));
    return arena_copy(arena, wr_span(&w), ret_canonical);
}

CS_RESULT cli_parse_json(const char *name, const char *path, struct span text, struct arena *arena,
                         struct span *ret_canonical)
{
    const struct json_value *top = NULL;

    struct cs_result r = json_tree_parse(text, arena, &top);
    if (r.code != CS_OK) {
        unsigned line = 0;
        unsigned column = 0;
        place(text, r.at, &line, &column);
        (void)cli_fail(CLI_FAILED, name, "%s:%u:%u: the JSON here %s", path, line, column, cs_code_text(r.code));
        return r;
    }
    r = canonical(top, arena, ret_canonical);
    if (r.code != CS_OK) {
        (void)cli_fail(CLI_FAILED, name, "%s %s", path, cs_code_text(r.code));
    }
    return r;
}

CS_RESULT cli_read_json(const char *name, const char *path, struct arena *arena, struct span *ret_canonical)
{
    AUTO_WRITER text = wr_heap(FILE_MAX_BYTES);

    TRY(cli_read(name, path, &text));
    return cli_parse_json(name, path, wr_span(&text), arena, ret_canonical);
}

uint64_t cli_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
