/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of the genesis ceremony and of changes to people and keys. */
#include "screen/screen_scene_in.h"

static size_t made_count(const struct flow_making *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        n += flow_makes_key(&m->item[i]) ? 1U : 0U;
    }
    return n;
}

static bool has_key(const struct flow_making *m, struct span person)
{
    for (size_t i = 0; i < m->count; i++) {
        if (flow_makes_key(&m->item[i]) && span_eq(m->item[i].id, person)) {
            return true;
        }
    }
    return false;
}

static bool has_signed(const struct flow_making *m, struct span person)
{
    for (size_t i = 0; i < m->genesis.signature_count; i++) {
        if (span_eq(m->genesis.signatures[i].person, person)) {
            return true;
        }
    }
    return false;
}

static void card_progress(struct stage *g)
{
    const struct flow_making *m = &g->f->making;
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Ceremony");
    struct scene_text x;
    for (size_t i = 0; i < m->proposal.changes.count; i++) {
        if (m->item[i].op != CHANGE_PUT_PERSON) {
            continue;
        }
        const bool key = has_key(m, m->item[i].id);
        scene_text(&x, g);
        wr_text(&x.w, key ? "[x] " : "[ ] ");
        wr_bytes(&x.w, m->item[i].id);
        wr_text(&x.w, has_signed(m, m->item[i].id) ? " signed" : "");
        scene_say(c, key ? INK_FRAME_OK : INK_FRAME, scene_text_end(&x));
    }
    scene_text(&x, g);
    wr_dec(&x.w, m->genesis.signature_count);
    wr_text(&x.w, " of ");
    wr_dec(&x.w, m->policy.officers_threshold);
    wr_text(&x.w, " officers signed");
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
}

void scene_ceremony(struct stage *g)
{
    const struct flow_pages *p = &g->f->making.page;
    const bool sound = !p->doc.unshown && !p->doc.hidden && !p->pages.too_long;
    g->s->heading = SPAN_LIT("Genesis ceremony");
    scene_pages(g, p, true);
    card_progress(g);
    struct scene_card *c = scene_card(g, sound ? CARD_PLAIN : CARD_BAD, "Read all of it");
    scene_say_text(c, INK_FRAME,
                   sound ? "Everything here becomes the first entry. Then each person inserts a key."
                         : "Part of it cannot be shown, so it cannot be signed here.");
    scene_button(g, "F12", "a", made_count(&g->f->making) > 0 ? "Go on" : "Begin",
                 sound && flow_all_read(p, g->w->now_ms));
}

/* Of the card that was just enrolled, while it is still in. */
static void certificate(struct stage *g, struct doc *d)
{
    const struct flow_making *m = &g->f->making;
    const bool made = g->f->state == FLOW_KEY_OUT && m->count > 0 && m->item[m->count - 1].op == CHANGE_ADD_CARD;
    if (made) {
        struct roster_change last = m->item[m->count - 1];
        const struct roster_changes one = {.item = &last, .count = 1};
        doc_heading(d, "Its certificate");
        screen_read_certificate(d, g->w->facts != NULL ? g->w->facts(&one, g->arena) : NULL);
    }
}

/* Who, and what the key is for. */
static void key_sheet(struct stage *g)
{
    const struct flow_making *m = &g->f->making;
    const struct span person = flow_making_person(g->f);
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    if (m->what == MAKING_SEAL) {
        doc_title(&p->doc, SPAN_LIT("Sign the start of this log"));
        if (person.left > 0 && g->f->state != FLOW_KEY) {
            doc_field(&p->doc, "Officer", person, DOC_PLAIN);
        }
        doc_field(&p->doc, "Log", m->proposal.origin, DOC_PLAIN);
        doc_number(&p->doc, "Changes in it", m->count);
        doc_digest(&p->doc, "Genesis sha256", &m->digest);
        doc_note(&p->doc, "It holds the pages that you read, the keys just enrolled, and the keys of the log itself.");
    } else {
        const bool card = g->f->token.card && g->f->state != FLOW_KEY;
        doc_title(&p->doc, card ? SPAN_LIT("Enrol a card") : SPAN_LIT("Enrol a key"));
        doc_field(&p->doc, "Person", person, DOC_PLAIN);
        doc_field(&p->doc, "Log", m->what == MAKING_GENESIS ? m->proposal.origin : g->w->state->origin, DOC_PLAIN);
        doc_note(&p->doc, card ? "The card signs once, to show that it is here. It asks for its PIN."
                               : "The key makes a new secret for this log. It asks for its PIN and to be touched.");
        certificate(g, &p->doc);
    }
    scene_sheet_end(g, p);
}

