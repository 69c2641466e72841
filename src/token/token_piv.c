/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_piv.h"

#include "token/token_cardkey.h"
#include "token/token_tlv.h"

enum {
    INS_VERIFY = 0x20,
    INS_AUTHENTICATE = 0x87, /* GENERAL AUTHENTICATE */
    INS_SELECT = 0xa4,
    INS_GET_DATA = 0xcb,
    INS_ATTEST = 0xf9,
    PIN_REFERENCE = 0x80,
    PIN_MIN = 6,
    PIN_BYTES = 8,
    TRIES_MASK = 0x0f,
    SW_TRIES = 0x63c0, /* and in the low four bits how many */
    SW_NO_TOUCH = 0x6600,
    SW_NOT_ALLOWED = 0x6982,
    SW_BLOCKED = 0x6983,
    SW_WRONG_DATA = 0x6a80,
    SLOT_SIGNATURE = 0x9c,
    SLOT_AUTHENTICATION = 0x9a,
    TAG_DATA = 0x53,
    TAG_CERTIFICATE = 0x70,
    TAG_CERT_INFO = 0x71,
    TAG_DYNAMIC = 0x7c,
    TAG_CHALLENGE = 0x81,
    TAG_RESPONSE = 0x82,
    TEMPLATE_MAX = TOKEN_BLOCK_MAX + 16,
};

struct slot {
    uint8_t reference;
    uint8_t object[3]; /* its certificate's */
};
static const struct slot slots[] = {
    {.reference = SLOT_SIGNATURE, .object = {0x5f, 0xc1, 0x0a}},
    {.reference = SLOT_AUTHENTICATION, .object = {0x5f, 0xc1, 0x05}},
};
static const uint8_t attestation_object[3] = {0x5f, 0xff, 0x01};

/* One operation on one card. */
struct piv {
    const struct token_command *cmd;
    const struct token_secret *pin;
    const struct token_card *card;
    struct arena *arena;
    struct token_outcome *out;
    const struct slot *slot; /* the one that was chosen, and what it holds */
    struct span certificate;
    struct token_cardkey key;
    bool denied;
};

static enum token_code exchange(const struct piv *p, const struct token_apdu *apdu, struct writer *answer,
                                uint16_t *ret_sw)
{
    return token_apdu_exchange(&p->card->link, apdu, answer, ret_sw);
}

/* --- what is on it --- */

static enum token_code select_piv(const struct piv *p)
{
    static const uint8_t aid[] = {0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
    const struct token_apdu apdu = {.ins = INS_SELECT, .p1 = 0x04, .data = SPAN_OF(aid)};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    uint16_t sw = 0;

    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    if (code != TOKEN_OK) {
        return code;
    }
    return sw == TOKEN_SW_OK ? TOKEN_OK : TOKEN_UNSUPPORTED;
}

/* 53 { 70 certificate, 71 how it is packed, FE }; packed ones would have to be unpacked, so they are refused. */
static bool read_object(struct span answer, struct span *ret_certificate)
{
    struct span data;
    struct span certificate;
    struct span info;

    if (token_tlv_only(answer, TAG_DATA, &data, "object").code != CS_OK ||
        token_tlv_find(data, TAG_CERTIFICATE, &certificate, "certificate").code != CS_OK) {
        return false;
    }
    const struct cs_result has_info = token_tlv_find(data, TAG_CERT_INFO, &info, "certinfo");
    if (has_info.code != CS_E_MISSING && (has_info.code != CS_OK || info.left != 1 || info.p[0] != 0)) {
        return false;
    }
    *ret_certificate = certificate;
    return certificate.left > 0 && certificate.left <= TOKEN_CERT_MAX;
}

/* An empty certificate when the card has none that can be read. */
static enum token_code get_certificate(const struct piv *p, const uint8_t object[3], struct span *ret_certificate)
{
    const uint8_t list[] = {0x5c, 0x03, object[0], object[1], object[2]};
    const struct token_apdu apdu = {.ins = INS_GET_DATA, .p1 = 0x3f, .p2 = 0xff, .data = SPAN_OF(list)};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    struct span found = SPAN_NONE;
    uint16_t sw = 0;

