/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_checkpoint.h"

#include "crypt/crypt_note.h"

/* A head seen before: what is smaller lacks entries, and what is as large must be the same. */
static struct finding keeps_pin(const struct trust *t, const struct note_checkpoint *c)
{
    if (!t->has_checkpoint || c->size > t->checkpoint_size) {
        return FINDING_OK;
    }
    const bool same = c->size == t->checkpoint_size && sha256_eq(&c->root, &t->checkpoint_root);
    return same ? FINDING_OK : (struct finding){.class = FINDING_PINNED};
}

struct finding judge_checkpoint_open(struct span note, const struct trust *t, struct checkpoint *ret_head)
{
    struct note_key key = {0};
    struct note_checkpoint c = {0};

    const struct cs_result known = note_vkey_decode(t->log, &key);
    if (known.code != CS_OK) {
        return judge_finding_of(FINDING_CANNOT_TELL, known);
    }
    if (!span_eq(key.name, t->origin)) {
        return judge_finding_of(FINDING_CANNOT_TELL, CS_FAIL(CS_E_MISMATCH, "trust.origin"));
    }
    const struct cs_result r = crypt_checkpoint_verify(note, &key, &c);
    if (r.code != CS_OK) {
        return judge_finding_of(FINDING_CHECKPOINT, r);
    }
    const struct finding f = keeps_pin(t, &c);
    if (f.class == FINDING_HOLDS) {
        ret_head->size = c.size;
        ret_head->root = c.root;
        memcpy(ret_head->log_key, key.key, sizeof(ret_head->log_key));
    }
    return f;
}

struct finding judge_genesis_is_trusted(const struct state *s, const struct trust *t, const struct checkpoint *head)
{
    const bool same_key = memcmp(s->log_key, head->log_key, sizeof(head->log_key)) == 0;

    if (!span_eq(s->origin, t->origin)) {
        return judge_finding_of(FINDING_GENESIS, CS_FAIL(CS_E_MISMATCH, "genesis.origin"));
    }
    return same_key ? FINDING_OK : judge_finding_of(FINDING_GENESIS, CS_FAIL(CS_E_MISMATCH, "genesis.log_key"));
}

struct finding judge_finding_of_verdict(struct verdict v)
{
    const enum finding_class c = v.reason == REASON_NO_ROOM ? FINDING_CANNOT_TELL : FINDING_ENTRY;
    return (struct finding){.class = c, .reason = v.reason, .cause = v.cause};
}
