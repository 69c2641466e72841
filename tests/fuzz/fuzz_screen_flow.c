/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A visit written as bytes: keys, time, devices, ends of operations, answers, in any order. The flow must always be in
 * a state, never keep a PIN where none is typed, and every screen must be drawable without a control byte.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen/screen_grid.h"
#include "screen/screen_keys.h"
#include "support/author_glass.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STATE_BYTES = 64 << 20, DRAW_BYTES = 64 << 20, STEPS_MAX = 400 };

struct run {
    struct flow flow;
    struct flow_world world;
    struct screen_keys keys;
    struct arena draw;
    const uint8_t *data;
    size_t left;
    uint64_t last_core;
};

static struct author_log *the_log;

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static uint8_t next(struct run *r)
{
    if (r->left == 0) {
        return 0;
    }
    r->left--;
    return *r->data++;
}

static void check_pin(const struct flow *f)
{
    const bool typed = f->state == FLOW_PIN || f->state == FLOW_KEY_PIN;
    uint8_t any = 0;
    for (size_t i = 0; i < sizeof(f->token.pin) && !typed; i++) {
        any |= f->token.pin[i];
    }
    require(any == 0 && (typed || f->token.pin_len == 0));
}

static void check_screen(struct run *r)
{
    struct scene scene;
    struct grid g;
    AUTO_WRITER out = wr_heap(1 << 20);
    arena_reset(&r->draw);
    if (flow_page_cols(r->flow.cols, r->flow.rows) == 0) {
        return;
    }
    require(screen_grid_init(&g, r->flow.cols, r->flow.rows, &r->draw).code == CS_OK);
    require(screen_scene(&r->flow, &r->world, &r->draw, &scene).code == CS_OK);
    require(screen_grid_draw(&g, &scene, &r->draw).code == CS_OK);
    screen_grid_twin(&g, &out);
    for (size_t i = 0; i < out.len; i++) {
        require((out.p[i] >= 0x20 && out.p[i] != 0x7f) || out.p[i] == '\n');
    }
}

static void step(struct run *r, const struct flow_input *in)
{
    flow_step(&r->flow, &r->world, in);
    for (size_t i = 0; i < r->flow.asks.count; i++) {
        const struct flow_ask *a = &r->flow.asks.item[i];
        r->last_core = a->kind >= ASK_BEGIN && a->kind != ASK_ACCESS ? a->id : r->last_core;
    }
    flow_sent(&r->flow);
    require(r->flow.state > FLOW_NONE && r->flow.state < FLOW_STATE_COUNT);
    check_pin(&r->flow);
}

static void press(struct run *r)
{
    struct key_press p;
    if (screen_keys_byte(&r->keys, next(r), r->world.now_ms, &p)) {
        step(r, &(struct flow_input){.kind = INPUT_PRESS, .press = p.press, .point = p.point});
    }
}

static void press_named(struct run *r)
{
    static const enum press named[] = {PRESS_ENTER, PRESS_ESC,     PRESS_TAB,       PRESS_ERASE, PRESS_UP,
                                       PRESS_DOWN,  PRESS_PAGE_UP, PRESS_PAGE_DOWN, PRESS_F1,    PRESS_F4,
                                       PRESS_F7,    PRESS_F8,      PRESS_F12};
    step(r, &(struct flow_input){.kind = INPUT_PRESS, .press = named[next(r) % (sizeof(named) / sizeof(named[0]))]});
}

static void wait(struct run *r)
{
    const uint64_t ms = (uint64_t)next(r) * 400U;
    r->world.now_ms += ms;
    r->world.clock_ms += ms;
    step(r, &(struct flow_input){.kind = INPUT_TICK});
}

/* The credential of the n-th person of the roster, or bytes of nobody. */
static struct span credential(const struct run *r, uint8_t n)
{
    size_t at = 0;
    const struct state_credential *k = NULL;
    for (unsigned i = 0; i <= n % 9U; i++) {
        k = map_next(&r->world.state->credentials, &at);
    }
    return k != NULL ? k->id : SPAN_LIT("nobody");
}

