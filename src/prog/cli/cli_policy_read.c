/* SPDX-License-Identifier: Apache-2.0 */
/* Policies, rosters and requests from files. */
#include "cli_policy.h"
#include "file/file_show.h"

void policy_say_faults(const char *path, struct draft *d)
{
    draft_sort_faults(d);
    for (size_t i = 0; i < d->fault_count; i++) {
        (void)fprintf(stderr, "%s:%u:%u: ", path, d->fault[i].at.line, d->fault[i].at.column);
        file_show(stderr, span_str(d->fault[i].sentence));
        (void)fputc('\n', stderr);
    }
    if (d->faults_left_out > 0) {
        (void)fprintf(stderr, "%s: and %zu faults more\n", path, d->faults_left_out);
    }
}

static int no_memory(const char *name)
{
    (void)cli_fail(CLI_FAILED, name, "not enough memory");
    return CLI_FAILED;
}

/* An object whose first member's name is quoted: who wrote it meant JSON, and is told what is wrong with the JSON. */
static bool begins_as_json(struct span text)
{
    size_t braces = 0;

    for (size_t i = 0; i < text.left; i++) {
        const uint8_t b = text.p[i];
        if (b == '{' && braces == 0) {
            braces++;
        } else if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
            return braces == 1 && b == '"';
        }
    }
    return braces == 1;
}

/* Nothing could be made of it. What is right as JSON was refused by YAML, and that is said. */
static int unreadable(const char *name, const char *path, struct policy_document *doc, struct arena *arena)
{
    struct span canonical = SPAN_NONE;

    if (begins_as_json(doc->text) && cli_parse_json(name, path, doc->text, arena, &canonical).code != CS_OK) {
        return CLI_FAILED;
    }
    policy_say_faults(path, doc->draft);
    (void)cli_fail(CLI_FAILED, name, "%s cannot be read", path);
    return CLI_FAILED;
}

int policy_load(const char *name, const char *path, struct arena *arena, struct policy_document *ret_document)
{
    struct policy_document doc = {.draft = arena_alloc(arena, sizeof(*doc.draft))};
    AUTO_WRITER text = wr_heap((size_t)DRAFT_TEXT_MAX + 1);

    if (doc.draft == NULL) {
        return no_memory(name);
    }
    draft_init(doc.draft, arena);
    doc.draft->zone = policy_zone_file;
    if (cli_read(name, path, &text).code != CS_OK) {
        return CLI_FAILED;
    }
    if (arena_copy(arena, wr_span(&text), &doc.text).code != CS_OK ||
        draft_load(doc.draft, doc.text, &doc.top).code != CS_OK) {
        return no_memory(name);
    }
    if (doc.top == NULL) {
        return unreadable(name, path, &doc, arena);
    }
    *ret_document = doc;
    return CLI_OK;
}

static int compiled(const char *name, const char *path, struct span text, struct arena *arena,
                    struct policy_file *ret_policy)
{
    struct policy_file p = {.text = SPAN_NONE};

    if (cli_parse_json(name, path, text, arena, &p.text).code != CS_OK) {
        return CLI_FAILED;
    }
    const struct cs_result r = model_policy_decode(p.text, arena, &p.doc);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", path, r.msg, cs_code_text(r.code));
    }
    *ret_policy = p;
    return CLI_OK;
}

static int refused(const char *name, const char *path, struct draft *d)
{
    const size_t n = d->fault_count + d->faults_left_out;

    policy_say_faults(path, d);
    return cli_fail(CLI_FAILED, name, "%s: %zu fault%s", path, n, n == 1 ? "" : "s");
}

/* The compiled form says its format with `v`, which the language does not have. */
int policy_read(const char *name, const char *path, const struct draft_roster *roster, struct arena *arena,
                struct policy_file *ret_policy)
{
    struct policy_document doc = {.top = NULL};
    struct policy_file p = {.text = SPAN_NONE};
    AUTO_WRITER w = wr_heap(DRAFT_TEXT_MAX);

    const int status = policy_load(name, path, arena, &doc);
    if (status != CLI_OK) {
        return status;
    }
    if (draft_member(doc.top, "v") != NULL && roster != NULL) {
        return cli_fail(CLI_FAILED, name,
                        "%s is compiled: --roster counts for a policy in YAML; the core counts for this", path);
    }
    if (draft_member(doc.top, "v") != NULL) {
        return compiled(name, path, doc.text, arena, ret_policy);
    }
    struct cs_result r = draft_policy(doc.draft, doc.top, roster, &w);
    if (r.code == CS_E_REFUSED) {
        return refused(name, path, doc.draft);
    }
    r = r.code == CS_OK ? arena_copy(arena, wr_span(&w), &p.text) : r;
    r = r.code == CS_OK ? model_policy_decode(p.text, arena, &p.doc) : r;
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", path, r.msg, cs_code_text(r.code));
    }
    *ret_policy = p;
    return CLI_OK;
}

int policy_read_roster(const char *name, const char *path, struct arena *arena, struct draft_roster *ret_roster)
{
    struct policy_document doc = {.top = NULL};
    struct draft_roster r = {.count = 0};

    if (path == NULL) {
        *ret_roster = r;
        return CLI_OK;
    }
    const int status = policy_load(name, path, arena, &doc);
    if (status != CLI_OK) {
        return status;
    }
    if (draft_roster(doc.draft, doc.top, &r).code != CS_OK) {
        return no_memory(name);
    }
    if (!draft_good(doc.draft)) {
        policy_say_faults(path, doc.draft);
        return cli_fail(CLI_FAILED, name, "%s is no roster", path);
    }
    *ret_roster = r;
    return CLI_OK;
}

int policy_request(const char *name, const char *path, struct span body, struct arena *arena,
                   struct deploy_content **ret_deploy)
{
    struct content_faults *faults = arena_alloc(arena, sizeof(*faults));
    struct deploy_content *d = arena_alloc(arena, sizeof(*d));
    struct span content = SPAN_NONE;
    bool revises_set = false;
    uint64_t revises = 0;

    if (faults == NULL || d == NULL) {
        return no_memory(name);
    }
    struct cs_result r = model_deploy_from_body(body, arena, &content, &revises_set, &revises, faults);
    for (size_t i = 0; r.code != CS_OK && i < faults->count; i++) {
        const struct content_fault *f = &faults->item[i];
        (void)fprintf(stderr, "%s: %s: %s. %s\n", path, f->pointer[0] != '\0' ? f->pointer : "/", f->code, f->detail);
    }
    if (r.code == CS_OK) {
        r = model_deploy_decode(content, arena, d);
    }
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s is no request", path);
    }
    *ret_deploy = d;
    return CLI_OK;
}

int policy_read_request(const char *name, const char *path, struct arena *arena, struct deploy_content **ret_deploy)
{
    AUTO_WRITER text = wr_heap(DRAFT_TEXT_MAX);
    struct span body = SPAN_NONE;

    if (cli_read(name, path, &text).code != CS_OK) {
        return CLI_FAILED;
    }
    if (arena_copy(arena, wr_span(&text), &body).code != CS_OK) {
        return no_memory(name);
    }
    return policy_request(name, path, body, arena, ret_deploy);
}
