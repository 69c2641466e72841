/* SPDX-License-Identifier: Apache-2.0 */
/* A command that is accepted is canonical, has a PIN only where one belongs, and lives apart from its frame. */
#include "json/json_in.h"
#include "token/token_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct token_secret pin;
    struct token_command c;
    uint8_t *frame = malloc(size + 1);

    must(frame != NULL);
    memcpy(frame, data, size);
    arena_init(&a, (size_t)2 * TOKEN_FRAME_MAX);
    const struct cs_result res = token_command_decode(span_make(frame, size), &a, &pin, &c);
    free(frame);
    if (res.code == CS_OK) {
        const bool with_pin = c.cmd == TOKEN_CMD_ENROL || c.cmd == TOKEN_CMD_SIGN;
        must(json_check(span_make(data, size), "fuzz").code == CS_OK);
        must(with_pin || (pin.text[0] == '\0' && !c.pin_unusable));
        must(!with_pin || c.pin_unusable == (pin.text[0] == '\0'));
        must(strnlen(pin.text, sizeof(pin.text)) <= TOKEN_PIN_MAX_BYTES);
        for (size_t i = 0; i < c.id_count; i++) {
            must(c.ids[i].left >= 1 && c.ids[i].left <= TOKEN_ID_MAX && span_eq(c.ids[i], c.ids[i]));
        }
        must(c.client_data.left <= TOKEN_CLIENT_DATA_MAX && c.message.left <= TOKEN_MESSAGE_MAX);
        must(c.user_name == NULL || strlen(c.user_name) <= TOKEN_USER_NAME_MAX);
        must(c.rp_id == NULL || strlen(c.rp_id) <= TOKEN_RP_ID_MAX);
    } else {
        must(pin.text[0] == '\0');
    }
    arena_release(&a);
    return 0;
}
