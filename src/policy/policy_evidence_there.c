/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_evidence_there.h"

enum { SAYS_MAX = REPORT_KIND_COUNT * 2 * MODEL_LEAF_MAX };

static CS_RESULT load_file(const struct state_evidence *kept, struct arena *arena, struct evidence_there *t)
{
    struct evidence_note *x = arena_alloc(arena, sizeof(*x));

    ENSURE(x != NULL, CS_E_NOMEM, "sheet.evidence");
    TRY(model_evidence_decode(kept->body, arena, x));
    t->file[t->files++] = (struct evidence_file){.kept = kept, .x = x};
    return CS_SUCCESS;
}

CS_RESULT policy_evidence_load(const struct state_open *o, struct span line, const struct policy_evidence *e,
                               struct arena *arena, struct evidence_there *ret_there)
{
    const size_t n = o != NULL ? o->evidence_count : 0;
    struct evidence_there t = {.waivers = arena_array(arena, n, sizeof(const struct state_evidence *)),
                               .waives = arena_array(arena, n, sizeof(struct waiver_content))};

    ENSURE(n == 0 || (t.waivers != NULL && t.waives != NULL), CS_E_NOMEM, "sheet.evidence");
    for (size_t i = 0; i < n; i++) {
        const struct state_evidence *x = &o->evidence[i];
        if (!span_eq(x->line, line)) {
            continue;
        }
        if (x->waiver) {
            TRY(model_waiver_content_decode(x->body, arena, &t.waives[t.waiver_count]));
            t.waivers[t.waiver_count++] = x;
        } else if ((e == NULL || policy_evidence_takes(e, x->kind)) && t.files < REPORT_KIND_COUNT) {
            TRY(load_file(x, arena, &t));
        }
    }
    *ret_there = t;
    return CS_SUCCESS;
}

static void put_file(struct json_out *o, const struct evidence_note *x)
{
    struct report r = x->report;

    r.produced_ms = 0;
    json_put_object(o, NULL);
    json_put_text(o, "kind", report_kind_text(r.kind));
    json_put_array(o, "known");
    for (size_t k = 0; k < x->baseline.known_count; k++) {
        json_put_uint(o, NULL, x->baseline.known[k]);
    }
    json_put_close(o);
    model_report_put(o, "report", &r);
    if (r.kind == REPORT_PLAN) { /* of which its counts say too little */
        json_put_hex(o, "sha256", sha256_span(&x->sha256));
    }
    json_put_close(o);
}

CS_RESULT policy_evidence_digest(const struct evidence_there *there, struct sha256 *ret_says)
{
    AUTO_WRITER w = wr_heap(SAYS_MAX);
    struct json_out o = json_out_make(&w);

    json_put_object(&o, NULL);
    json_put_array(&o, "files");
    for (size_t i = 0; i < there->files; i++) {
        put_file(&o, there->file[i].x);
    }
    json_put_close(&o);
    json_put_array(&o, "waivers");
    for (size_t i = 0; i < there->waiver_count; i++) {
        json_put_uint(&o, NULL, there->waivers[i]->index);
    }
    json_put_close(&o);
    json_put_close(&o);
    TRY(json_out_end(&o, "sheet.evidence"));
    *ret_says = digest_sha256(wr_span(&w));
    return CS_SUCCESS;
}

uint64_t policy_evidence_newest(const struct state_open *o, struct span line)
{
    uint64_t index = 0;
    for (size_t i = 0; i < o->evidence_count; i++) {
        const struct state_evidence *x = &o->evidence[i];
        index = !x->waiver && span_eq(x->line, line) && x->index > index ? x->index : index;
    }
    return index;
}
