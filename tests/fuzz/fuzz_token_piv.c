/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A card that answers whatever the input says, one answer after the other, each behind its length: however it lies, an
 * operation ends within its caps, and nothing is ok without what belongs to it.
 */
#include "token/token_cardkey.h"
#include "token/token_piv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COMMANDS_MAX = 1000 };

struct card {
    struct reader r;
    unsigned commands;
};

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static enum token_code on_transmit(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    struct card *c = ctx;
    struct span bytes;
    uint16_t n = 0;

    must(command.left >= 4 && command.left <= TOKEN_APDU_MAX);
    c->commands++;
    must(c->commands < COMMANDS_MAX);
    if (rd_u16(&c->r, &n, "fuzz").code != CS_OK || rd_take(&c->r, n % (cap + 1), &bytes, "fuzz").code != CS_OK) {
        return TOKEN_REMOVED;
    }
    memcpy(answer, bytes.p, bytes.left);
    *ret_n = bytes.left;
    return TOKEN_OK;
}

static enum token_code on_same(void *ctx)
{
    (void)ctx;
    return TOKEN_OK;
}

static void on_stage(void *ctx, enum token_stage stage)
{
    (void)ctx;
    must(stage < TOKEN_STAGE_COUNT);
}

static void run(enum token_cmd cmd, struct span answers)
{
    struct card state = {.r = rd_make(answers)};
    const struct token_card card = {
        .link = {.transmit = on_transmit, .ctx = &state}, .same = on_same, .stage = on_stage, .ctx = &state};
    const struct token_command command = {.cmd = cmd, .message = SPAN_LIT("message")};
    struct token_secret pin = {"123456"};
    struct token_outcome out;
    struct arena arena;
    bool denied = false;

    arena_init(&arena, 1 << 18);
    token_piv_run(&command, &pin, &card, &arena, &out, &denied);
    must(out.code != TOKEN_OK || cmd == TOKEN_CMD_ENROL); /* the others are asked for no id */
    must(out.code != TOKEN_OK || (out.sig.left > 0 && out.key.left > 0 && out.certificate.left > 0));
    must(out.x5c_count <= TOKEN_CHAIN_MAX);
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span all = span_make(data, size);
    struct token_cardkey key = {0};
    enum token_asking pin = TOKEN_ASKS_UNKNOWN;
    enum token_asking touch = TOKEN_ASKS_UNKNOWN;

    run(TOKEN_CMD_ENROL, all);
    run(TOKEN_CMD_SIGN, all);
    if (token_cardkey_read(all, &key) == TOKEN_OK) {
        uint8_t block[TOKEN_BLOCK_MAX];
        const size_t n = token_cardkey_block(&key, all, block);
        must(n >= SHA256_BYTES && n <= sizeof(block));
        must(key.spki_bytes > 0 && key.spki_bytes <= TOKEN_SPKI_MAX);
        must(!token_cardkey_verifies(&key, all, span_make(data, size < 70 ? size : 70)));
        must(token_cardkey_is_certificate(all));
        const bool attests = token_cardkey_policies(all, &pin, &touch);
        must(attests == (pin != TOKEN_ASKS_UNKNOWN) && attests == (touch != TOKEN_ASKS_UNKNOWN));
        token_cardkey_release(&key);
    }
    return 0;
}