    *ret_certificate = SPAN_NONE;
    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    if (code != TOKEN_OK || sw != TOKEN_SW_OK || !read_object(wr_span(&answer), &found)) {
        return code;
    }
    return arena_copy(p->arena, found, ret_certificate).code == CS_OK ? TOKEN_OK : TOKEN_FAILED;
}

static bool is_asked_for(const struct piv *p, const struct token_cardkey *key)
{
    for (size_t i = 0; i < p->cmd->id_count; i++) {
        if (span_eq(p->cmd->ids[i], sha256_span(&key->id))) {
            return true;
        }
    }
    return false;
}

static void choose(struct piv *p, const struct slot *slot, struct span certificate, struct token_cardkey *key)
{
    if (p->slot == NULL) {
        p->slot = slot;
        p->certificate = certificate;
        p->key = *key;
        *key = (struct token_cardkey){0};
    }
}

/* Looks at one slot. TOKEN_OK: go on to the next; the slot may have been chosen. */
static enum token_code look_at(struct piv *p, const struct slot *slot, enum token_code *why_none)
{
    const bool enrols = p->cmd->cmd == TOKEN_CMD_ENROL;
    AUTO_CARDKEY key = {0};
    struct span certificate;

    enum token_code code = get_certificate(p, slot->object, &certificate);
    if (code != TOKEN_OK || certificate.left == 0) {
        return code;
    }
    code = token_cardkey_read(certificate, &key);
    if (code == TOKEN_WEAK_KEY || code == TOKEN_UNSUPPORTED) {
        *why_none = *why_none == TOKEN_UNSUPPORTED ? code : *why_none;
        return TOKEN_OK;
    }
    if (code != TOKEN_OK) {
        return code;
    }
    const bool known = is_asked_for(p, &key);
    if (enrols && known) {
        return TOKEN_EXCLUDED;
    }
    if (enrols || known) {
        choose(p, slot, certificate, &key);
    }
    *why_none = TOKEN_WRONG_KEY;
    return TOKEN_OK;
}

static enum token_code find_slot(struct piv *p)
{
    enum token_code why_none = TOKEN_UNSUPPORTED;

    for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
        const enum token_code code = look_at(p, &slots[i], &why_none);
        if (code != TOKEN_OK) {
            return code;
        }
        if (p->slot != NULL && p->cmd->cmd != TOKEN_CMD_ENROL) {
            break; /* an enrolment looks at all of them: none may be enrolled already */
        }
    }
    if (p->slot == NULL) {
        return why_none;
    }
    return arena_copy(p->arena, sha256_span(&p->key.id), &p->out->credential).code == CS_OK ? TOKEN_OK : TOKEN_FAILED;
}

/* --- PIN --- */

bool token_piv_pin_fits(const struct token_secret *pin)
{
    const size_t n = strnlen(pin->text, sizeof(pin->text));

    for (size_t i = 0; i < n; i++) {
        if (pin->text[i] < 0x20 || pin->text[i] >= 0x7f) {
            return false;
        }
    }
    return n >= PIN_MIN && n <= PIN_BYTES;
}

static enum token_code tries_left(struct piv *p, unsigned n)
{
    p->out->has_tries = true;
    p->out->tries = n;
    return n == 0 ? TOKEN_PIN_BLOCKED : TOKEN_PIN_WRONG;
}

/* Asks how many tries are left. TOKEN_OK: more than one, or the PIN is verified already and they are all there. */
static enum token_code ask_tries(struct piv *p)
{
    const struct token_apdu apdu = {.ins = INS_VERIFY, .p2 = PIN_REFERENCE, .wants_nothing = true};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    uint16_t sw = 0;

    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    if (code != TOKEN_OK || sw == TOKEN_SW_OK) {
        return code;
    }
    if (sw == SW_BLOCKED) {
        return tries_left(p, 0);
    }
    if ((sw & ~TRIES_MASK) != SW_TRIES) {
        return TOKEN_FAILED;
    }
    const unsigned n = sw & TRIES_MASK;
    if (n > 1) {
        return TOKEN_OK;
    }
    return tries_left(p, n) == TOKEN_PIN_BLOCKED ? TOKEN_PIN_BLOCKED : TOKEN_PIN_LAST_TRY;
}

