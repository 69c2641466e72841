/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A core for tests of its followers (with --cards, of people who hold PIV cards): speaks docs/formats/core.md over a
 * log of author_log.h, keeps nothing, and does on request what a real core does rarely. Commands come on stdin, one a
 * line; each is answered by one line on stdout:
 *
 *   approve ID | tech ID | business ID | reject ID REASON | expire ID | open N | advance MS | seal | unseal | mute |
 * unmute | drop denied (how many denied calls were told so far) | quit
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/base_text.h"
#include "ipc/ipc_socket.h"
#include "note/note_signed.h"
#include "support/author_log.h"
#include "wire/wire_answer.h"
#include "wire/wire_batch.h"

enum { CAP_BYTES = 512 << 20, SCRATCH_BYTES = 8 << 20, LINE_MAX_BYTES = 4096, BEAT_MS = 1000, QUEUE_BYTES = 64 << 20 };

struct stage {
    struct author_log *log;
    struct ipc_conn conn;
    struct arena scratch;
    bool following;
    bool sealed;
    bool mute;
    uint64_t next; /* entry that the follower has not been sent yet */
    uint64_t denied;
};

static void must(struct cs_result r, const char *what)
{
    if (r.code != CS_OK) {
        (void)fprintf(stderr, "stage-core: %s: %s %s\n", what, r.msg, cs_code_text(r.code));
        exit(3); /* NOLINT(concurrency-mt-unsafe): one thread */
    }
}

/* ---- the stream ---- */

static void write_note(struct stage *s, struct writer *w)
{
    uint8_t text[512];
    uint8_t sig[64];
    struct writer t = wr_fixed(text, sizeof(text));
    const struct judge *j = author_log_judge(s->log);
    const struct note_checkpoint c = {
        .origin = span_str(AUTHOR_ORIGIN), .size = author_log_size(s->log), .root = judge_root(j)};

    note_checkpoint_write(&t, &c);
    must(author_log_sign(s->log, wr_span(&t), sig), "sign");
    const struct note_key key = note_key_make(span_str(AUTHOR_ORIGIN), NOTE_KEY_ED25519, author_log_key(s->log).p);
    note_write_text(w, wr_span(&t));
    note_write_signature(w, &key, SPAN_OF(sig));
}

static void queue(struct stage *s, struct span frame)
{
    must(ipc_queue(&s->conn, frame), "queue");
}

static void send_batch(struct stage *s, uint64_t count)
{
    AUTO_WRITER w = wr_heap(IPC_FRAME_MAX_BYTES);
    AUTO_WRITER note = wr_heap(WIRE_NOTE_MAX);
    struct wire_batch b = {.count = count, .first = s->next, .sealed = s->sealed, .time_ms = author_log_now(s->log)};
    if (s->next + count == author_log_size(s->log)) {
        write_note(s, &note);
        b.note = wr_span(&note);
    }
    b.why = s->sealed ? SPAN_LIT("a test sealed it") : SPAN_NONE;
    must(wire_batch_encode(&b, &w), "batch");
    queue(s, wr_span(&w));
    for (uint64_t i = 0; i < count; i++) {
        queue(s, author_log_leaf(s->log, s->next++));
    }
}

static void stream(struct stage *s, bool beat)
{
    if (!s->following) {
        return;
    }
    const uint64_t size = author_log_size(s->log);
    if (s->next == size && beat) {
        send_batch(s, 0);
    }
    while (s->next < size && s->conn.out.len < QUEUE_BYTES / 4) {
        const uint64_t left = size - s->next;
        send_batch(s, left < WIRE_BATCH_MAX ? left : WIRE_BATCH_MAX);
    }
}

/* ---- commands of the peer ---- */

static void answer(struct stage *s, uint64_t id, struct verdict v, bool has_index, uint64_t index)
{
    AUTO_WRITER w = wr_heap(IPC_FRAME_MAX_BYTES);
    struct wire_answer a = {.id = id, .code = span_str(policy_reason_code(v.reason)), .has_index = has_index};
    a.index = index;
    stream(s, false); /* the entry first, then the answer */
    must(wire_answer_encode(&a, &w), "answer");
    queue(s, wr_span(&w));
}

enum { ACTOR_MAX = 8 + MODEL_ID_MAX };
static void client_actor(const struct wire_command *c, char actor[ACTOR_MAX])
{
    struct writer w = wr_fixed(actor, ACTOR_MAX - 1);
    wr_text(&w, "client:");
    wr_bytes(&w, c->client);
    actor[w.len] = '\0';
}

