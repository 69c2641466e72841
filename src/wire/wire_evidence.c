/* SPDX-License-Identifier: Apache-2.0 */
/* A file about a deployment: first its bytes, piece by piece, then what it says. */
#include "base/base_text.h"
#include "wire/wire_kinds.h"

CS_RESULT wire_blob_get(struct json_in *in, struct wire_command *c)
{
    struct wire_blob *b = &c->blob;

    TRY(json_get_uint(in, "blob.at", REPORT_BLOB_MAX_BYTES, &b->at));
    TRY(json_get_bytes(in, "blob.bytes", WIRE_PIECE_MAX, &b->bytes));
    ENSURE(b->bytes.left > 0, CS_E_RANGE, "blob.bytes");
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(json_get_sha256(in, "blob.sha256", b->sha256.b));
    TRY(json_get_uint(in, "blob.size", REPORT_BLOB_MAX_BYTES, &b->size));
    ENSURE(b->at <= b->size && b->bytes.left <= b->size - b->at, CS_E_RANGE, "blob.size");
    return CS_SUCCESS;
}

void wire_blob_put(struct json_out *o, const struct wire_command *c)
{
    json_put_uint(o, "at", c->blob.at);
    json_put_bytes(o, "bytes", c->blob.bytes);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_hex(o, "sha256", sha256_span(&c->blob.sha256));
    json_put_uint(o, "size", c->blob.size);
}

static CS_RESULT get_artifacts(struct json_in *in, struct wire_evidence *e)
{
    static const char what[] = "evidence.artifacts";

    TRY(json_get_array(in, what));
    while (json_more(in)) {
        struct span hex = SPAN_NONE;
        ENSURE(e->artifact_count < MODEL_ARTIFACTS_MAX, CS_E_FULL, what);
        TRY(json_item_str(in, what, (size_t)2 * SHA256_BYTES, &hex));
        TRY(text_hex_decode(hex, e->artifacts[e->artifact_count++].b, SHA256_BYTES, what));
    }
    return json_close_array(in, what);
}

CS_RESULT wire_evidence_get(struct json_in *in, struct wire_command *c)
{
    struct wire_evidence *e = &c->evidence;

    TRY(get_artifacts(in, e));
    TRY(json_get_id(in, "evidence.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(wire_get_word(in, "evidence.ip", 1, &c->ip));
    TRY(json_get_id(in, "evidence.line", MODEL_SEAT_MAX, &e->line));
    TRY(json_get_raw(in, "evidence.report", &e->report));
    ENSURE(e->report.left <= MODEL_LEAF_MAX && e->report.p[0] == '{', CS_E_RANGE, "evidence.report");
    TRY(wire_get_index(in, "evidence.request", &e->request));
    TRY(json_get_sha256(in, "evidence.sha256", e->sha256.b));
    return json_get_uint(in, "evidence.size", REPORT_BLOB_MAX_BYTES, &e->size);
}

void wire_evidence_put(struct json_out *o, const struct wire_command *c)
{
    const struct wire_evidence *e = &c->evidence;

    json_put_array(o, "artifacts");
    for (size_t i = 0; i < e->artifact_count; i++) {
        json_put_hex(o, NULL, sha256_span(&e->artifacts[i]));
    }
    json_put_close(o);
    json_put_str(o, "client", c->client);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "ip", c->ip);
    json_put_str(o, "line", e->line);
    json_put_raw(o, "report", e->report);
    json_put_uint(o, "request", e->request);
    json_put_hex(o, "sha256", sha256_span(&e->sha256));
    json_put_uint(o, "size", e->size);
}

CS_RESULT wire_fetch_get(struct json_in *in, struct wire_command *c)
{
    TRY(json_get_uint(in, "fetch.at", REPORT_BLOB_MAX_BYTES, &c->fetch.at));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    return json_get_sha256(in, "fetch.sha256", c->fetch.sha256.b);
}

void wire_fetch_put(struct json_out *o, const struct wire_command *c)
{
    json_put_uint(o, "at", c->fetch.at);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_hex(o, "sha256", sha256_span(&c->fetch.sha256));
}