static void card_insert(struct stage *g)
{
    const struct flow_making *m = &g->f->making;
    const bool in = g->f->token.devices > 0;
    struct scene_card *c = scene_card(g, CARD_ACT, in ? "A key or card is in" : "Insert the key or card");
    struct scene_text x;
    scene_text(&x, g);
    if (m->what == MAKING_SEAL) {
        wr_text(&x.w, "Any officer who has not signed yet.");
    } else {
        wr_text(&x.w, "The key of ");
        wr_bytes(&x.w, flow_making_person(g->f));
    }
    scene_say(c, INK_ACT_STRONG, scene_text_end(&x));
    for (size_t i = 0; g->f->token.devices > 1 && i < g->f->token.devices; i++) {
        const struct flow_device *d = &g->f->token.device[i];
        scene_text(&x, g);
        wr_dec(&x.w, i + 1);
        wr_text(&x.w, d->card ? " card, port " : " key, port ");
        wr_bytes(&x.w, flow_text(&d->port));
        scene_say(c, INK_ACT, scene_text_end(&x));
    }
    if (in) {
        scene_say_text(c, INK_ACT,
                       g->f->token.devices > 1 ? "Press the number of the one to use."
                                               : "Press Enter to use it, or take it out.");
    }
}

void scene_key(struct stage *g)
{
    const bool person = g->f->making.what == MAKING_PERSON;
    g->s->heading = person ? SPAN_LIT("People and keys") : SPAN_LIT("Genesis ceremony");
    key_sheet(g);
    if (!person) {
        card_progress(g);
    }
    if (g->f->state == FLOW_KEY) {
        card_insert(g);
        scene_button(g, "Esc", "", person ? "Back to the list" : "Back to the pages", true);
        scene_button(g, "Tab", "", person ? "Without a key" : "Skip", flow_may_skip(g->f));
    } else if (g->f->state == FLOW_KEY_PIN) {
        scene_pin_card(g);
        scene_button(g, "Esc", "", "Stop", true);
        scene_button(g, "Enter", "", "Use this PIN", true);
    } else if (g->f->state == FLOW_KEY_TOUCH) {
        scene_touch_card(g);
        scene_button(g, "Esc", "", "Stop", true);
    } else {
        struct scene_card *c = scene_card(g, CARD_ACT, g->f->token.card ? "Take the card out" : "Take the key out");
        scene_say_text(c, INK_ACT, "Then the next person goes on.");
    }
}

void scene_seal(struct stage *g)
{
    g->s->heading = SPAN_LIT("Genesis ceremony");
    key_sheet(g);
    card_progress(g);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Checking the signatures");
    scene_say_text(c, INK_FRAME, "It counts when it stands in the log. One moment.");
}

/* ---- people */

void scene_people(struct stage *g)
{
    struct scene_text x;
    g->s->heading = SPAN_LIT("People and keys");
    scene_button(g, "Esc", "", "Drop all", true);
    scene_pages(g, &g->f->making.page, true);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Nothing is in force yet");
    scene_text(&x, g);
    wr_text(&x.w, "What you propose waits in the list until ");
    wr_dec(&x.w, g->w->state->policy->doc.officers_threshold);
    wr_text(&x.w, " officers have signed it.");
    scene_say(c, INK_FRAME, scene_text_end(&x));
    scene_button(g, "1", "", "Add", true);
    scene_button(g, "2", "", "Switch off", true);
    scene_button(g, "3", "", "Propose", g->f->making.count > 0);
}

static struct span typed_short(struct stage *g, const struct flow_short *s, bool here)
{
    struct scene_text x;
    scene_text(&x, g);
    wr_bytes(&x.w, flow_text(s));
    wr_text(&x.w, here ? "_" : "");
    return scene_text_end(&x);
}

void scene_person(struct stage *g)
{
    const struct flow_making *m = &g->f->making;
    const struct policy_doc *doc = &g->w->state->policy->doc;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    g->s->heading = SPAN_LIT("People and keys");
    doc_title(&p->doc, SPAN_LIT("Who is it?"));
    doc_field(&p->doc, m->field == FLOW_FORM_ID ? "> Name" : "  Name", typed_short(g, &m->id, m->field == FLOW_FORM_ID),
              DOC_FREE);
    doc_heading(&p->doc, m->field == FLOW_FORM_ROLES ? "> Roles" : "  Roles");
    for (size_t i = 0; i < doc->role_count && i < MODEL_ROLES_MAX; i++) {
        struct scene_text x;
        scene_text(&x, g);
        wr_dec(&x.w, i + 1);
        wr_text(&x.w, " ");
        wr_bytes(&x.w, doc->roles[i]);
        wr_text(&x.w, m->field == FLOW_FORM_ROLES && m->role == i ? "  <" : "");
        doc_point(&p->doc, (m->roles & 1U << i) != 0 ? MARK_OK : MARK_OPEN, scene_text_end(&x));
    }
    doc_field(&p->doc, m->field == FLOW_FORM_ACCOUNTS ? "> Accounts" : "  Accounts",
              typed_short(g, &m->accounts, m->field == FLOW_FORM_ACCOUNTS), DOC_FREE);
    doc_field(&p->doc, m->field == FLOW_FORM_NICKNAME ? "> Key named" : "  Key named",
              typed_short(g, &m->nickname, m->field == FLOW_FORM_NICKNAME), DOC_FREE);
    scene_sheet_end(g, p);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "How");
    scene_say_text(c, INK_FRAME, "Tab goes to the next field. Numbers or space switch a role.");
    scene_say_text(c, INK_FRAME_DIM,
                   "Accounts are this person's names elsewhere, with spaces between. May stay empty.");
    scene_button(g, "Esc", "", "Back", true);
    scene_button(g, "Tab", "", "Next field", true);
    scene_button(g, "Enter", "", "Go on", true);
}

