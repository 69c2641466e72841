/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/base_text.h"
#include "json/json_tree.h"
#include "file/file_read.h"

enum { FILE_MAX_BYTES = 1 << 20, LABEL_MAX = 64, DER_TAG = 0x30 };

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

/* Cuts at the first "-----WHAT LABEL-----". */
static bool cut(struct span in, const char *what, const char *label, struct span *ret_before, struct span *ret_after)
{
    char line[LABEL_MAX];
    const int n = snprintf(line, sizeof(line), "-----%s %s-----", what, label);
    const uint8_t *at = n > 0 && n < (int)sizeof(line) && in.left > 0 ? memmem(in.p, in.left, line, (size_t)n) : NULL;

    if (at == NULL) {
        return false;
    }
    *ret_before = span_make(in.p, (size_t)(at - in.p));
    *ret_after = span_from(in, ret_before->left + (size_t)n);
    return true;
}

CS_RESULT cli_der(const char *label, struct span file, struct arena *arena, struct span *ret_der)
{
    AUTO_WRITER text = wr_heap(FILE_MAX_BYTES);
    AUTO_WRITER der = wr_heap(FILE_MAX_BYTES);
    struct span body = SPAN_NONE;
    struct span rest = SPAN_NONE;

    if (file.left > 0 && file.p[0] == DER_TAG) {
        return arena_copy(arena, file, ret_der);
    }
    ENSURE(cut(file, "BEGIN", label, &body, &rest), CS_E_TYPE, "pem");
    ENSURE(cut(rest, "END", label, &body, &rest), CS_E_SHORT, "pem");
    for (size_t i = 0; i < body.left; i++) {
        if (body.p[i] != '\n' && body.p[i] != '\r') {
            wr_u8(&text, body.p[i]);
        }
    }
    TRY(text_base64_decode(wr_span(&text), &der, "pem"));
    TRY(wr_end(&der, "pem"));
    return arena_copy(arena, wr_span(&der), ret_der);
}

uint64_t cli_now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}
