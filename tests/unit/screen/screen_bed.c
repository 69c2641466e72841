/* SPDX-License-Identifier: Apache-2.0 */
#include "screen_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { STATE_BYTES = 64 << 20, DRAW_BYTES = 64 << 20, TICK_MS = 500, START_MS = 1000000 };

static void look_around(struct bed *b)
{
    const struct judge *j = b->log != NULL ? author_log_judge(b->log) : NULL;
    b->world.state = j != NULL ? &j->state : &b->empty;
    if (j != NULL) {
        b->world.root = judge_root(j);
    }
    memset(b->world.random, 0x5a, sizeof(b->world.random));
}

void bed_init(struct bed *b, struct author_log *log)
{
    memset(b, 0, sizeof(*b));
    b->log = log;
    assert_int_equal(state_init(&b->empty, STATE_BYTES).code, CS_OK);
    assert_int_equal(flow_init(&b->flow, SPAN_LIT(AUTHOR_KIOSK), 80, 24).code, CS_OK);
    b->world.now_ms = START_MS;
    b->world.clock_ms = log != NULL ? author_log_now(log) : 1767603600000U;
    b->world.live = true;
    b->world.token_up = true;
    b->world.version = SPAN_LIT("0.1.0");
    bed_fold(b);
}

void bed_release(struct bed *b)
{
    flow_release(&b->flow);
    state_release(&b->empty);
}

static void keep_asks(struct bed *b)
{
    for (size_t i = 0; i < b->flow.asks.count; i++) {
        const struct flow_ask *a = &b->flow.asks.item[i];
        assert_true(b->asked_count < BED_ASKS_MAX);
        b->asked[b->asked_count].kind = a->kind;
        b->asked[b->asked_count].id = a->id;
        b->asked[b->asked_count].ids = a->id_count;
        b->asked[b->asked_count].code[0] = '\0';
        if (a->kind == ASK_ACCESS) {
            struct writer w = wr_fixed(b->asked[b->asked_count].code, sizeof(b->asked[0].code) - 1);
            wr_bytes(&w, a->access.code);
            b->asked[b->asked_count].code[w.len] = '\0';
        }
        const struct span content = a->kind == ASK_WITHDRAW ? a->reason : a->content;
        if (a->kind == ASK_PROPOSE || a->kind == ASK_FREEZE || a->kind == ASK_WITHDRAW) {
            assert_true(content.left <= sizeof(b->content));
            memcpy(b->content, content.p, content.left);
            b->content_len = content.left;
        }
        b->asked_count++;
    }
}

void bed_step(struct bed *b, const struct flow_input *in)
{
    look_around(b);
    flow_step(&b->flow, &b->world, in);
    keep_asks(b);
    flow_sent(&b->flow);
}

void bed_press(struct bed *b, enum press press)
{
    bed_step(b, &(struct flow_input){.kind = INPUT_PRESS, .press = press});
}

void bed_type(struct bed *b, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        bed_step(b, &(struct flow_input){.kind = INPUT_PRESS, .press = PRESS_CHAR, .point = (uint8_t)*c});
    }
}

void bed_wait(struct bed *b, uint64_t ms)
{
    for (uint64_t at = 0; at < ms; at += TICK_MS) {
        const uint64_t n = ms - at < TICK_MS ? ms - at : TICK_MS;
        b->world.now_ms += n;
        b->world.clock_ms += n;
        bed_step(b, &(struct flow_input){.kind = INPUT_TICK});
    }
}

void bed_fold(struct bed *b)
{
    bed_step(b, &(struct flow_input){.kind = INPUT_FOLD});
}

void bed_size(struct bed *b, unsigned cols, unsigned rows)
{
    bed_step(b, &(struct flow_input){.kind = INPUT_SIZE, .cols = cols, .rows = rows});
}

void bed_plugs(struct bed *b, const struct flow_plug *plug, size_t count)
{
    bed_step(b, &(struct flow_input){.kind = INPUT_DEVICES, .plug = plug, .plugs = count});
}

void bed_devices(struct bed *b, unsigned count)
{
    const struct flow_plug plug = {.number = ++b->device, .port = SPAN_LIT("1-2")};
    bed_plugs(b, &plug, count > 0 ? 1 : 0);
}

void bed_touch(struct bed *b)
{
    bed_step(b, &(struct flow_input){.kind = INPUT_TOUCH, .op = b->flow.token.op});
}

