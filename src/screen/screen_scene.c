/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_scene_in.h"

/* ---- parts */

void scene_text(struct scene_text *x, struct stage *g)
{
    x->g = g;
    x->w = wr_fixed(x->room, sizeof(x->room));
}

struct span scene_text_end(struct scene_text *x)
{
    struct span copy = SPAN_NONE;
    const struct span text = x->w.fail == CS_OK ? wr_span(&x->w) : SPAN_LIT("(too long to show)");
    if (arena_copy(x->g->arena, text, &copy).code != CS_OK) {
        x->g->fail = CS_E_NOMEM;
    }
    return copy;
}

struct scene_card *scene_card(struct stage *g, enum card_kind kind, const char *heading)
{
    struct scene *s = g->s;
    const size_t at = s->card_count < SCENE_CARDS_MAX ? s->card_count++ : SCENE_CARDS_MAX - 1;
    s->card[at] = (struct scene_card){.kind = kind, .heading = heading};
    return &s->card[at];
}

void scene_say(struct scene_card *c, enum ink ink, struct span text)
{
    if (c->count < SCENE_CARD_LINES_MAX) {
        c->line[c->count++] = (struct card_line){.ink = ink, .text = text};
    }
}

void scene_say_text(struct scene_card *c, enum ink ink, const char *text)
{
    scene_say(c, ink, span_str(text));
}

void scene_button(struct stage *g, const char *key, const char *plain, const char *label, bool on)
{
    struct scene *s = g->s;
    if (s->button_count < SCENE_BUTTONS_MAX) {
        s->button[s->button_count++] = (struct scene_button){.key = key, .plain = plain, .label = label, .on = on};
    }
}

struct flow_pages *scene_sheet(struct stage *g)
{
    struct flow_pages *p = arena_alloc(g->arena, sizeof(*p));
    if (p == NULL) {
        g->fail = CS_E_NOMEM;
        return NULL;
    }
    doc_init(&p->doc, g->arena, REPERTOIRE_CELLS);
    return p;
}

void scene_sheet_end(struct stage *g, struct flow_pages *p)
{
    const struct cs_result r = screen_pages(&p->doc, flow_page_cols(g->f->cols, g->f->rows),
                                            flow_page_rows(g->f->cols, g->f->rows), g->arena, &p->pages);
    if (r.code != CS_OK) {
        g->fail = r.code;
        return;
    }
    p->at = p->pages.count - 1; /* of what is typed, the end is what is looked at */
    g->s->sheet = p;
}

struct span scene_typed(struct stage *g, struct span text)
{
    uint8_t *room = arena_alloc(g->arena, text.left + 1);
    if (room == NULL) {
        g->fail = CS_E_NOMEM;
        return SPAN_NONE;
    }
    struct writer w = wr_fixed(room, text.left + 1);
    wr_bytes(&w, text);
    wr_u8(&w, '_');
    return wr_span(&w);
}

uint64_t scene_seconds_left(const struct stage *g, uint64_t since_ms, uint64_t limit_ms)
{
    const uint64_t gone = g->w->now_ms - since_ms;
    return gone < limit_ms ? (limit_ms - gone + 999) / 1000 : 0;
}

void scene_pages(struct stage *g, const struct flow_pages *p, bool letters)
{
    struct scene_text x;
    g->s->sheet = p;
    scene_text(&x, g);
    wr_text(&x.w, "Page ");
    wr_dec(&x.w, p->at + 1);
    wr_text(&x.w, " of ");
    wr_dec(&x.w, p->pages.count);
    g->s->foot = scene_text_end(&x);
    if (p->pages.count > 1) {
        scene_button(g, "PgDn", letters ? "n" : "", "Next", p->at + 1 < p->pages.count);
        scene_button(g, "PgUp", letters ? "p" : "", "Back", p->at > 0);
    }
}

void scene_pin_card(struct stage *g)
{
    const bool card = g->f->token.card;
    struct scene_card *c = scene_card(g, CARD_PIN, card ? "Enter your card's PIN" : "Enter your PIN");
    struct scene_text x;
    scene_text(&x, g);
    for (size_t i = 0; i < g->f->token.pin_points && i < 20; i++) {
        wr_text(&x.w, "●");
    }
    wr_text(&x.w, "_");
    scene_say(c, INK_FRAME_STRONG, scene_text_end(&x));
    if (card) {
        const bool enrols = g->f->state == FLOW_KEY_PIN && g->f->making.what != MAKING_SEAL;
        scene_say_text(c, INK_FRAME,
                       enrols ? "With Enter your card shows that it is here."
                              : "With Enter your card signs the white pages.");
    }
    scene_say_text(c, INK_FRAME_DIM,
                   card ? "The PIN goes only to your card. Cover the keys with your hand."
                        : "The PIN goes only to your key. Cover the keys with your hand.");
    scene_text(&x, g);
    wr_text(&x.w, "Stops by itself in ");
    wr_dec(&x.w, scene_seconds_left(g, g->f->entered_ms, FLOW_PIN_MS));
    wr_text(&x.w, " s");
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
}

void scene_touch_card(struct stage *g)
{
    const bool card = g->f->token.card;
    if (!g->f->token.touch) {
        struct scene_card *c = scene_card(g, CARD_PLAIN, card ? "Your card signs" : "Asking your key");
        scene_say_text(c, INK_FRAME,
                       card ? "It checks the PIN and signs. Leave it in."
                            : "It checks the PIN. It will blink when it wants to be touched.");
        return;
    }
    struct scene_card *c = scene_card(g, CARD_ACT, card ? "Touch your card now" : "Touch your key now");
    struct scene_text x;
    scene_say_text(c, INK_ACT, "Its light is blinking. Nothing happens until you touch it.");
    scene_text(&x, g);
    wr_dec(&x.w, scene_seconds_left(g, g->f->token.touch_ms, FLOW_TOUCH_MS));
    wr_text(&x.w, " seconds");
    scene_say(c, INK_ACT_STRONG, scene_text_end(&x));
}

