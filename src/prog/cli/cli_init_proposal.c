/* SPDX-License-Identifier: Apache-2.0 */
/* The genesis proposal of `countersign init`: made from the command line, and tried out before it is written. */
#include "base/base_text.h"
#include "cli_init.h"
#include "cli_policy.h"
#include "model/model_proposal.h"
#include "model/model_state_roster.h"
#include "note/note_client_data.h"
#include "note/note_vkey.h"
#include "policy/policy_sheet.h"

enum { STATE_BYTES = 64 << 20, ROOT_FILE_MAX = 64 << 10, AAGUID_BYTES = 16 };

static const char *const name = "init";

/* --- models --- */

/* NAME:AAGUID:FILE; the AAGUID as 32 hex digits, with or without dashes. */
static int add_model(struct init *o, const char *spec, struct roster_change *ch)
{
    const char *first = strchr(spec, ':');
    const char *second = first != NULL ? strchr(first + 1, ':') : NULL;
    char hex[2 * AAGUID_BYTES];
    size_t n = 0;
    uint8_t *aaguid = arena_alloc(&o->arena, AAGUID_BYTES);
    AUTO_WRITER file = wr_heap(ROOT_FILE_MAX);

    for (const char *p = first; second != NULL && p < second; p++) {
        if (*p != ':' && *p != '-' && n < sizeof(hex)) {
            hex[n++] = *p;
        }
    }
    if (second == NULL || aaguid == NULL ||
        text_hex_decode(span_make(hex, n), aaguid, AAGUID_BYTES, "aaguid").code != CS_OK) {
        return cli_fail(CLI_USAGE, name, "--model %s is not NAME:AAGUID:FILE", spec);
    }
    if (cli_read(name, second + 1, &file).code != CS_OK) {
        return CLI_FAILED;
    }
    if (cli_der("CERTIFICATE", wr_span(&file), &o->arena, &ch->model.roots[0]).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s holds no certificate", second + 1);
    }
    ch->op = CHANGE_PUT_MODEL;
    ch->id = span_make(aaguid, AAGUID_BYTES);
    ch->model.aaguid = ch->id;
    ch->model.name = span_make(spec, (size_t)(first - spec));
    ch->model.root_count = 1;
    return CLI_OK;
}

/* --- people and clients --- */

static void add_officer(const char *id, struct roster_change *ch)
{
    ch->op = CHANGE_PUT_PERSON;
    ch->id = span_str(id);
    ch->person.id = ch->id;
    ch->person.roles[0] = SPAN_LIT("officer");
    ch->person.role_count = 1;
}

static void add_client(const char *id, const char *token, struct roster_change *ch)
{
    ch->op = CHANGE_PUT_CLIENT;
    ch->id = span_str(id);
    ch->client.id = ch->id;
    ch->client.scopes = 1U << (unsigned)SCOPE_REQUEST | 1U << (unsigned)SCOPE_REDEEM | 1U << (unsigned)SCOPE_OUTCOME |
                        1U << (unsigned)SCOPE_READ;
    ch->client.tokens[0] = digest_sha256(span_str(token));
    ch->client.token_count = 1;
}

/* The array of --changes. */
static int read_changes(struct init *o, struct roster_changes *ret_changes)
{
    AUTO_WRITER wrapped = wr_heap(2 * (size_t)INIT_PROPOSAL_MAX);
    struct span text = SPAN_NONE;
    struct span whole = SPAN_NONE;

    if (cli_read_json(name, o->changes, &o->arena, &text).code != CS_OK) {
        return CLI_FAILED;
    }
    wr_text(&wrapped, "{\"changes\":");
    wr_bytes(&wrapped, text);
    wr_text(&wrapped, "}");
    if (arena_copy(&o->arena, wr_span(&wrapped), &whole).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s is too large", o->changes);
    }
    struct json_in in = json_in_make(whole, &o->arena);
    struct cs_result r = json_open(&in, "changes");
    if (r.code == CS_OK) {
        r = model_changes_get(&in, "changes.changes", ret_changes);
    }
    return r.code == CS_OK ? CLI_OK : cli_fail(CLI_FAILED, name, "%s: %s %s", o->changes, r.msg, cs_code_text(r.code));
}

static int collect(struct init *o, struct roster_changes *ret_changes)
{
    struct roster_changes more = {.count = 0};
    int status = o->changes != NULL ? read_changes(o, &more) : CLI_OK;
    const size_t n = o->model_count + o->officer_count + o->client_count + more.count;
    struct roster_change *items = arena_array(&o->arena, n, sizeof(*items));
    size_t at = 0;

    if (status != CLI_OK || items == NULL) {
        return status != CLI_OK ? status : cli_fail(CLI_FAILED, name, "no memory");
    }
    for (size_t i = 0; i < o->model_count && status == CLI_OK; i++) {
        status = add_model(o, o->models[i], &items[at++]);
    }
    for (size_t i = 0; i < o->officer_count; i++) {
        add_officer(o->officers[i], &items[at++]);
    }
    for (size_t i = 0; i < o->client_count; i++) {
        add_client(o->clients[i], o->tokens[i], &items[at++]);
    }
    for (size_t i = 0; i < more.count; i++) {
        items[at++] = more.item[i];
    }
    *ret_changes = (struct roster_changes){.item = items, .count = n};
    return status;
}

/* --- would the ceremony succeed? --- */

/* The proposal as it may be after the ceremony. */
struct outlook {
    struct roster_changes changes;
    struct change_facts *facts; /* one for each change */
    struct span model;          /* the first; empty: none */
    struct span issuer;
};