static enum token_code verify(struct piv *p)
{
    uint8_t padded[PIN_BYTES];
    const struct token_apdu apdu = {
        .ins = INS_VERIFY, .p2 = PIN_REFERENCE, .data = SPAN_OF(padded), .wants_nothing = true};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    uint16_t sw = 0;

    memset(padded, 0xff, sizeof(padded));
    memcpy(padded, p->pin->text, strnlen(p->pin->text, sizeof(padded)));
    p->card->stage(p->card->ctx, TOKEN_STAGE_PIN);
    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    explicit_bzero(padded, sizeof(padded));
    if (code != TOKEN_OK || sw == TOKEN_SW_OK) {
        return code;
    }
    if ((sw & ~TRIES_MASK) == SW_TRIES) {
        return tries_left(p, sw & TRIES_MASK);
    }
    if (sw == SW_BLOCKED) {
        return tries_left(p, 0);
    }
    return sw == SW_WRONG_DATA ? TOKEN_BAD_REQUEST : TOKEN_FAILED;
}

/* --- signature --- */

static void write_template(const struct piv *p, struct writer *w)
{
    uint8_t block[TOKEN_BLOCK_MAX];
    const size_t n = token_cardkey_block(&p->key, p->cmd->message, block);
    uint8_t room[TEMPLATE_MAX];
    struct writer inner = wr_fixed(room, sizeof(room));

    token_tlv_head(&inner, TAG_RESPONSE, 0);
    token_tlv_head(&inner, TAG_CHALLENGE, n);
    wr_bytes(&inner, span_make(block, n));
    token_tlv_head(w, TAG_DYNAMIC, inner.len);
    wr_bytes(w, wr_span(&inner));
}

static enum token_code refused_to_sign(struct piv *p, uint16_t sw)
{
    p->denied = sw == SW_NOT_ALLOWED;
    return sw == SW_NO_TOUCH ? TOKEN_TIMEOUT : TOKEN_FAILED;
}

static enum token_code authenticate(struct piv *p)
{
    uint8_t room[TEMPLATE_MAX];
    struct writer template = wr_fixed(room, sizeof(room));
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    struct span dynamic;
    struct span sig;
    uint16_t sw = 0;

    write_template(p, &template);
    const struct token_apdu apdu = {.ins = INS_AUTHENTICATE,
                                    .p1 = token_cardkey_algorithm(&p->key),
                                    .p2 = p->slot->reference,
                                    .data = wr_span(&template)};
    p->card->stage(p->card->ctx, TOKEN_STAGE_SIGN);
    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    if (code != TOKEN_OK) {
        return code;
    }
    p->card->stage(p->card->ctx, TOKEN_STAGE_AFTER);
    if (sw != TOKEN_SW_OK) {
        return refused_to_sign(p, sw);
    }
    if (token_tlv_only(wr_span(&answer), TAG_DYNAMIC, &dynamic, "template").code != CS_OK ||
        token_tlv_only(dynamic, TAG_RESPONSE, &sig, "response").code != CS_OK) {
        return TOKEN_FAILED;
    }
    if (!token_cardkey_verifies(&p->key, p->cmd->message, sig)) {
        return p->cmd->cmd == TOKEN_CMD_ENROL ? TOKEN_CERT_MISMATCH : TOKEN_FAILED;
    }
    return arena_copy(p->arena, sig, &p->out->sig).code == CS_OK ? TOKEN_OK : TOKEN_FAILED;
}

/*
 * It did not sign. Because it is not the card that was given the PIN? One put in its place within a moment is the same
 * insertion to the card service. Asked only now: a command between PIN and signature would void a PIN that is asked for
 * always.
 */
static enum token_code after_refusal(struct piv *p)
{
    struct span certificate = SPAN_NONE;

    enum token_code code = select_piv(p);
    if (code == TOKEN_OK) {
        code = get_certificate(p, p->slot->object, &certificate);
    }
    if (code == TOKEN_UNSUPPORTED || (code == TOKEN_OK && !span_eq(certificate, p->certificate))) {
        return TOKEN_CARD_CHANGED;
    }
    return code == TOKEN_OK ? TOKEN_FAILED : code;
}