/* ---- states without a sheet of their own */

static void scene_out(struct stage *g)
{
    static const struct word_args none;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    struct scene_text x;
    scene_text(&x, g);
    screen_words(g->f->out, &none, &x.w);
    doc_title(&p->doc, g->f->out == WORD_CATCHING_UP ? SPAN_LIT("Starting") : SPAN_LIT("Out of service"));
    doc_text(&p->doc, SPAN_LIT("Why"), scene_text_end(&x), DOC_FREE);
    doc_note(&p->doc, "This screen goes on by itself when it can.");
    scene_sheet_end(g, p);
    g->s->heading = SPAN_LIT("Kiosk");
}

static void scene_still(struct stage *g)
{
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    doc_title(&p->doc, SPAN_LIT("Still there?"));
    doc_note(&p->doc, "Press any key to go on. Otherwise this is closed and nothing is signed.");
    scene_sheet_end(g, p);
    struct scene_card *c = scene_card(g, CARD_ACT, "Press any key");
    struct scene_text x;
    scene_text(&x, g);
    wr_dec(&x.w, scene_seconds_left(g, g->f->entered_ms, FLOW_STILL_MS));
    wr_text(&x.w, " seconds");
    scene_say(c, INK_ACT_STRONG, scene_text_end(&x));
    scene_button(g, "any key", "", "Go on", true);
}

static void scene_help(struct stage *g)
{
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    doc_title(&p->doc, SPAN_LIT("How to decide"));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("Press the number of a request to read it. Anyone may read."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("Read every page. Then F12 approves and F4 rejects."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("Insert your key when asked, write your reason, type your PIN."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("Check the signing page once more, then touch your key."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("Esc always stops, and then nothing is signed."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("m asks for something of your own; w takes it back."));
    doc_point(&p->doc, MARK_NONE, SPAN_LIT("The box on the left is what is signed. Around it, this kiosk speaks."));
    doc_field(&p->doc, "Version", g->w->version, DOC_FREE);
    scene_sheet_end(g, p);
    g->s->heading = SPAN_LIT("Help");
    scene_button(g, "any key", "", "Back", true);
}

/* ---- the whole */

static void (*const scenes[FLOW_STATE_COUNT])(struct stage *g) = {
    [FLOW_OUT] = scene_out,           [FLOW_QUEUE] = scene_queue,       [FLOW_READ] = scene_read,
    [FLOW_IDENTIFY] = scene_identify, [FLOW_CHOOSE] = scene_choose,     [FLOW_DECIDE] = scene_decide,
    [FLOW_PIN] = scene_pin,           [FLOW_SIGN] = scene_sign,         [FLOW_VERIFY] = scene_verify,
    [FLOW_RECEIPT] = scene_receipt,   [FLOW_CHANGED] = scene_changed,   [FLOW_STILL] = scene_still,
    [FLOW_HELP] = scene_help,         [FLOW_CEREMONY] = scene_ceremony, [FLOW_KEY] = scene_key,
    [FLOW_KEY_PIN] = scene_key,       [FLOW_KEY_TOUCH] = scene_key,     [FLOW_KEY_OUT] = scene_key,
    [FLOW_SEAL] = scene_seal,         [FLOW_PEOPLE] = scene_people,     [FLOW_PERSON] = scene_person,
    [FLOW_KEYS] = scene_keys,         [FLOW_DECLARE] = scene_form,      [FLOW_FORM] = scene_form,
    [FLOW_PROPOSE] = scene_propose,   [FLOW_PROPOSING] = scene_propose, [FLOW_BACK] = scene_back,
    [FLOW_TAKING] = scene_back,
};

static unsigned step_of(const struct flow *f)
{
    static const uint8_t steps[FLOW_STATE_COUNT] = {
        [FLOW_READ] = 1, [FLOW_CHANGED] = 1, [FLOW_IDENTIFY] = 2, [FLOW_CHOOSE] = 2,  [FLOW_DECIDE] = 2,
        [FLOW_PIN] = 3,  [FLOW_SIGN] = 3,    [FLOW_VERIFY] = 3,   [FLOW_RECEIPT] = 4,
    };
    return steps[f->state];
}

CS_RESULT screen_scene(const struct flow *f, const struct flow_world *w, struct arena *arena, struct scene *ret_scene)
{
    ENSURE(flow_page_cols(f->cols, f->rows) > 0, CS_E_RANGE, "scene.size");
    struct scene *s = arena_alloc(arena, sizeof(*s));
    ENSURE(s != NULL && (size_t)f->state < FLOW_STATE_COUNT, CS_E_NOMEM, "scene");
    struct stage g = {.f = f, .w = w, .arena = arena, .s = s};
    struct scene_text x;

    s->state = f->state;
    s->kiosk = flow_text(&f->kiosk);
    s->emergency = scene_is_emergency(f);
    s->step = step_of(f);
    s->clock_trusted = w->live && !w->state->clock_back;
    scene_text(&x, &g);
    if (w->clock_ms != 0) {
        screen_write_clock(&x.w, w->clock_ms);
        wr_text(&x.w, " UTC");
    }
    s->clock = scene_text_end(&x);
    scene_text(&x, &g);
    screen_words(f->message.word, &f->message.args, &x.w);
    s->words = scene_text_end(&x);
    if (scenes[f->state] != NULL) {
        scenes[f->state](&g);
    }
    ENSURE(g.fail == CS_OK, g.fail, "scene");
    *ret_scene = *s;
    return CS_SUCCESS;
}