static void keys_frame(struct stage *g, bool suspends)
{
    g->s->heading = suspends ? SPAN_LIT("Who is suspended, or restored?") : SPAN_LIT("Which key is switched off?");
    struct scene_card *c = scene_card(g, CARD_PLAIN, suspends ? "Suspend a person" : "Switch off a key");
    scene_say_text(c, INK_FRAME,
                   suspends ? "It takes effect when the officers have signed. Nothing that is not used yet stands on "
                              "this person's signatures until they are restored."
                            : "It takes effect when the officers have signed. What it signed before stays valid.");
}

void scene_keys(struct stage *g)
{
    static const struct text_rule rule = {.form = TEXT_LINE, .repertoire = REPERTOIRE_CELLS, .max_points = 256};
    const struct state_credential *rows[FLOW_QUEUE_ROWS];
    const size_t n = flow_keys(g->w->state, g->f->making.list_page, rows);
    for (size_t i = 0; i < n; i++) {
        struct scene_row *row = &g->s->row[i];
        struct flow_short name;
        struct scene_text x;
        row->digit = (char)('1' + i);
        if (screen_text(rows[i]->person->id, &rule, g->arena, &row->title).code != CS_OK) {
            g->fail = CS_E_NOMEM;
        }
        flow_key_name(g->w->state, &rows[i]->id_sha256, &name);
        scene_text(&x, g);
        wr_bytes(&x.w, flow_text(&name));
        wr_text(&x.w, rows[i]->person->suspended ? ", suspended" : "");
        row->below = scene_text_end(&x);
        scene_text(&x, g);
        wr_text(&x.w, "entry ");
        wr_dec(&x.w, rows[i]->enrolled_index);
        row->right = scene_text_end(&x);
    }
    g->s->row_count = n;
    g->s->empty = "No keys on this page.";
    keys_frame(g, g->f->making.suspends);
    scene_button(g, "Tab", "", g->f->making.suspends ? "Switch off" : "Suspend", true);
    scene_button(g, "1-8", "", g->f->making.suspends ? "This person" : "This key", n > 0);
    scene_button(g, "PgDn", "n", "More", n == FLOW_QUEUE_ROWS);
    scene_button(g, "PgUp", "p", "Back", g->f->making.list_page > 0);
    scene_button(g, "Esc", "", "Leave", true);
}

/* What was asked question by question is on its way. */
static void asking(struct stage *g)
{
    struct flow_pages *p = scene_sheet(g);
    if (p != NULL) {
        doc_title(&p->doc, SPAN_LIT("One moment"));
        doc_note(&p->doc, "It is opened, so that it can be read and signed.");
        scene_sheet_end(g, p);
    }
}

void scene_propose(struct stage *g)
{
    if (g->f->form.what != FORM_NONE) {
        asking(g);
        return;
    }
    const struct flow_reading *r = &g->f->reading;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    uint8_t room[FLOW_REASON_MAX + 1];
    struct writer w = wr_fixed(room, sizeof(room));
    struct span text = SPAN_NONE;
    wr_bytes(&w, span_make(r->reason, r->reason_len));
    wr_text(&w, g->f->state == FLOW_PROPOSE ? "_" : "");
    if (arena_copy(g->arena, wr_span(&w), &text).code != CS_OK) {
        g->fail = CS_E_NOMEM;
    }
    g->s->heading = SPAN_LIT("People and keys");
    doc_title(&p->doc, SPAN_LIT("Why this change?"));
    doc_number(&p->doc, "Changes", g->f->making.count);
    doc_text(&p->doc, SPAN_LIT("Reason"), text, DOC_FREE);
    scene_sheet_end(g, p);
    struct scene_card *c = scene_card(g, CARD_PLAIN, g->f->state == FLOW_PROPOSE ? "For the officers" : "Proposing");
    scene_say_text(c, INK_FRAME, "They read this with the change itself. At least 15 characters.");
    scene_button(g, "Esc", "", "Back", g->f->state == FLOW_PROPOSE);
    scene_button(g, "Enter", "", "Propose", g->f->state == FLOW_PROPOSE);
}
