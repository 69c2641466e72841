/* SPDX-License-Identifier: Apache-2.0 */
/* A database migration and its backup: docs/evidence/migration.schema.json. */
#include "evidence/evidence_walk.h"

enum place {
    TOP = WALK_START + 1,
    BACKUP,
    BACKUP_BYTES,
    BACKUP_ID,
    BACKUP_TAKEN,
    RESTORED,
    REVERSIBLE,
    SCHEMA,
    SCHEMA_FROM,
    SCHEMA_TO,
    TOOL,
    VERSION
};

static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, BACKUP, WALK_OBJECT, "backup"},
    {TOP, RESTORED, WALK_STRING, "restore_tested"},
    {TOP, REVERSIBLE, WALK_BOOL, "reversible"},
    {TOP, SCHEMA, WALK_OBJECT, "schema"},
    {TOP, TOOL, WALK_STRING, "tool"},
    {TOP, VERSION, WALK_NUMBER, "v"},
    {BACKUP, BACKUP_BYTES, WALK_NUMBER, "bytes"},
    {BACKUP, BACKUP_ID, WALK_STRING, "id"},
    {BACKUP, BACKUP_TAKEN, WALK_STRING, "taken"},
    {SCHEMA, SCHEMA_FROM, WALK_STRING, "from"},
    {SCHEMA, SCHEMA_TO, WALK_STRING, "to"},
};

/* A text that people compare must be whole. */
static CS_RESULT put_whole(struct evidence *e, enum evidence_text t, const struct json_token *token)
{
    if (token->text.left == 0 || token->text.left > EVIDENCE_LINE_MAX) {
        return evidence_fail(e, CS_E_RANGE, "migration", "Texts have 1 to 120 bytes.");
    }
    for (size_t i = 0; i < token->text.left; i++) {
        if (token->text.p[i] < 0x20 || token->text.p[i] > 0x7e || token->text.p[i] == '"' || token->text.p[i] == '\\') {
            return evidence_fail(e, CS_E_RANGE, "migration", "Texts are of printable ASCII without \" and \\.");
        }
    }
    evidence_put_text(e, t, token->text);
    return CS_SUCCESS;
}

static CS_RESULT put_time(struct evidence *e, enum evidence_number n, const struct json_token *token)
{
    uint64_t ms = 0;
    const struct cs_result r = evidence_time(token->text, &ms, "migration");

    if (r.code != CS_OK) {
        return evidence_fail(e, r.code, "migration", "Times are written as 2026-03-29T01:30:00Z.");
    }
    evidence_set(e, n, ms);
    return CS_SUCCESS;
}

static CS_RESULT put_natural(struct evidence *e, enum evidence_number n, const struct json_token *token)
{
    uint64_t v = 0;
    const struct cs_result r = evidence_natural(token->text, &v, "migration");

    if (r.code != CS_OK) {
        return evidence_fail(e, r.code, "migration", "A size is a whole number of bytes.");
    }
    evidence_set(e, n, v);
    return CS_SUCCESS;
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *token)
{
    switch (place) {
    case BACKUP_BYTES:
        return put_natural(e, EVIDENCE_BACKUP_BYTES, token);
    case BACKUP_ID:
        return put_whole(e, EVIDENCE_BACKUP_ID, token);
    case BACKUP_TAKEN:
        return put_time(e, EVIDENCE_BACKUP_MS, token);
    case RESTORED:
        return put_time(e, EVIDENCE_RESTORE_MS, token);
    case REVERSIBLE:
        evidence_set(e, EVIDENCE_REVERSIBLE, token->flag ? 1 : 0);
        return CS_SUCCESS;
    case SCHEMA_FROM:
        return put_whole(e, EVIDENCE_SCHEMA_FROM, token);
    case SCHEMA_TO:
        return put_whole(e, EVIDENCE_SCHEMA_TO, token);
    case TOOL:
        return put_whole(e, EVIDENCE_TOOL, token);
    default:
        return span_is(token->text, "1") ? CS_SUCCESS
                                         : evidence_fail(e, CS_E_UNKNOWN, "migration.v", "This reads version 1.");
    }
}

static const struct walk_plan plan = {
    .rows = rows, .row_count = sizeof(rows) / sizeof(rows[0]), .strict = true, .what = "migration", .value = value};

static struct cs_result begin(struct evidence *e)
{
    walk_begin(e, (struct walk *)(void *)e->own, &plan);
    return CS_SUCCESS;
}

static struct cs_result end(struct evidence *e)
{
    static const uint8_t must[] = {VERSION, BACKUP_BYTES, BACKUP_ID, BACKUP_TAKEN, REVERSIBLE, SCHEMA_FROM, SCHEMA_TO};
    struct walk *w = (struct walk *)(void *)e->own;

    TRY(walk_end(e, w));
    for (size_t i = 0; i < sizeof(must); i++) {
        if (!walk_reached(w, must[i])) {
            return evidence_fail(
                e, CS_E_MISSING, "migration",
                "It must say v, schema.from, schema.to, reversible, backup.id, backup.taken, backup.bytes.");
        }
    }
    if (e->summary.number[EVIDENCE_BACKUP_BYTES] == 0) {
        return evidence_fail(e, CS_E_MISSING, "migration.backup", "A backup of 0 bytes is none.");
    }
    return CS_SUCCESS;
}

const struct evidence_reader evidence_migration = {.own_bytes = sizeof(struct walk),
                                                   .begin = begin,
                                                   .feed = walk_feed_own,
                                                   .end = end,
                                                   .release = walk_release_own,
                                                   .line = walk_line_own};
