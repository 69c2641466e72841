/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_proposal.h"

#include "model/model_take.h"

static bool only_puts(const struct roster_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const enum change_op op = changes->item[i].op;
        if (op != CHANGE_PUT_PERSON && op != CHANGE_PUT_CLIENT && op != CHANGE_PUT_MODEL && op != CHANGE_PUT_ISSUER) {
            return false;
        }
    }
    return true;
}

CS_RESULT model_proposal_decode(struct span text, struct arena *arena, struct proposal *ret_proposal)
{
    struct json_in in = json_in_make(text, arena);
    struct proposal p = {0};

    TRY(json_open(&in, "proposal"));
    TRY(model_changes_get(&in, "proposal.changes", &p.changes));
    ENSURE(only_puts(&p.changes), CS_E_REFUSED, "proposal.changes");
    TRY(json_get_id(&in, "proposal.origin", MODEL_ACCOUNT_MAX, &p.origin));
    ENSURE(memchr(p.origin.p, '+', p.origin.left) == NULL, CS_E_SYNTAX, "proposal.origin"); /* it names a note key */
    TRY(model_take_raw_object(&in, "proposal.policy", &p.policy));
    TRY(json_get_id(&in, "proposal.rp_id", MODEL_ACCOUNT_MAX, &p.rp_id));
    TRY(model_take_version(&in, "proposal.v"));
    TRY(json_close(&in, "proposal"));
    TRY(json_end(&in, "proposal"));
    *ret_proposal = p;
    return CS_SUCCESS;
}

CS_RESULT model_proposal_encode(const struct proposal *p, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_changes_put(&o, "changes", &p->changes);
    json_put_str(&o, "origin", p->origin);
    json_put_raw(&o, "policy", p->policy);
    json_put_str(&o, "rp_id", p->rp_id);
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    return json_out_end(&o, "proposal");
}