static struct verdict do_request(struct stage *s, const struct wire_command *c, uint64_t *ret_index)
{
    const struct state *st = &author_log_judge(s->log)->state;
    struct content_faults *faults = arena_alloc(&s->scratch, sizeof(*faults));
    struct request q = {.kind = KIND_DEPLOY, .revision = 1};
    struct deploy_content *d = arena_alloc(&s->scratch, sizeof(*d));
    struct sheet sheet;
    char actor[ACTOR_MAX];
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);

    must(d == NULL || faults == NULL ? CS_FAIL(CS_E_NOMEM, "scratch") : CS_SUCCESS, "request");
    if (model_deploy_from_body(c->request.body, &s->scratch, &q.content, &q.revises_set, &q.revises, faults).code !=
            CS_OK ||
        model_deploy_decode(q.content, &s->scratch, d).code != CS_OK) {
        return VERDICT_DENY(REASON_INVALID_REQUEST);
    }
    const struct state_request *old = q.revises_set ? state_request_find(st, q.revises) : NULL;
    const struct sheet_input in = {.kind = KIND_DEPLOY,
                                   .deploy = d,
                                   .opened_under = st->policy,
                                   .in_force = st->policy,
                                   .state = st,
                                   .now_ms = st->time_ms};
    q.revision = old != NULL ? old->revision + 1 : 1;
    q.idempotency_key = c->request.key;
    q.body_sha256 = digest_sha256(c->request.body);
    q.policy = st->policy_index;
    q.roster = st->roster_index;
    must(state_histories(st, d, st->time_ms, &s->scratch, &q), "history");
    must(policy_sheet(&in, &s->scratch, &sheet), "sheet");
    q.sheet_sha256 = sheet.digest;
    must(model_request_encode(&q, &w), "request");
    client_actor(c, actor);
    const struct state_request *same =
        state_idempotent(st, span_str(actor), c->request.key); /* before: afterwards it is this one */
    *ret_index = same != NULL ? same->index : author_log_size(s->log);
    return author_log_append(s->log, ENTRY_REQUEST, actor, wr_span(&w));
}

static bool presents_other(struct stage *s, const struct wire_command *c)
{
    const struct state_request *q = state_request_find(&author_log_judge(s->log)->state, c->redeem.request);
    struct state_loaded l;
    if (q == NULL || q->open == NULL || state_load(q, &s->scratch, &l).code != CS_OK) {
        return false;
    }
    return l.deploy->artifact_count != c->redeem.artifact_count ||
           !sha256_eq(&l.deploy->artifacts[0].sha256, &c->redeem.artifacts[0].sha256);
}

static struct verdict do_command(struct stage *s, const struct wire_command *c)
{
    char actor[ACTOR_MAX];
    client_actor(c, actor);
    if (c->cmd == WIRE_REDEEM) {
        return author_log_redeem_as(s->log, c->redeem.request, presents_other(s, c), actor);
    }
    if (c->cmd == WIRE_OUTCOME) {
        return author_log_outcome(s->log, c->outcome.request, c->outcome.result);
    }
    return author_log_withdraw(s->log, c->withdraw.request, actor);
}

static void on_frame(struct stage *s, struct span frame)
{
    arena_reset(&s->scratch);
    struct wire_command *c = arena_alloc(&s->scratch, sizeof(*c));
    must(c == NULL ? CS_FAIL(CS_E_NOMEM, "scratch") : CS_SUCCESS, "command");
    must(wire_command_decode(frame, &s->scratch, c), "command");
    if (c->cmd == WIRE_FOLLOW) {
        s->following = true;
        s->next = c->from;
        stream(s, true);
        return;
    }
    if (c->cmd == WIRE_ACCESS) {
        s->denied += c->access.note.count;
        answer(s, c->id, VERDICT_ALLOW, false, 0);
        return;
    }
    if (s->mute) {
        return;
    }
    uint64_t index = author_log_size(s->log);
    const struct verdict v = c->cmd == WIRE_REQUEST ? do_request(s, c, &index) : do_command(s, c);
    answer(s, c->id, v, v.allow || v.reason == REASON_SAME_REQUEST, index);
}

static void drop(struct stage *s)
{
    ipc_close(&s->conn);
    s->following = false;
}