/* PIN, then signature, if between them nothing was put in another's place. */
static enum token_code sign(struct piv *p)
{
    enum token_code code = ask_tries(p);

    if (code == TOKEN_OK) {
        code = verify(p);
    }
    if (code == TOKEN_OK) {
        code = p->card->same(p->card->ctx);
    }
    if (code == TOKEN_OK) {
        code = authenticate(p);
        if (code == TOKEN_FAILED) {
            code = after_refusal(p);
        }
    }
    return code;
}

/* --- enrolment --- */

/* The slot's attestation, if the card makes one that is a certificate of this very key; *ret_other: of another key. */
static enum token_code attest_slot(const struct piv *p, struct span *ret_certificate, bool *ret_other)
{
    const struct token_apdu apdu = {.ins = INS_ATTEST, .p1 = p->slot->reference};
    AUTO_WRITER answer = wr_heap(TOKEN_APDU_TOTAL_MAX);
    AUTO_CARDKEY key = {0};
    uint16_t sw = 0;

    *ret_certificate = SPAN_NONE;
    *ret_other = false;
    const enum token_code code = exchange(p, &apdu, &answer, &sw);
    if (code != TOKEN_OK || sw != TOKEN_SW_OK || token_cardkey_read(wr_span(&answer), &key) != TOKEN_OK) {
        return code;
    }
    *ret_other = !sha256_eq(&key.id, &p->key.id);
    return arena_copy(p->arena, wr_span(&answer), ret_certificate).code == CS_OK ? TOKEN_OK : TOKEN_FAILED;
}

static enum token_code attest(struct piv *p)
{
    struct token_outcome *out = p->out;
    struct span slot = SPAN_NONE;
    struct span maker = SPAN_NONE;
    bool is_other = false;

    enum token_code code = attest_slot(p, &slot, &is_other);
    if (code != TOKEN_OK || slot.left == 0) {
        return code;
    }
    if (is_other) {
        return TOKEN_CERT_MISMATCH;
    }
    code = get_certificate(p, attestation_object, &maker);
    if (code == TOKEN_OK && token_cardkey_is_certificate(maker) &&
        token_cardkey_policies(slot, &out->pin_policy, &out->touch_policy)) {
        out->x5c[0] = slot;
        out->x5c[1] = maker;
        out->x5c_count = 2;
    }
    return code;
}

static enum token_code enrol(struct piv *p)
{
    enum token_code code = sign(p);

    if (code == TOKEN_OK) {
        code = attest(p);
    }
    if (code == TOKEN_OK) {
        p->out->certificate = p->certificate;
        code = arena_copy(p->arena, span_make(p->key.spki, p->key.spki_bytes), &p->out->key).code == CS_OK
                   ? TOKEN_OK
                   : TOKEN_FAILED;
    }
    return code;
}

static enum token_code run(struct piv *p)
{
    const bool signs = p->cmd->cmd == TOKEN_CMD_ENROL || p->cmd->cmd == TOKEN_CMD_SIGN;

    if (signs && (p->cmd->message.left == 0 || !token_piv_pin_fits(p->pin))) {
        return TOKEN_BAD_REQUEST;
    }
    p->card->stage(p->card->ctx, TOKEN_STAGE_READ);
    enum token_code code = select_piv(p);
    if (code == TOKEN_OK) {
        code = find_slot(p);
    }
    if (code != TOKEN_OK || !signs) {
        return code;
    }
    return p->cmd->cmd == TOKEN_CMD_ENROL ? enrol(p) : sign(p);
}

void token_piv_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_card *card,
                   struct arena *arena, struct token_outcome *ret_outcome, bool *ret_denied)
{
    struct piv p = {.cmd = cmd, .pin = pin, .card = card, .arena = arena, .out = ret_outcome};

    *ret_outcome = (struct token_outcome){.kind = TOKEN_KIND_PIV};
    ret_outcome->code = run(&p);
    *ret_denied = p.denied;
    token_cardkey_release(&p.key);
}
