/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_trust.h"

#include "base/base_text.h"
#include "json/json_tree.h"

enum { TRUST_TEXT_MAX = 512, TRUST_MEMBERS = 5 };

static CS_RESULT member(const struct json_value *top, const char *key, enum json_kind kind,
                        const struct json_value **ret_value)
{
    const struct json_value *v = json_tree_member(top, key);
    ENSURE(v != NULL, CS_E_MISSING, "trust");
    ENSURE(v->kind == kind, CS_E_TYPE, "trust");
    *ret_value = v;
    return CS_SUCCESS;
}

static CS_RESULT text(const struct json_value *top, const char *key, struct span *ret_text)
{
    const struct json_value *v = NULL;
    TRY(member(top, key, JSON_STRING, &v));
    ENSURE(v->text.left >= 1 && v->text.left <= TRUST_TEXT_MAX, CS_E_RANGE, "trust");
    *ret_text = v->text;
    return CS_SUCCESS;
}

static CS_RESULT checkpoint(const struct json_value *v, struct trust *t)
{
    const struct json_value *size = NULL;
    struct span root = SPAN_NONE;

    ENSURE(v->kind == JSON_OBJECT, CS_E_TYPE, "trust.checkpoint");
    TRY(member(v, "size", JSON_INT, &size));
    TRY(text(v, "root", &root));
    ENSURE(v->count == 2, CS_E_UNKNOWN, "trust.checkpoint");
    ENSURE(size->number >= 0, CS_E_RANGE, "trust.checkpoint");
    TRY(text_base64url_exact(root, t->checkpoint_root.b, SHA256_BYTES, "trust.checkpoint.root"));
    t->checkpoint_size = (uint64_t)size->number;
    t->has_checkpoint = true;
    return CS_SUCCESS;
}

CS_RESULT judge_trust_decode(struct span in, struct arena *arena, struct trust *ret_trust)
{
    const struct json_value *top = NULL;
    const struct json_value *v = NULL;
    struct trust t = {0};
    struct span digest = SPAN_NONE;

    TRY(json_tree_parse(in, arena, &top));
    ENSURE(top->kind == JSON_OBJECT, CS_E_TYPE, "trust");
    TRY(member(top, "v", JSON_INT, &v));
    ENSURE(v->number == 1, CS_E_RANGE, "trust.v");
    TRY(text(top, "origin", &t.origin));
    TRY(text(top, "log", &t.log));
    TRY(text(top, "genesis_sha256", &digest));
    TRY(text_hex_decode(digest, t.genesis_sha256.b, SHA256_BYTES, "trust.genesis_sha256"));
    v = json_tree_member(top, "checkpoint");
    if (v != NULL) {
        TRY(checkpoint(v, &t));
    }
    ENSURE(top->count == (t.has_checkpoint ? TRUST_MEMBERS : TRUST_MEMBERS - 1), CS_E_UNKNOWN, "trust");
    *ret_trust = t;
    return CS_SUCCESS;
}

CS_RESULT judge_trust_encode(const struct trust *t, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    if (t->has_checkpoint) {
        json_put_object(&o, "checkpoint");
        json_put_bytes(&o, "root", sha256_span(&t->checkpoint_root));
        json_put_uint(&o, "size", t->checkpoint_size);
        json_put_close(&o);
    }
    json_put_hex(&o, "genesis_sha256", sha256_span(&t->genesis_sha256));
    json_put_str(&o, "log", t->log);
    json_put_str(&o, "origin", t->origin);
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    return json_out_end(&o, "trust");
}