static void find_makers(const struct proposal *p, struct outlook *o)
{
    for (size_t i = 0; i < p->changes.count; i++) {
        const struct roster_change *x = &p->changes.item[i];
        o->model = x->op == CHANGE_PUT_MODEL && o->model.left == 0 ? x->id : o->model;
        o->issuer = x->op == CHANGE_PUT_ISSUER && o->issuer.left == 0 ? x->id : o->issuer;
    }
}

/* Whoever comes brings a key of the first model or a card of the first issuer: which, the ceremony shows. Any distinct
 * bytes will do for one that is only counted. */
static void bring(struct outlook *o, struct span person, struct arena *arena)
{
    static const struct card_facts best = {
        .not_after_ms = UINT64_MAX, .attested = true, .pin = CARD_USE_ALWAYS, .touch = CARD_USE_ALWAYS};
    const struct sha256 other = digest_sha256(person);
    struct span card_key = SPAN_NONE;

    if (o->model.left > 0) {
        o->changes.item[o->changes.count++] = (struct roster_change){
            .op = CHANGE_ADD_CREDENTIAL, .id = person, .credential = {.id = person, .key = person, .aaguid = o->model}};
    }
    if (o->issuer.left > 0 && arena_copy(arena, sha256_span(&other), &card_key).code == CS_OK) {
        o->facts[o->changes.count].card = &best;
        o->changes.item[o->changes.count++] =
            (struct roster_change){.op = CHANGE_ADD_CARD, .id = person, .card = {.key = card_key, .issuer = o->issuer}};
    }
}

static CS_RESULT with_keys(const struct proposal *p, struct arena *arena, struct outlook *ret_outlook)
{
    const size_t most = 3 * p->changes.count;
    struct outlook o = {
        .changes = {.item = arena_array(arena, most, sizeof(struct roster_change)), .count = p->changes.count},
        .facts = arena_array(arena, most, sizeof(struct change_facts))};
    size_t people = 0;

    ENSURE(o.changes.item != NULL && o.facts != NULL, CS_E_NOMEM, "changes");
    memcpy(o.changes.item, p->changes.item, p->changes.count * sizeof(struct roster_change));
    find_makers(p, &o);
    for (size_t i = 0; i < p->changes.count; i++) {
        if (p->changes.item[i].op == CHANGE_PUT_PERSON) {
            bring(&o, p->changes.item[i].id, arena);
            people++;
        }
    }
    ENSURE(p->changes.count + people <= MODEL_CHANGES_MAX, CS_E_FULL,
           "people, keys, clients and models together: more than 32, which");
    *ret_outlook = o;
    return CS_SUCCESS;
}

static struct verdict would_begin(const struct proposal *p, const struct policy_doc *doc, struct arena *arena)
{
    struct outlook all;
    struct state first;

    struct cs_result r = with_keys(p, arena, &all);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_ROSTER_INVALID, r);
    }
    r = state_init(&first, STATE_BYTES);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    first.time_ms = cli_now_ms(); /* calendars are looked at from there on, as the core will */
    struct verdict v = policy_roster_fits(&first, doc, &all.changes, all.facts);
    if (v.allow) {
        r = state_roster_apply(&first, &all.changes, all.facts, 0);
        v = r.code == CS_OK ? policy_loads(doc, &first) : VERDICT_CAUSE(REASON_ROSTER_INVALID, r);
    }
    state_release(&first);
    return v;
}

static int refuse(struct verdict v)
{
    if (v.reason == REASON_UNFILLABLE_SEAT) {
        return cli_fail(CLI_FAILED, name,
                        "%s At the beginning there are only the officers, and whom --changes adds. Begin with a policy "
                        "without other seats, and propose this one when people are enrolled.",
                        policy_reason_sentence(v.reason));
    }
    if (v.cause.code == CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s", policy_reason_sentence(v.reason));
    }
    return cli_fail(CLI_FAILED, name, "%s (%s %s)", policy_reason_sentence(v.reason), v.cause.msg,
                    cs_code_text(v.cause.code));
}

/* Written as it will be read: by the decoder that the core and the kiosk use. */
static int check(struct init *o, struct span text)
{
    struct proposal p;
    struct policy_doc doc;

    struct cs_result r = note_name_check(span_str(o->origin), "--origin");
    if (r.code == CS_OK) {
        r = note_rp_id_check(span_str(o->rp_id), "--rp-id");
    }
    if (r.code == CS_OK) {
        r = model_proposal_decode(text, &o->arena, &p);
    }
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s %s", r.msg, cs_code_text(r.code));
    }
    r = model_policy_decode(p.policy, &o->arena, &doc);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", o->policy, r.msg, cs_code_text(r.code));
    }
    const struct verdict v = would_begin(&p, &doc, &o->arena);
    return v.allow ? CLI_OK : refuse(v);
}

int init_proposal(struct init *o, struct writer *w)
{
    struct proposal p = {.origin = span_str(o->origin), .rp_id = span_str(o->rp_id)};

    const int status = collect(o, &p.changes);
    if (status != CLI_OK) {
        return status;
    }
    if (o->model_count == 0 && o->changes == NULL) {
        return cli_fail(CLI_FAILED, name, "%s Name a --model.", policy_reason_sentence(REASON_MODEL_UNKNOWN));
    }
    struct policy_file policy = {.text = SPAN_NONE};
    if (policy_read(name, o->policy, NULL, &o->arena, &policy) != CLI_OK) {
        return CLI_FAILED;
    }
    p.policy = policy.text;
    const struct cs_result r = model_proposal_encode(&p, w);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s %s", r.msg, cs_code_text(r.code));
    }
    return check(o, wr_span(w));
}