static void done(struct run *r)
{
    static const char *const codes[] = {"ok",      "ok",      "wrong_key",        "pin_wrong",
                                        "removed", "timeout", "pin_auth_blocked", "odd"};
    static const uint8_t filler[91] = {1};
    const uint8_t n = next(r);
    struct flow_done d = {.op = (n & 0x80U) != 0 ? n : r->flow.token.op,
                          .code = span_str(codes[n % 8U]),
                          .device = (n & 0x40U) != 0 ? n & 3U : r->flow.token.op_device,
                          .has_tries = (n & 8U) != 0,
                          .tries = n & 7U,
                          .credential = credential(r, next(r)),
                          .auth_data = SPAN_OF(filler),
                          .sig = SPAN_OF(filler),
                          .key = SPAN_OF(filler),
                          .aaguid = span_make(filler, 16),
                          .x5c_count = 1};
    d.x5c[0] = SPAN_OF(filler);
    step(r, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

static void answer(struct run *r)
{
    static const char *const codes[] = {"ok", "ok", "ok", "not_open", "counter", "no such code", "busy", "sealed"};
    const uint8_t n = next(r);
    const struct flow_answer a = {.id = (n & 0x80U) != 0 ? n : r->last_core,
                                  .code = span_str(codes[n % 8U]),
                                  .index = n % 32U,
                                  .time_ms = r->world.clock_ms,
                                  .expires_ms = r->world.clock_ms + MODEL_STATEMENT_LIFE_MS,
                                  .nonce = {n}};
    step(r, &(struct flow_input){.kind = INPUT_ANSWER, .answer = &a});
}

/* None to three keys and cards, some of them as before. */
static void plug(struct run *r)
{
    static const struct span ports[] = {{(const uint8_t *)"1-2", 3}, {(const uint8_t *)"1-3", 3}, {NULL, 0}};
    struct flow_plug plugs[3];
    const uint8_t n = next(r) % 4U;
    for (uint8_t i = 0; i < n; i++) {
        const uint8_t b = next(r);
        plugs[i] = (struct flow_plug){.number = (b & 3U) + i, .card = (b & 4U) != 0, .port = ports[(b >> 3U) % 3U]};
    }
    step(r, &(struct flow_input){.kind = INPUT_DEVICES, .plug = plugs, .plugs = n});
}

static void turn(struct run *r)
{
    const uint8_t what = next(r);
    switch (what % 11U) {
    case 0:
        wait(r);
        break;
    case 1:
        plug(r);
        break;
    case 2:
        done(r);
        break;
    case 3:
        answer(r);
        break;
    case 4:
        step(r, &(struct flow_input){.kind = INPUT_TOUCH, .op = r->flow.token.op});
        break;
    case 5:
        step(r, &(struct flow_input){.kind = INPUT_SIZE, .cols = 60U + next(r), .rows = 20U + (next(r) % 40U)});
        break;
    case 6:
        r->world.presence_switch = (what & 0x20U) != 0 ? SWITCH_ON : SWITCH_OFF;
        r->world.live = (what & 0x10U) == 0 || !r->world.live;
        step(r, &(struct flow_input){.kind = INPUT_FOLD});
        break;
    case 7:
    case 8:
        press_named(r);
        break;
    default:
        press(r);
        break;
    }
}

static void make_log(void)
{
    uint64_t index = 0;
    const struct author_request plain = {.title = "Payments API 4.18.2", .author = "gitlab:8"};
    const struct author_request hidden = {.title = "a\u202Eb", .key = "k2"};
    the_log = author_log_new(JUDGE_FOLD, STATE_BYTES);
    author_log_standard(the_log);
    const struct glass_policy emergencies = {.version = 3, .presence_switch = true};
    glass_policy(the_log, &emergencies);
    require(author_log_request(the_log, &plain, &index).allow);
    require(author_log_request(the_log, &hidden, &index).allow);
    const struct glass_voucher voucher = {.life_s = 604800};
    const struct glass_ask ask = {.request = glass_request(the_log, "Roll out 2.7.1", NULL)};
    (void)glass_voucher_signed(the_log, &voucher); /* both can be taken back */
    require(glass_open(the_log, &ask, &index).allow);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run r;
    if (the_log == NULL) {
        make_log();
    }
    memset(&r, 0, sizeof(r));
    r.data = data;
    r.left = size;
    r.world = (struct flow_world){.state = &author_log_judge(the_log)->state,
                                  .root = judge_root(author_log_judge(the_log)),
                                  .now_ms = 1000000,
                                  .clock_ms = author_log_now(the_log),
                                  .live = true,
                                  .token_up = true,
                                  .version = SPAN_LIT("fuzz")};
    arena_init(&r.draw, DRAW_BYTES);
    require(flow_init(&r.flow, SPAN_LIT(AUTHOR_KIOSK), 80, 24).code == CS_OK);
    step(&r, &(struct flow_input){.kind = INPUT_FOLD});
    for (unsigned n = 0; n < STEPS_MAX && r.left > 0; n++) {
        turn(&r);
        if (n % 4 == 0 || r.left == 0) {
            check_screen(&r);
        }
    }
    flow_release(&r.flow);
    arena_release(&r.draw);
    return 0;
}
