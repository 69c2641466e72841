/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_spot.h"
#include "file/file_read.h"

#include <fcntl.h>

static const struct audit_command *const commands[] = {
    &audit_json, &audit_note,      &audit_proof,     &audit_inclusion, &audit_consistency,
    &audit_tile, &audit_signature, &audit_assertion, &audit_dsse,
};

enum audit_exit audit_refuse_result(struct cs_result why)
{
    if (why.code == CS_E_NOMEM) {
        AUDIT_SAY("%s %s", why.msg, cs_code_text(why.code));
        return AUDIT_CANNOT_TELL;
    }
    if (why.at > 0) {
        return AUDIT_REFUSE("%s %s, at byte %u", why.msg, cs_code_text(why.code), why.at);
    }
    return AUDIT_REFUSE("%s %s", why.msg, cs_code_text(why.code));
}

enum audit_exit audit_load(const char *path, struct writer *file)
{
    const char *name = strcmp(path, "-") == 0 ? "/dev/stdin" : path;
    const struct cs_result r = file_read(AT_FDCWD, name, 0, file);

    if (r.code != CS_OK) {
        AUDIT_SAY("%s: %s %s", path, r.msg, cs_code_text(r.code));
        return AUDIT_CANNOT_TELL;
    }
    return AUDIT_HOLDS;
}

enum audit_exit audit_need(const struct audit_args *args, const char *option, const char **ret_value)
{
    const char *value = audit_option_once(args, option);

    if (value == NULL) {
        return AUDIT_MISUSE("%s must stand exactly once", option);
    }
    *ret_value = value;
    return AUDIT_HOLDS;
}

enum audit_exit audit_load_option(const struct audit_args *args, const char *option, struct writer *file)
{
    const char *path = NULL;

    AUDIT_TRY(audit_need(args, option, &path));
    return audit_load(path, file);
}

struct audit_hex audit_hex(const struct sha256 *d)
{
    struct audit_hex h = {.text = ""};
    struct writer w = wr_fixed(h.text, sizeof(h.text) - 1);
    wr_hex(&w, sha256_span(d));
    return h;
}

static enum audit_exit run(const struct audit_command *c, int argc, char *const *argv)
{
    struct audit_args args;
    const char *word = "";

    if (argc == 1 && strcmp(argv[0], "--help") == 0) {
        (void)printf("usage: countersign-audit %s %s\n", c->name, c->synopsis);
        return AUDIT_HOLDS;
    }
    const struct cs_result r = audit_args_parse(argc, argv, c->options, &args, &word);
    if (r.code != CS_OK) {
        return AUDIT_MISUSE("%s: %s %s", word, r.msg, cs_code_text(r.code));
    }
    if (args.word_count < c->words_min || args.word_count > c->words_max) {
        return AUDIT_MISUSE("usage: countersign-audit %s %s", c->name, c->synopsis);
    }
    return c->run(&args);
}

static int status_of(enum audit_exit e)
{
    switch (e) {
    case AUDIT_HOLDS:
        return 0;
    case AUDIT_REFUSED:
        return 1;
    case AUDIT_WRONG_USE:
        return AUDIT_USAGE;
    case AUDIT_CANNOT_TELL:
        break;
    }
    return judge_finding_exit(FINDING_CANNOT_TELL);
}

int audit_spot(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[0], commands[i]->name) == 0) {
            return status_of(run(commands[i], argc - 1, argv + 1));
        }
    }
    return AUDIT_USAGE;
}
