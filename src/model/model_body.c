/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_body.h"

static CS_RESULT decode_genesis(struct span text, struct arena *arena, struct entry_body *b)
{
    TRY(model_genesis_decode(text, arena, &b->genesis));
    return model_genesis_statement_decode(b->genesis.statement, arena, &b->genesis_statement);
}

static CS_RESULT decode_decision(struct span text, struct arena *arena, struct entry_body *b)
{
    TRY(model_decision_decode(text, arena, &b->decision));
    return model_statement_decode(b->decision.statement, arena, &b->statement);
}

static CS_RESULT decode(const struct entry *e, struct arena *arena, struct entry_body *b)
{
    switch (e->type) {
    case ENTRY_GENESIS:
        return decode_genesis(e->body, arena, b);
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
        return model_effect_decode(e->body, arena, &b->effect);
    case ENTRY_REQUEST:
        return model_request_decode(e->body, arena, &b->request);
    case ENTRY_DECISION:
        return decode_decision(e->body, arena, b);
    case ENTRY_WITHDRAW:
        return model_withdraw_decode(e->body, arena, &b->withdraw);
    case ENTRY_EXPIRE:
        return model_expire_decode(e->body, arena, &b->expire);
    case ENTRY_REDEEM:
        return model_redeem_decode(e->body, arena, &b->redeem);
    case ENTRY_OUTCOME:
        return model_outcome_decode(e->body, arena, &b->outcome);
    case ENTRY_ACCESS:
        return model_access_decode(e->body, arena, &b->access);
    case ENTRY_BOOT:
        return model_boot_decode(e->body, arena, &b->boot);
    case ENTRY_CLOCK:
        return model_clock_decode(e->body, arena, &b->clock);
    case ENTRY_EMERGENCY:
        return model_grant_decode(e->body, arena, &b->emergency);
    case ENTRY_OVERDUE:
        return model_overdue_decode(e->body, arena, &b->overdue);
    case ENTRY_REVIEW:
        return model_review_effect_decode(e->body, arena, &b->review);
    case ENTRY_EVIDENCE:
        return model_evidence_decode(e->body, arena, &b->evidence);
    case ENTRY_WAIVER:
        return model_waiver_effect_decode(e->body, arena, &b->waiver);
    case ENTRY_FREEZE:
        return model_freeze_decode(e->body, arena, &b->freeze);
    case ENTRY_THAW:
        return model_thaw_decode(e->body, arena, &b->thaw);
    case ENTRY_LAPSE:
        return model_lapse_decode(e->body, arena, &b->lapse);
    case ENTRY_ALARM:
        return model_alarm_decode(e->body, arena, &b->alarms);
    case ENTRY_ESCALATE:
        return model_escalate_decode(e->body, arena, &b->escalate);
    case ENTRY_DIRECTORY:
        return model_directory_decode(e->body, arena, &b->directory);
    case ENTRY_NONE:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return CS_FAIL(CS_E_UNKNOWN, "entry.type");
}

CS_RESULT model_body_decode(const struct entry *e, struct arena *arena, struct entry_body *ret_body)
{
    struct entry_body *b = arena_alloc(arena, sizeof(*b)); /* too large for the stack of a small thread */

    ENSURE(b != NULL, CS_E_NOMEM, "entry.body");
    b->type = e->type;
    TRY(decode(e, arena, b));
    *ret_body = *b;
    return CS_SUCCESS;
}