static void read_peer(struct stage *s)
{
    struct span frame = SPAN_NONE;
    struct cs_result r = ipc_fill(&s->conn);
    while (r.code == CS_OK && (r = ipc_next(&s->conn, &frame)).code == CS_OK) {
        on_frame(s, frame);
    }
    if (r.code != CS_E_SHORT) {
        drop(s);
    }
}

/* ---- commands of the test ---- */

static struct verdict decide(struct stage *s, uint64_t id, bool both)
{
    const struct verdict v = author_log_decide(s->log, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL);
    return v.allow && both ? author_log_decide(s->log, "bea", id, "production/business", DECISION_APPROVE, "go", NULL)
                           : v;
}

static struct verdict open_many(struct stage *s, uint64_t count)
{
    struct verdict v = VERDICT_ALLOW;
    for (uint64_t i = 0; i < count && v.allow; i++) {
        uint64_t id = 0;
        v = author_log_request(s->log, &(struct author_request){.title = "Release"}, &id);
    }
    return v;
}

static struct verdict on_word(struct stage *s, const char *word, uint64_t n, const char *rest)
{
    if (strcmp(word, "approve") == 0 || strcmp(word, "tech") == 0) {
        return decide(s, n, word[0] == 'a');
    }
    if (strcmp(word, "business") == 0) {
        return author_log_decide(s->log, "bea", n, "production/business", DECISION_APPROVE, "go", NULL);
    }
    if (strcmp(word, "reject") == 0) {
        return author_log_decide(s->log, "tom", n, "production/tech", DECISION_REJECT, rest, NULL);
    }
    if (strcmp(word, "expire") == 0) {
        return author_log_expire(s->log, n);
    }
    if (strcmp(word, "open") == 0) {
        return open_many(s, n);
    }
    if (strcmp(word, "advance") == 0) {
        author_log_advance(s->log, n);
    } else if (strcmp(word, "drop") == 0) {
        drop(s);
    } else if (strcmp(word, "mute") == 0 || strcmp(word, "unmute") == 0) {
        s->mute = word[0] == 'm';
    } else if (strcmp(word, "seal") == 0 || strcmp(word, "unseal") == 0) {
        s->sealed = word[0] == 's';
    }
    return VERDICT_ALLOW;
}

/* False at the end. */
static bool read_test(struct stage *s)
{
    char line[LINE_MAX_BYTES];
    if (fgets(line, sizeof(line), stdin) == NULL) {
        return false;
    }
    char word[16] = "";
    unsigned long long n = 0;
    char rest[256] = "";
    const int fields =
        sscanf(line, "%15s %llu %255[^\n]", word, &n, rest); /* NOLINT(cert-err34-c): a test's own line */
    if (fields < 1 || strcmp(word, "quit") == 0) {
        return false;
    }
    if (strcmp(word, "denied") == 0) {
        (void)printf("%llu\n", (unsigned long long)s->denied);
    } else {
        const struct verdict v = on_word(s, word, n, rest);
        (void)printf("%s %llu\n", policy_reason_code(v.reason), (unsigned long long)author_log_size(s->log) - 1);
    }
    (void)fflush(stdout);
    stream(s, true);
    return true;
}

static bool turn(struct stage *s, int listen_fd)
{
    struct pollfd fds[] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = s->conn.open ? -1 : listen_fd, .events = POLLIN},
        {.fd = s->conn.open ? s->conn.fd : -1, .events = POLLIN},
    };
    if (s->conn.open && ipc_wants_write(&s->conn)) {
        fds[2].events |= POLLOUT;
    }
    const int n = poll(fds, sizeof(fds) / sizeof(fds[0]), BEAT_MS);
    if (n < 0 && errno != EINTR) {
        return false;
    }
    if (fds[0].revents != 0 && !read_test(s)) {
        return false;
    }
    if (fds[1].revents != 0) {
        const struct ipc_limits limits = {.out_max_bytes = QUEUE_BYTES};
        (void)ipc_accept(listen_fd, &limits, &s->conn).code;
    }
    if (s->conn.open && (fds[2].revents & (POLLIN | POLLHUP)) != 0) {
        read_peer(s);
    }
    if (s->conn.open) {
        stream(s, n == 0);
        const struct cs_result r = ipc_flush(&s->conn);
        if (r.code != CS_OK && r.code != CS_E_SHORT) {
            drop(s);
        }
    }
    return true;
}

