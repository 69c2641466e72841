/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_names.h"

#define MODEL_WORD(name, text) text,
static const char *const entry_types[] = {"none", MODEL_ENTRY_TYPES(MODEL_WORD)};
static const char *const kinds[] = {"none", MODEL_KINDS(MODEL_WORD)};
static const char *const statuses[] = {"none", MODEL_STATUSES(MODEL_WORD)};
static const char *const decisions[] = {"none", MODEL_DECISIONS(MODEL_WORD)};
static const char *const scopes[] = {"none", MODEL_SCOPES(MODEL_WORD)};
static const char *const report_kinds[] = {"none", MODEL_REPORT_KINDS(MODEL_WORD)};
static const char *const credential_kinds[] = {"none", MODEL_CREDENTIAL_KINDS(MODEL_WORD)};
static const char *const card_uses[] = {"none", MODEL_CARD_USES(MODEL_WORD)};
#undef MODEL_WORD

static const char *text_of(const char *const *words, size_t count, size_t at)
{
    return words[at < count ? at : 0];
}

/* Index of the word; zero is "none" and never found. */
static CS_RESULT find(const char *const *words, size_t count, struct span text, size_t *ret_at, const char *what)
{
    for (size_t i = 1; i < count; i++) {
        if (span_is(text, words[i])) {
            *ret_at = i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, what);
}

const char *entry_type_text(enum entry_type t)
{
    return text_of(entry_types, ENTRY_TYPE_COUNT, (size_t)t);
}

const char *request_kind_text(enum request_kind k)
{
    return text_of(kinds, KIND_COUNT, (size_t)k);
}

bool request_kind_deploys(enum request_kind k)
{
    return k == KIND_DEPLOY || k == KIND_EMERGENCY;
}

const char *request_status_text(enum request_status s)
{
    return text_of(statuses, STATUS_COUNT, (size_t)s);
}

const char *decision_word_text(enum decision_word d)
{
    return text_of(decisions, DECISION_COUNT, (size_t)d);
}

const char *client_scope_text(enum client_scope s)
{
    return text_of(scopes, SCOPE_COUNT, (size_t)s);
}

const char *report_kind_text(enum report_kind k)
{
    return text_of(report_kinds, REPORT_KIND_COUNT, (size_t)k);
}

const char *credential_kind_text(enum credential_kind k)
{
    return text_of(credential_kinds, CREDENTIAL_KIND_COUNT, (size_t)k);
}

const char *card_use_text(enum card_use u)
{
    return text_of(card_uses, CARD_USE_COUNT, (size_t)u);
}

CS_RESULT entry_type_decode(struct span text, enum entry_type *ret_type, const char *what)
{
    size_t at = 0;
    TRY(find(entry_types, ENTRY_TYPE_COUNT, text, &at, what));
    *ret_type = (enum entry_type)at;
    return CS_SUCCESS;
}

CS_RESULT request_kind_decode(struct span text, enum request_kind *ret_kind, const char *what)
{
    size_t at = 0;
    TRY(find(kinds, KIND_COUNT, text, &at, what));
    *ret_kind = (enum request_kind)at;
    return CS_SUCCESS;
}

CS_RESULT decision_word_decode(struct span text, enum decision_word *ret_word, const char *what)
{
    size_t at = 0;
    TRY(find(decisions, DECISION_COUNT, text, &at, what));
    *ret_word = (enum decision_word)at;
    return CS_SUCCESS;
}

CS_RESULT client_scope_decode(struct span text, enum client_scope *ret_scope, const char *what)
{
    size_t at = 0;
    TRY(find(scopes, SCOPE_COUNT, text, &at, what));
    *ret_scope = (enum client_scope)at;
    return CS_SUCCESS;
}

CS_RESULT report_kind_decode(struct span text, enum report_kind *ret_kind, const char *what)
{
    size_t at = 0;
    TRY(find(report_kinds, REPORT_KIND_COUNT, text, &at, what));
    *ret_kind = (enum report_kind)at;
    return CS_SUCCESS;
}

CS_RESULT card_use_decode(struct span text, enum card_use *ret_use, const char *what)
{
    size_t at = 0;
    TRY(find(card_uses, CARD_USE_COUNT, text, &at, what));
    *ret_use = (enum card_use)at;
    return CS_SUCCESS;
}

CS_RESULT request_status_decode(struct span text, enum request_status *ret_status, const char *what)
{
    size_t at = 0;
    TRY(find(statuses, STATUS_COUNT, text, &at, what));
    *ret_status = (enum request_status)at;
    return CS_SUCCESS;
}
