/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A real countersignd whose log has its genesis, and the people of tests/support/cast.h at its kiosk, who do what
 * stdin says, one a line; the answer's code comes on stdout, a line each:
 *
 *   approve ID PERSON SEAT [DELEGATION] | reject ID PERSON SEAT | abstain ID PERSON SEAT | policy FILE (a compiled
 * policy: bob and cyd sign it) | roster FILE (canonical content of such a request: they sign it, too) | thaw FREEZE
 * PERSON (asks for it and signs it) | sync SIZE (the kiosk has seen so many entries) | waive FILE PERSON (the canonical
 * content of a waiver, which this person signs)
 *
 * First it prints the directory of its sockets. For tests of the HTTP front and the command line that need signatures.
 */
#include "core_rig.h"

#include "model/model_freeze.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

enum { LINE_BYTES = 512, TURN_MS = 20, WORDS = 5 };

static uint64_t delegation; /* that the next statement names */

static void for_somebody(struct statement *st)
{
    st->has_delegation = true;
    st->delegation = delegation;
}

static const char *decide(struct rig *r, enum decision_word word, const char *const *words, uint64_t id)
{
    static struct rig_answer a;
    const struct cast_visit v = {.person = words[2],
                                 .request = id,
                                 .seat = words[3],
                                 .word = word,
                                 .reason = word == DECISION_REJECT ? "Not this one, please." : NULL,
                                 .bend = words[4][0] != '\0' ? for_somebody : NULL};

    delegation = strtoull(words[4], NULL, 10);
    rig_sync(r, RIG_KIOSK, id + 1);
    a = rig_visit(r, &v);
    return a.code;
}

static bool read_all(const char *path, struct writer *w)
{
    uint8_t buf[4096];
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, buf, sizeof(buf)) : -1;

    while (n > 0) {
        wr_bytes(w, span_make(buf, (size_t)n));
        n = read(fd, buf, sizeof(buf));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return n == 0 && w->len > 0;
}

/* bob and cyd sign it. */
static const char *by_officers(struct rig *r, enum request_kind kind, struct span content)
{
    static struct rig_answer a;
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = kind, .content = content}};

    a = rig_ask(r, RIG_OPERATOR, &c);
    if (a.has_index) {
        rig_sync(r, RIG_KIOSK, a.index + 1);
        rig_approve(r, "bob", a.index, "officers/officers");
        rig_approve(r, "cyd", a.index, "officers/officers");
        rig_sync(r, RIG_KIOSK, a.index + 4);
    }
    return a.code;
}

static const char *change(struct rig *r, const char *path)
{
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    return read_all(path, &content) ? by_officers(r, KIND_ROSTER, wr_span(&content)) : "unreadable";
}

static const char *thaw(struct rig *r, const char *const *words, uint64_t freeze)
{
    static struct rig_answer a;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);
    const struct thaw_content t = {
        .freeze = freeze, .initiator = span_str(words[2]), .reason = SPAN_LIT("It is over.")};

    if (model_thaw_content_encode(&t, &content).code != CS_OK) {
        return "unwritable";
    }
    const struct wire_command c = {.cmd = WIRE_PROPOSE,
                                   .kiosk = SPAN_LIT(CAST_KIOSK),
                                   .propose = {.kind = KIND_THAW, .content = wr_span(&content)}};
    rig_sync(r, RIG_KIOSK, freeze + 1);
    a = rig_ask(r, RIG_KIOSK, &c);
    if (!a.has_index) {
        return a.code;
    }
    const char *const signs[WORDS] = {"", "", words[2], "thaw/commander", ""};
    return decide(r, DECISION_APPROVE, signs, a.index);
}

static const char *adopt(struct rig *r, const char *path)
{
    AUTO_WRITER policy = wr_heap(CAST_TEXT_MAX);
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    if (!read_all(path, &policy)) {
        return "unreadable";
    }
    const struct policy_content p = {
        .initiator = SPAN_LIT("ada"), .policy = wr_span(&policy), .title = SPAN_LIT("Another policy")};
    if (model_policy_content_encode(&p, &content).code != CS_OK) {
        return "unwritable";
    }
    return by_officers(r, KIND_POLICY, wr_span(&content));
}

static const char *waive(struct rig *r, const char *path, const char *person)
{
    static struct rig_answer a;
    AUTO_WRITER content = wr_heap(CAST_TEXT_MAX);

    if (!read_all(path, &content)) {
        return "unreadable";
    }
    const struct wire_command c = {.cmd = WIRE_PROPOSE, .propose = {.kind = KIND_WAIVER, .content = wr_span(&content)}};
    a = rig_ask(r, RIG_KIOSK, &c);
    if (a.has_index) {
        const struct cast_visit v = {
            .person = person, .request = a.index, .seat = "waiver/owner", .word = DECISION_APPROVE};
        rig_sync(r, RIG_KIOSK, a.index + 1);
        a = rig_visit(r, &v);
    }
    return a.code;
}

static const char *obey(struct rig *r, char *line)
{
    const char *words[WORDS] = {"", "", "", "", ""};
    char *rest = line;
    char *word = NULL;
    size_t n = 0;

    while (n < WORDS && (word = strsep(&rest, " \n")) != NULL) {
        words[n++] = word;
    }
    if (strcmp(words[0], "policy") == 0) {
        return adopt(r, words[1]);
    }
    if (strcmp(words[0], "waive") == 0) {
        return waive(r, words[1], words[2]);
    }
    if (strcmp(words[0], "roster") == 0) {
        return change(r, words[1]);
    }
    const uint64_t id = strtoull(words[1], NULL, 10);
    if (strcmp(words[0], "thaw") == 0) {
        return thaw(r, words, id);
    }
    if (strcmp(words[0], "sync") == 0) {
        rig_sync(r, RIG_KIOSK, id);
        return "ok";
    }
    if (strcmp(words[0], "approve") == 0) {
        return decide(r, DECISION_APPROVE, words, id);
    }
    if (strcmp(words[0], "abstain") == 0) {
        return decide(r, DECISION_ABSTAIN, words, id);
    }
    return strcmp(words[0], "reject") == 0 ? decide(r, DECISION_REJECT, words, id) : "unknown_word";
}

int main(void)
{
    static struct rig r;
    char line[LINE_BYTES];
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    (void)setvbuf(stdin, NULL, _IONBF, 0); /* what poll does not see nobody reads */
    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    (void)printf("%s\n", r.run);
    (void)fflush(stdout);
    while (true) {
        rig_pump(&r, TURN_MS);
        if (poll(&in, 1, 0) <= 0) {
            continue;
        }
        if (fgets(line, sizeof(line), stdin) == NULL) {
            break;
        }
        (void)printf("%s\n", obey(&r, line));
        (void)fflush(stdout);
    }
    (void)rig_end(&r, SIGTERM);
    rig_release(&r);
    return 0;
}