/* A second client, known by its certificate only, with scope read. */
static void enrol_mesh(struct stage *s)
{
    struct roster_change change = {.op = CHANGE_PUT_CLIENT, .id = SPAN_LIT("mesh")};
    struct roster_content c = {.changes = {.item = &change, .count = 1},
                               .initiator = SPAN_LIT("person:odette"),
                               .reason = SPAN_LIT("the mesh"),
                               .title = SPAN_LIT("A client")};
    uint64_t id = 0;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);

    change.client = (struct client){.id = change.id, .scopes = 1U << SCOPE_READ, .tls_count = 2};
    change.client.tls[0] = SPAN_LIT("cn:pipe");
    change.client.tls[1] = SPAN_LIT("spiffe://example/ci");
    must(model_roster_content_encode(&c, &w), "mesh");
    const bool good = author_log_propose(s->log, KIND_ROSTER, wr_span(&w), &id).allow &&
                      author_log_decide(s->log, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow &&
                      author_log_decide(s->log, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow &&
                      author_log_effect(s->log, ENTRY_ROSTER, id).allow;
    must(good ? CS_SUCCESS : CS_FAIL(CS_E_REFUSED, "mesh"), "mesh");
}

static void decided_by_officers(struct stage *s, struct roster_change *change)
{
    const struct roster_content c = {.changes = {.item = change, .count = 1},
                                     .initiator = SPAN_LIT("person:odette"),
                                     .reason = SPAN_LIT("cards"),
                                     .title = SPAN_LIT("Cards")};
    uint64_t id = 0;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);

    must(model_roster_content_encode(&c, &w), "cards");
    const bool good = author_log_propose(s->log, KIND_ROSTER, wr_span(&w), &id).allow &&
                      author_log_decide(s->log, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow &&
                      author_log_decide(s->log, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL).allow &&
                      author_log_effect(s->log, ENTRY_ROSTER, id).allow;
    must(good ? CS_SUCCESS : CS_FAIL(CS_E_REFUSED, "cards"), "cards");
}

/* Four people with cards of four kinds, who approve two releases with them. */
static void play_cards(struct stage *s)
{
    static const struct {
        const char *person;
        enum cardpki_kind kind;
        const char *seat;
    } rows[] = {{"tom", CARDPKI_P384, "production/tech"},
                {"bea", CARDPKI_RSA2048, "production/business"},
                {"tina", CARDPKI_P256, "production/tech"},
                {"bill", CARDPKI_RSA4096, "production/business"}};
    static struct roster_change change;
    uint64_t id = 0;

    author_log_issuer(s->log, &change);
    decided_by_officers(s, &change);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct author_card how = {.kind = rows[i].kind};
        must(author_log_card(s->log, rows[i].person, &how, &s->scratch, &change), "card");
        decided_by_officers(s, &change);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct author_request q = {.title = i == 0 ? "Release 1" : "Release 2"};
        bool good = i % 2 != 0 || author_log_request(s->log, &q, &id).allow;
        good = good && author_log_decide(s->log, rows[i].person, id, rows[i].seat, DECISION_APPROVE, NULL, NULL).allow;
        must(good ? CS_SUCCESS : CS_FAIL(CS_E_REFUSED, rows[i].person), "decision");
    }
}

int main(int argc, char **argv)
{
    struct stage s = {.next = 0};
    const bool cards = argc == 3 && strcmp(argv[1], "--cards") == 0;
    int listen_fd = -1;

    if (argc != 2 && !cards) {
        (void)fprintf(stderr, "usage: stage-core [--cards] SOCKET\n");
        return 2;
    }
    arena_init(&s.scratch, SCRATCH_BYTES);
    s.log = author_log_new(JUDGE_FOLD, CAP_BYTES);
    if (s.log == NULL) {
        return 1;
    }
    author_log_standard(s.log);
    enrol_mesh(&s);
    if (cards) {
        play_cards(&s);
    }
    must(ipc_listen(argv[argc - 1], 0666, &listen_fd), "listen");
    (void)printf("ready %llu\n", (unsigned long long)author_log_size(s.log) - 1);
    (void)fflush(stdout);
    while (turn(&s, listen_fd)) {
    }
    drop(&s);
    (void)close(listen_fd);
    author_log_free(s.log);
    arena_release(&s.scratch);
    return 0;
}
