/* SPDX-License-Identifier: Apache-2.0 */
#include "model_again.h"

#define AGAIN(type, call)                                                                                              \
    static struct cs_result again_##call(struct span text, struct arena *arena, struct writer *w)                      \
    {                                                                                                                  \
        struct type *x = arena_alloc(arena, sizeof(*x));                                                               \
        ENSURE(x != NULL, CS_E_NOMEM, #call);                                                                          \
        TRY(model_##call##_decode(text, arena, x));                                                                    \
        ENSURE(model_##call##_encode(x, w).code == CS_OK, CS_E_STATE, #call);                                          \
        return CS_SUCCESS;                                                                                             \
    }

AGAIN(genesis, genesis)
AGAIN(effect, effect)
AGAIN(request, request)
AGAIN(decision, decision)
AGAIN(withdraw, withdraw)
AGAIN(expire, expire)
AGAIN(redeem, redeem)
AGAIN(outcome, outcome)
AGAIN(access_note, access)
AGAIN(boot, boot)
AGAIN(clock_note, clock)
AGAIN(entry, entry)
AGAIN(statement, statement)
AGAIN(genesis_statement, genesis_statement)
AGAIN(deploy_content, deploy)
AGAIN(policy_content, policy_content)
AGAIN(roster_content, roster_content)
AGAIN(emergency_content, emergency_content)
AGAIN(voucher_content, voucher_content)
AGAIN(review_content, review_content)
AGAIN(access_review_content, access_review_content)
AGAIN(lapse, lapse)
AGAIN(alarms, alarm)
AGAIN(directory_note, directory)
AGAIN(delegate_content, delegate_content)
AGAIN(emergency_grant, grant)
AGAIN(overdue, overdue)
AGAIN(escalate, escalate)
AGAIN(review_effect, review_effect)
AGAIN(evidence_note, evidence)
AGAIN(report, report)
AGAIN(waiver_content, waiver_content)
AGAIN(waiver_effect, waiver_effect)
AGAIN(freeze, freeze)
AGAIN(thaw, thaw)
AGAIN(thaw_content, thaw_content)

static struct cs_result again_policy(struct span text, struct arena *arena, struct writer *w)
{
    struct policy_doc doc;
    TRY(model_policy_decode(text, arena, &doc));
    wr_bytes(w, text);
    return CS_SUCCESS;
}

struct cs_result model_again(unsigned kind, struct span text, struct arena *arena, struct writer *w)
{
    static struct cs_result (*const by_kind[AGAIN_COUNT])(struct span, struct arena *, struct writer *) = {
        [ENTRY_GENESIS] = again_genesis,
        [ENTRY_POLICY] = again_effect,
        [ENTRY_ROSTER] = again_effect,
        [ENTRY_REQUEST] = again_request,
        [ENTRY_DECISION] = again_decision,
        [ENTRY_WITHDRAW] = again_withdraw,
        [ENTRY_EXPIRE] = again_expire,
        [ENTRY_REDEEM] = again_redeem,
        [ENTRY_OUTCOME] = again_outcome,
        [ENTRY_ACCESS] = again_access,
        [ENTRY_BOOT] = again_boot,
        [ENTRY_CLOCK] = again_clock,
        [ENTRY_EMERGENCY] = again_grant,
        [ENTRY_OVERDUE] = again_overdue,
        [ENTRY_ESCALATE] = again_escalate,
        [ENTRY_REVIEW] = again_review_effect,
        [ENTRY_EVIDENCE] = again_evidence,
        [ENTRY_WAIVER] = again_waiver_effect,
        [ENTRY_FREEZE] = again_freeze,
        [ENTRY_THAW] = again_thaw,
        [AGAIN_ENTRY] = again_entry,
        [AGAIN_STATEMENT] = again_statement,
        [AGAIN_GENESIS_STATEMENT] = again_genesis_statement,
        [AGAIN_DEPLOY] = again_deploy,
        [AGAIN_POLICY_CONTENT] = again_policy_content,
        [AGAIN_ROSTER_CONTENT] = again_roster_content,
        [AGAIN_POLICY] = again_policy,
        [AGAIN_EMERGENCY_CONTENT] = again_emergency_content,
        [AGAIN_VOUCHER_CONTENT] = again_voucher_content,
        [AGAIN_ACCESS_CONTENT] = again_access_review_content,
        [ENTRY_LAPSE] = again_lapse,
        [ENTRY_DIRECTORY] = again_directory,
        [ENTRY_ALARM] = again_alarm,
        [AGAIN_DELEGATE_CONTENT] = again_delegate_content,
        [AGAIN_REVIEW_CONTENT] = again_review_content,
        [AGAIN_REPORT] = again_report,
        [AGAIN_WAIVER_CONTENT] = again_waiver_content,
        [AGAIN_THAW_CONTENT] = again_thaw_content,
    };
    _Static_assert((int)ENTRY_TYPE_COUNT <= (int)AGAIN_ENTRY, "bodies stand before what is none");
    ENSURE(kind < AGAIN_COUNT && by_kind[kind] != NULL, CS_E_UNKNOWN, "kind");
    return by_kind[kind](text, arena, w);
}
