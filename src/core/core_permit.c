/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_permit.h"

#include "base/base_text.h"

#define CORE_PEER_TEXT(name, text) [name] = (text),
static const char *const names[CORE_PEER_COUNT] = {CORE_PEERS(CORE_PEER_TEXT)};

/* A cell that is not written is a refusal. */
static const bool permits[WIRE_CMD_COUNT][CORE_PEER_COUNT] = {
    [WIRE_FOLLOW] = {[CORE_HTTP] = true, [CORE_KIOSK] = true, [CORE_OPERATOR] = true},
    [WIRE_REQUEST] = {[CORE_HTTP] = true},
    [WIRE_WITHDRAW] = {[CORE_HTTP] = true, [CORE_KIOSK] = true},
    [WIRE_REDEEM] = {[CORE_HTTP] = true},
    [WIRE_OUTCOME] = {[CORE_HTTP] = true},
    [WIRE_FREEZE] = {[CORE_HTTP] = true, [CORE_KIOSK] = true},
    [WIRE_DIRECTORY] = {[CORE_HTTP] = true},
    [WIRE_ACCESS] = {[CORE_HTTP] = true, [CORE_KIOSK] = true},
    [WIRE_BEGIN] = {[CORE_KIOSK] = true},
    [WIRE_DECISION] = {[CORE_KIOSK] = true},
    [WIRE_PROPOSE] = {[CORE_KIOSK] = true, [CORE_OPERATOR] = true},
    [WIRE_PROPOSAL] = {[CORE_KIOSK] = true},
    [WIRE_GENESIS] = {[CORE_KIOSK] = true},
    [WIRE_BLOB] = {[CORE_HTTP] = true},
    [WIRE_EVIDENCE] = {[CORE_HTTP] = true},
    [WIRE_FETCH] = {[CORE_HTTP] = true},
};

static const bool proposes[KIND_COUNT][CORE_PEER_COUNT] = {
    [KIND_POLICY] = {[CORE_KIOSK] = true, [CORE_OPERATOR] = true},
    [KIND_ROSTER] = {[CORE_KIOSK] = true, [CORE_OPERATOR] = true},
    [KIND_EMERGENCY] = {[CORE_KIOSK] = true},
    [KIND_REVIEW] = {[CORE_KIOSK] = true},
    [KIND_VOUCHER] = {[CORE_KIOSK] = true},
    [KIND_WAIVER] = {[CORE_KIOSK] = true},
    [KIND_THAW] = {[CORE_KIOSK] = true},
    [KIND_DELEGATE] = {[CORE_KIOSK] = true, [CORE_OPERATOR] = true},
    [KIND_ACCESS_REVIEW] = {[CORE_KIOSK] = true, [CORE_OPERATOR] = true},
};

const char *core_peer_name(enum core_peer_kind kind)
{
    return (size_t)kind < CORE_PEER_COUNT ? names[kind] : "none";
}

bool core_permits(enum core_peer_kind kind, enum wire_cmd cmd)
{
    return (size_t)kind < CORE_PEER_COUNT && (size_t)cmd < WIRE_CMD_COUNT && permits[cmd][kind];
}

bool core_permits_kind(enum core_peer_kind kind, enum request_kind proposed)
{
    return (size_t)kind < CORE_PEER_COUNT && (size_t)proposed < KIND_COUNT && proposes[proposed][kind];
}

bool core_permits_withdraw(enum core_peer_kind kind, struct span client)
{
    return client.left > 0 ? kind == CORE_HTTP : kind == CORE_KIOSK;
}

static bool names_one(struct span actor, const char *prefix)
{
    const struct span p = span_str(prefix);
    return span_starts(actor, p) && text_id_check(span_from(actor, p.left), MODEL_ID_MAX, "actor").code == CS_OK;
}

bool core_permits_actor(enum core_peer_kind kind, struct span actor)
{
    switch (kind) {
    case CORE_HTTP:
        return span_is(actor, "system:http") || names_one(actor, "client:");
    case CORE_KIOSK:
        return span_is(actor, "system:kiosk") || names_one(actor, "person:");
    case CORE_OPERATOR:
    case CORE_PEER_COUNT:
        break;
    }
    return false;
}