void bed_done(struct bed *b, const char *code, int tries)
{
    const struct flow_done d = {
        .op = b->flow.token.op, .code = span_str(code), .has_tries = tries >= 0, .tries = (uint64_t)tries};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

void bed_done_as(struct bed *b, const char *person)
{
    size_t at = 0;
    look_around(b);
    for (const struct state_credential *k = map_next(&b->world.state->credentials, &at); k != NULL;
         k = map_next(&b->world.state->credentials, &at)) {
        if (span_is(k->person->id, person)) {
            const struct flow_done d = {.op = b->flow.token.op,
                                        .code = SPAN_LIT("ok"),
                                        .device = b->flow.token.op_device,
                                        .credential = k->id,
                                        .auth_data = SPAN_LIT("auth"),
                                        .sig = SPAN_LIT("sig"),
                                        .port = SPAN_LIT("1-2")};
            bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
            return;
        }
    }
    fail_msg("nobody is called %s", person);
}

void bed_made(struct bed *b, const char *name)
{
    static const uint8_t key[91] = {0x30};
    static const uint8_t auth_data[64] = {1};
    static const uint8_t aaguid[16] = {0xc5};
    struct flow_done d = {.op = b->flow.token.op,
                          .code = SPAN_LIT("ok"),
                          .device = b->flow.token.op_device,
                          .credential = span_str(name),
                          .auth_data = SPAN_OF(auth_data),
                          .sig = SPAN_OF(auth_data),
                          .key = SPAN_OF(key),
                          .aaguid = SPAN_OF(aaguid),
                          .x5c_count = 1};
    d.x5c[0] = SPAN_OF(auth_data);
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

void bed_found(struct bed *b, const char *name)
{
    static const uint8_t auth_data[37] = {1};
    const struct flow_done d = {.op = b->flow.token.op,
                                .code = SPAN_LIT("ok"),
                                .device = b->flow.token.op_device,
                                .credential = span_str(name),
                                .auth_data = SPAN_OF(auth_data),
                                .sig = SPAN_OF(auth_data)};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

static uint64_t newest(const struct bed *b, enum ask_kind kind)
{
    for (size_t i = b->asked_count; i > 0; i--) {
        if (b->asked[i - 1].kind == kind) {
            return b->asked[i - 1].id;
        }
    }
    fail_msg("nothing of kind %d was asked", (int)kind);
    return 0;
}

void bed_answer(struct bed *b, enum ask_kind kind, const char *code, uint64_t index)
{
    struct flow_answer a = {.id = newest(b, kind),
                            .code = span_str(code),
                            .index = index,
                            .time_ms = b->world.clock_ms,
                            .expires_ms = b->world.clock_ms + MODEL_STATEMENT_LIFE_MS};
    b->nonce++;
    memset(a.nonce, (int)b->nonce, sizeof(a.nonce));
    bed_step(b, &(struct flow_input){.kind = INPUT_ANSWER, .answer = &a});
}

/* author_log proposes as the operator: so says the content there. */
static void as_operator(struct bed *b)
{
    static const char from[] = "system:kiosk";
    static const char to[] = "system:operator";
    uint8_t *at = memmem(b->content, b->content_len, from, sizeof(from) - 1);
    if (at != NULL) {
        uint8_t *rest = at + sizeof(from) - 1;
        assert_true(b->content_len + sizeof(to) < sizeof(b->content));
        memmove(at + sizeof(to) - 1, rest, b->content_len - (size_t)(rest - b->content));
        memcpy(at, to, sizeof(to) - 1);
        b->content_len += sizeof(to) - sizeof(from);
    }
}

uint64_t bed_takes_proposal(struct bed *b, enum request_kind kind)
{
    uint64_t index = 0;
    if (kind == KIND_ROSTER) {
        as_operator(b);
    }
    const struct verdict v = author_log_propose(b->log, kind, span_make(b->content, b->content_len), &index);
    if (!v.allow) {
        fail_msg("%s: %.*s", policy_reason_code(v.reason), (int)b->content_len, (const char *)b->content);
    }
    bed_answer(b, ASK_PROPOSE, "ok", index);
    bed_fold(b);
    return index;
}

void bed_answer_proposal(struct bed *b, struct span proposal)
{
    static const uint8_t log_key[32] = {1};
    static const uint8_t outcome_key[91] = {2};
    const struct flow_answer a = {.id = newest(b, ASK_PROPOSAL),
                                  .code = SPAN_LIT("ok"),
                                  .log_key = SPAN_OF(log_key),
                                  .outcome_key = SPAN_OF(outcome_key),
                                  .proposal = proposal};
    bed_step(b, &(struct flow_input){.kind = INPUT_ANSWER, .answer = &a});
}

size_t bed_count(const struct bed *b, enum ask_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < b->asked_count; i++) {
        n += b->asked[i].kind == kind ? 1U : 0U;
    }
    return n;
}

bool bed_noted(const struct bed *b, const char *code)
{
    for (size_t i = 0; i < b->asked_count; i++) {
        if (b->asked[i].kind == ASK_ACCESS && strcmp(b->asked[i].code, code) == 0) {
            return true;
        }
    }
    return false;
}

void bed_forget(struct bed *b)
{
    b->asked_count = 0;
}

static void look_at(struct bed *b, const struct flow_pages *p)
{
    for (size_t i = 0; i < p->pages.count; i++) {
        bed_wait(b, FLOW_PAGE_MS);
        bed_press(b, PRESS_PAGE_DOWN);
    }
    assert_true(flow_all_read(p, b->world.now_ms));
}

void bed_read_all(struct bed *b)
{
    look_at(b, b->flow.state == FLOW_CEREMONY ? &b->flow.making.page : &b->flow.reading.page);
}

void bed_look(struct bed *b)
{
    look_at(b, &b->flow.sign.page);
}

void bed_pin(struct bed *b, const char *pin)
{
    if (b->flow.state == FLOW_PIN && b->flow.sign.ready) {
        bed_look(b);
    }
    bed_type(b, pin);
    bed_press(b, PRESS_ENTER);
}

/* ---- emergencies */

#define WORD(s)                                                                                                        \
    {                                                                                                                  \
        (const uint8_t *)(s), sizeof(s) - 1                                                                            \
    }

static struct span types[] = {WORD("normal"), WORD("rollback")};
static struct span places[] = {WORD("production")};
static struct span ports[] = {WORD("1-2"), WORD("1-3")};
static struct span fields[] = {WORD("cause"), WORD("lesson")};
static struct policy_emergency_kind kinds[] = {
    {.id = WORD("outage"),
     .anchor = ANCHOR_INCIDENT,
     .change_types = types,
     .change_type_count = 2,
     .environments = places,
     .environment_count = 1},
    {.id = WORD("patch"),
     .anchor = ANCHOR_CVE,
     .change_types = types,
     .change_type_count = 1,
     .environments = places,
     .environment_count = 1},
};
static struct policy_seat seats[] = {
    {.id = WORD("endorse"), .role = WORD("business"), .count = 1, .voucher = true},
    {.id = WORD("operator"), .role = WORD("tech"), .count = 1, .self = true},
};

struct policy_emergency *bed_emergencies(struct author_log *l)
{
    static struct policy_emergency rules;
    rules = (struct policy_emergency){.justification_min = 20,
                                      .kinds = kinds,
                                      .kind_count = 2,
                                      .ports = ports,
                                      .port_count = 2,
                                      .tokens = 2,
                                      .window_s = 120,
                                      .review_due_s = 86400,
                                      .review_fields = fields,
                                      .review_field_count = 2,
                                      .seats = {.item = seats, .count = 2},
                                      .sign_by_s = 600,
                                      .use_by_s = 1800,
                                      .voucher_life_s = 86400};
    author_log_judge(l)->state.policy->doc.emergency = &rules;
    return &rules;
}

int bed_set_up(void **state)
{
    static struct bed_visit v;
    const struct author_request q = {.title = "Payments API 4.18.2", .author = "gitlab:8"};
    memset(&v, 0, sizeof(v));
    v.log = author_log_new(JUDGE_FOLD, BED_STATE_BYTES);
    author_log_standard(v.log);
    assert_true(author_log_request(v.log, &q, &v.request).allow);
    bed_init(&v.bed, v.log);
    *state = &v;
    return 0;
}

int bed_tear_down(void **state)
{
    struct bed_visit *v = *state;
    bed_release(&v->bed);
    author_log_free(v->log);
    return 0;
}

void bed_to_read(struct bed *b)
{
    bed_type(b, "1");
    bed_read_all(b);
    assert_int_equal(b->flow.state, FLOW_READ);
}

void bed_to_decide(struct bed *b, const char *person)
{
    bed_to_read(b);
    bed_devices(b, 1);
    bed_done_as(b, person);
    bed_type(b, "a");
}

void bed_to_pin(struct bed *b)
{
    bed_to_decide(b, "tom");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PIN);
    bed_answer(b, ASK_BEGIN, "ok", 0);
}

void bed_to_sign(struct bed *b)
{
    bed_to_pin(b);
    bed_pin(b, "1234");
    assert_int_equal(b->flow.state, FLOW_SIGN);
}

void bed_twin(struct bed *b, struct writer *w)
{
    struct arena arena;
    struct scene scene;
    struct grid g;
    arena_init(&arena, DRAW_BYTES);
    look_around(b);
    assert_int_equal(screen_grid_init(&g, b->flow.cols, b->flow.rows, &arena).code, CS_OK);
    if (flow_page_cols(b->flow.cols, b->flow.rows) == 0) {
        screen_grid_small(&g);
    } else {
        assert_int_equal(screen_scene(&b->flow, &b->world, &arena, &scene).code, CS_OK);
        assert_int_equal(screen_grid_draw(&g, &scene, &arena).code, CS_OK);
    }
    screen_grid_twin(&g, w);
    arena_release(&arena);
}

bool bed_shows(struct bed *b, const char *text)
{
    AUTO_WRITER w = wr_heap(1 << 20);
    bed_twin(b, &w);
    const struct span s = wr_span(&w);
    return s.left > 0 && memmem(s.p, s.left, text, strlen(text)) != NULL;
}
