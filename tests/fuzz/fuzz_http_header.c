/* SPDX-License-Identifier: Apache-2.0 */
/* Header values: keys, tokens, entity tags, media types. The first byte says which. */
#include "http/http_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_key key = {.len = 0};
    struct span token = SPAN_NONE;
    if (size == 0) {
        return 0;
    }
    const struct span value = span_make(data + 1, size - 1);
    if (data[0] == 'k' && http_key_parse(value, &key).code == CS_OK && (key.len == 0 || key.len > HTTP_KEY_MAX)) {
        abort();
    }
    if (data[0] == 'b' && http_bearer_parse(value, &token).code == CS_OK &&
        (token.left == 0 || token.p < value.p || token.p + token.left > value.p + value.left)) {
        abort();
    }
    if (data[0] == 't') {
        (void)http_tag_matches(value, SPAN_LIT("17"));
    }
    if (data[0] == 'a') {
        (void)http_accepts(value, "text/event-stream");
    }
    return 0;
}
