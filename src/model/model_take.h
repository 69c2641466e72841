/* SPDX-License-Identifier: Apache-2.0 */
/* What several decoders of this room read alike; private to it. `what` names the member, as in json_in.h. Pure. */
#ifndef MODEL_TAKE_H
#define MODEL_TAKE_H

#include "model/model_request.h"

/* Code points of valid UTF-8. */
size_t model_points(struct span utf8);
/* Only bytes 20..7e. */
bool model_is_printable(struct span text);

/* Member `v`, which must be 1. */
CS_RESULT model_take_version(struct json_in *in, const char *what);
/* Text of min..max code points. */
CS_RESULT model_take_text(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_text);
/* Printable ASCII of min..max bytes. */
CS_RESULT model_take_printable(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_text);
/* An identifier, or the empty text. */
CS_RESULT model_take_id_or_empty(struct json_in *in, const char *what, size_t max, struct span *ret_id);
/* base64url of min..max bytes, in the arena. */
CS_RESULT model_take_bytes(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_bytes);
/* authenticatorData of a FIDO2 key; a card has none, and then the member is absent. */
CS_RESULT model_take_auth_data(struct json_in *in, const char *what, struct span *ret_data);
void model_put_auth_data(struct json_out *o, struct span data);
/* A root: base64url of 32 bytes. */
CS_RESULT model_take_root(struct json_in *in, const char *what, struct sha256 *ret_root);
/* Lower-case hex of n bytes, in the arena. */
CS_RESULT model_take_hex(struct json_in *in, const char *what, size_t n, struct span *ret_bytes);
/* An identifier that may be left out: then empty. */
CS_RESULT model_take_id_if(struct json_in *in, const char *what, size_t max, struct span *ret_id);
void model_put_id_if(struct json_out *o, const char *key, struct span id);
/* An array of min..max DER certificates, base64url, in the arena. */
struct model_ders {
    size_t min;
    size_t max;
};
CS_RESULT model_take_ders(struct json_in *in, const char *what, struct model_ders range, struct span *ret_items,
                          size_t *ret_count);
void model_put_ders(struct json_out *o, const char *key, const struct span *items, size_t count);
/* A canonical object as it stands. */
CS_RESULT model_take_raw_object(struct json_in *in, const char *what, struct span *ret_object);

/* Items of the array that stands next, which is opened already in *in; nothing of *in is consumed. */
CS_RESULT model_count_items(const struct json_in *in, const char *what, size_t *ret_count);

/* An array of min..max distinct sorted identifiers of at most id_max bytes. */
struct model_set {
    size_t min;
    size_t max;
    size_t id_max;
};
/* Into the caller's array of at least set.max items. */
CS_RESULT model_take_set(struct json_in *in, const char *what, struct model_set set, struct span *ret_items,
                         size_t *ret_count);
/* Into the arena. */
CS_RESULT model_take_set_arena(struct json_in *in, const char *what, struct model_set set, struct span **ret_items,
                               size_t *ret_count);
void model_put_set(struct json_out *o, const char *key, const struct span *items, size_t count);

/* [{name, sha256}] sorted by name, distinct; ret_items has room for MODEL_ARTIFACTS_MAX. */
CS_RESULT model_take_digests(struct json_in *in, const char *what, size_t min, struct named_digest *ret_items,
                             size_t *ret_count);
void model_put_digests(struct json_out *o, const char *key, const struct named_digest *items, size_t count);
/* Optional digest. */
CS_RESULT model_take_digest_if(struct json_in *in, const char *what, bool *ret_has, struct sha256 *ret_digest);
void model_put_digest_if(struct json_out *o, const char *key, bool has, const struct sha256 *digest);

#endif
