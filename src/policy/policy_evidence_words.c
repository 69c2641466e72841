/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_evidence_words.h"

static bool is_ratio(enum report_kind kind, struct span name)
{
    return kind == REPORT_COVERAGE || (kind == REPORT_JUNIT && span_is(name, "pass_ppm")) ||
           (kind == REPORT_CANARY && (span_starts(name, SPAN_LIT("least_")) || span_starts(name, SPAN_LIT("most_"))));
}

void policy_evidence_value(struct writer *w, enum report_kind kind, struct span name, uint64_t v)
{
    if (is_ratio(kind, name)) {
        wr_millionths(w, v);
    } else {
        wr_dec(w, v);
    }
}

void policy_evidence_comma(struct writer *w)
{
    if (w->len > 0) {
        wr_text(w, ", ");
    }
}

static void put_seconds(struct writer *w, const char *what, uint64_t s)
{
    if (s > 0) {
        policy_evidence_comma(w);
        wr_text(w, what);
        wr_dec(w, s);
        wr_text(w, " s");
    }
}

static void put_word(struct writer *w, const char *what, struct span word)
{
    if (word.left > 0) {
        policy_evidence_comma(w);
        wr_text(w, what);
        wr_bytes(w, word);
    }
}

void policy_evidence_words(const struct policy_evidence *e, struct writer *w)
{
    static const char *const signs[] = {
        [LIMIT_NONE] = " ? ", [LIMIT_DROP] = " dropped <= ", [LIMIT_GE] = " >= ", [LIMIT_LE] = " <= "};
    wr_text(w, report_kind_text(e->kind));
    for (size_t i = 0; i < e->limit_count; i++) {
        policy_evidence_comma(w);
        wr_bytes(w, e->limits[i].name);
        wr_text(w, signs[e->limits[i].kind]);
        policy_evidence_value(w, e->kind, e->limits[i].name, e->limits[i].bound);
    }
    put_seconds(w, "age <= ", e->max_age_s);
    put_seconds(w, "backup age <= ", e->backup_max_age_s);
    put_seconds(w, "restore tested within ", e->restore_max_age_s);
    put_word(w, "from ", e->from);
    if (e->schema_from) {
        put_word(w, "schema of ", SPAN_LIT("what runs"));
    }
    if (e->baseline) {
        put_word(w, "only new against ", SPAN_LIT("what runs"));
    }
    if (e->key.left > 0) {
        const struct sha256 d = digest_sha256(e->key);
        wr_text(w, ", signed by ");
        wr_hex(w, sha256_span(&d));
    }
    put_word(w, "waivable by ", e->waivable_by);
}
