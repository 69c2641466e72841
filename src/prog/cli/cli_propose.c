/* SPDX-License-Identifier: Apache-2.0 */
/* `countersign propose policy FILE`, `roster FILE`, `duty FILE`, `delegation FILE`, `access FILE` and `crl ISSUER
 * FILE`: a request that the officers, or the delegator, sign at the kiosk. */
#include <getopt.h>
#include <inttypes.h>

#include "cli_policy.h"
#include "cli_propose.h"
#include "crypt/crypt_card.h"
#include "file/file_show.h"
#include "ipc/ipc_socket.h"
#include "screen/screen_pages.h"
#include "screen/screen_read.h"
#include "wire/wire_answer.h"

enum { WAIT_MS = 15000, PATH_MAX_BYTES = 512, COMMAND_ID = 1, CRL_FILE_MAX = 1 << 20 };

static const char *const name = "propose";

struct wanted {
    const char *run;
    const char *title;
    const char *reason;
    const char *as; /* who asks: cannot sign it */
    enum request_kind kind;
    const char *issuer; /* of a list of revoked cards; else NULL */
    bool duty;          /* the file is a duty plan */
    const char *file;
};

static int usage(FILE *to, int status)
{
    (void)fputs("usage: countersign propose policy FILE --as ACCOUNT --reason TEXT [--title TEXT] [--run DIR]\n"
                "       countersign propose roster FILE --as ACCOUNT --reason TEXT [--title TEXT] [--run DIR]\n"
                "       countersign propose duty FILE --as ACCOUNT --reason TEXT [--title TEXT] [--run DIR]\n"
                "       countersign propose delegation FILE --as PERSON --reason TEXT [--run DIR]\n"
                "       countersign propose access FILE --as ACCOUNT --reason TEXT [--run DIR]\n"
                "       countersign propose crl ISSUER FILE --as ACCOUNT --reason TEXT [--title TEXT] [--run DIR]\n"
                "  policy FILE     the policy document that is to be in force (docs/policy.md), YAML or compiled\n"
                "  roster FILE     a JSON array of changes to people, keys, clients and key models\n"
                "  duty FILE       a duty plan in YAML (docs/policy.md): who is on duty when, as one roster\n"
                "  delegation FILE who may sign for this person, in YAML (docs/policy.md), or that this ends\n"
                "  access FILE     people and the roles that they keep, in YAML: an access review\n"
                "  crl ISSUER FILE a list of cards that this issuer, of the roster, revoked, PEM or DER\n"
                "  --as ACCOUNT    who asks for it, of the roster; that person cannot sign it\n"
                "  --reason TEXT   why; the officers read it\n"
                "  --title TEXT    one line\n"
                "  --run DIR       where the core's operator.sock is (/run/countersign)\n",
                to);
    return status;
}

/* --- the content --- */

static CS_RESULT policy_content(const struct wanted *o, struct span text, struct writer *w)
{
    const struct policy_content c = {.initiator = span_str(o->as),
                                     .policy = text,
                                     .reason = span_str(o->reason),
                                     .title = span_str(o->title != NULL ? o->title : "Change the policy")};

    return model_policy_content_encode(&c, w);
}

/* One change, of that list. */
static CS_RESULT crl_content(const struct wanted *o, struct span crl, struct writer *w)
{
    struct roster_change put = {.op = CHANGE_PUT_CRL, .id = span_str(o->issuer), .crl = crl};
    const struct roster_content c = {.initiator = span_str(o->as),
                                     .reason = span_str(o->reason),
                                     .title = span_str(o->title != NULL ? o->title : "Cards that their issuer revoked"),
                                     .changes = {.item = &put, .count = 1}};

    return model_roster_content_encode(&c, w);
}

/* What nobody can read to its end at a kiosk, nobody can sign there: it is not even asked for. */
static int readable(const struct wanted *o, struct cs_result laid_out, bool fits)
{
    if (laid_out.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: cannot be laid out, %s", o->file, cs_code_text(laid_out.code));
    }
    return fits ? CLI_OK
                : cli_fail(CLI_FAILED, name,
                           "%s: longer than the %d pages that can be read and signed at a kiosk. Ask for less at a "
                           "time: fewer days, fewer people",
                           o->file, (int)PAGES_MAX);
}

/* One change: the roster that the plan makes. */
static int duty_content(const struct wanted *o, struct arena *arena, struct writer *w)
{
    struct roster_change *put = arena_alloc(arena, sizeof(*put));
    struct duty_roster *duty = arena_alloc(arena, sizeof(*duty));

    if (put == NULL || duty == NULL) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    put->op = CHANGE_PUT_DUTY;
    const int status = propose_read_duty(name, o->file, arena, duty);
    if (status != CLI_OK) {
        return status;
    }
    put->duty = duty;
    put->id = duty->id;
    const struct roster_content c = {.initiator = span_str(o->as),
                                     .reason = span_str(o->reason),
                                     .title = span_str(o->title != NULL ? o->title : "Who is on duty"),
                                     .changes = {.item = put, .count = 1}};
    const struct cs_result r = model_roster_content_encode(&c, w);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", o->file, r.msg, cs_code_text(r.code));
    }
    bool fits = false;
    const struct cs_result laid_out = screen_roster_fits(&c, NULL, NULL, 0, arena, &fits);
    return readable(o, laid_out, fits);
}

static int delegate_content(const struct wanted *o, struct arena *arena, struct writer *w)
{
    struct delegate_content c = {.initiator = span_str(o->as), .reason = span_str(o->reason)};

    const int status = propose_read_delegation(name, o->file, arena, &c);
    if (status != CLI_OK) {
        return status;
    }
    const struct cs_result r = model_delegate_content_encode(&c, w);
    return r.code == CS_OK ? CLI_OK : cli_fail(CLI_FAILED, name, "%s: %s %s", o->file, r.msg, cs_code_text(r.code));
}

/* The changes stand in an object of their own only for the reader. */
static CS_RESULT roster_content(const struct wanted *o, struct span text, struct arena *arena, struct writer *w)
{
    struct roster_content c = {.initiator = span_str(o->as),
                               .reason = span_str(o->reason),
                               .title = span_str(o->title != NULL ? o->title : "Change people and keys")};
    AUTO_WRITER wrapped = wr_heap(2 * (size_t)WIRE_CONTENT_MAX);

    wr_text(&wrapped, "{\"changes\":");
    wr_bytes(&wrapped, text);
    wr_text(&wrapped, "}");
    TRY(wr_end(&wrapped, "changes"));
    struct json_in in = json_in_make(wr_span(&wrapped), arena);
    TRY(json_open(&in, "roster"));
    TRY(model_changes_get(&in, "roster.changes", &c.changes));
    TRY(json_close(&in, "roster"));
    TRY(json_end(&in, "roster"));
    return model_roster_content_encode(&c, w);
}

/* --- the conversation --- */

static CS_RESULT ask(const char *path, const struct wire_command *cmd, struct ipc_conn *c, struct span *ret_frame)
{
    const struct ipc_limits limits = {0};
    AUTO_WRITER w = wr_heap(IPC_FRAME_MAX_BYTES);

    TRY(wire_command_encode(cmd, &w));
    TRY(ipc_connect(path, &limits, c));
    return ipc_call(c, wr_span(&w), WAIT_MS, ret_frame);
}

static int told(const struct wire_answer *a)
{
    if (span_is(a->code, "ok") || span_is(a->code, "same_request")) {
        (void)printf("%" PRIu64 "\n", a->index);
        return CLI_OK;
    }
    (void)fprintf(stderr, "countersign %s: refused, ", name);
    file_show(stderr, a->code);
    (void)fputs(": ", stderr);
    file_show(stderr, a->detail);
    (void)fputc('\n', stderr);
    return CLI_FAILED;
}

static int send(const struct wanted *o, struct span content, struct arena *arena)
{
    char path[PATH_MAX_BYTES];
    AUTO_IPC_CONN c = {0};
    const struct wire_command cmd = {
        .cmd = WIRE_PROPOSE, .id = COMMAND_ID, .propose = {.kind = o->kind, .content = content}};
    struct span frame = SPAN_NONE;
    struct wire_answer *a = arena_alloc(arena, sizeof(*a));

    (void)snprintf(path, sizeof(path), "%s/operator.sock", o->run);
    struct cs_result r = ask(path, &cmd, &c, &frame);
    if (r.code == CS_OK && a != NULL) {
        r = wire_answer_decode(frame, arena, a);
    }
    if (r.code != CS_OK || a == NULL) {
        return cli_fail(CLI_REACH, name, "the core at %s does not answer: it %s", path, cs_code_text(r.code));
    }
    return told(a);
}

/* The list, in DER; its form is looked at here, so that what is wrong is said where the file is. CLI_OK or said. */
static int read_crl(const struct wanted *o, struct arena *arena, struct span *ret_crl)
{
    AUTO_WRITER file = wr_heap(CRL_FILE_MAX);
    struct crypt_crl_facts *facts = arena_alloc(arena, sizeof(*facts));

    if (facts == NULL) {
        return cli_fail(CLI_FAILED, name, "not enough memory");
    }
    if (cli_read(name, o->file, &file).code != CS_OK) {
        return CLI_FAILED;
    }
    if (cli_der("X509 CRL", wr_span(&file), arena, ret_crl).code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s holds no list of revoked certificates, in PEM or DER", o->file);
    }
    if (ret_crl->left > MODEL_CRL_MAX) {
        return cli_fail(CLI_FAILED, name, "%s: the list is longer than %d bytes", o->file, (int)MODEL_CRL_MAX);
    }
    const enum crypt_card said = crypt_crl_read(*ret_crl, facts);
    return said == CRYPT_CARD_HOLDS ? CLI_OK : cli_fail(CLI_FAILED, name, "%s: %s", o->file, crypt_card_text(said));
}

/* The canonical text of what is proposed; a policy also in YAML. CLI_OK or said. */
static int read_file(const struct wanted *o, struct arena *arena, struct span *ret_text)
{
    struct policy_file p = {.text = SPAN_NONE};

    if (o->issuer != NULL) {
        return read_crl(o, arena, ret_text);
    }
    if (o->kind != KIND_POLICY) {
        return cli_read_json(name, o->file, arena, ret_text).code == CS_OK ? CLI_OK : CLI_FAILED;
    }
    const int status = policy_read(name, o->file, NULL, arena, &p);
    *ret_text = p.text;
    return status;
}

static int access_content(const struct wanted *o, struct arena *arena, struct writer *w)
{
    struct access_review_content c = {.initiator = span_str(o->as), .reason = span_str(o->reason)};

    const int status = propose_read_access(name, o->file, arena, &c);
    if (status != CLI_OK) {
        return status;
    }
    const struct cs_result r = model_access_review_content_encode(&c, w);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", o->file, r.msg, cs_code_text(r.code));
    }
    bool fits = false;
    const struct cs_result laid_out = screen_access_review_fits(&c, NULL, arena, &fits);
    return readable(o, laid_out, fits);
}

/* Plans and delegations make their content by themselves; CLI_OK with *ret_made false: something else does. */
static int read_plan(const struct wanted *o, struct arena *arena, struct writer *w, bool *ret_made)
{
    *ret_made = o->duty || o->kind == KIND_DELEGATE || o->kind == KIND_ACCESS_REVIEW;
    if (o->duty) {
        return duty_content(o, arena, w);
    }
    if (o->kind == KIND_ACCESS_REVIEW) {
        return access_content(o, arena, w);
    }
    return o->kind == KIND_DELEGATE ? delegate_content(o, arena, w) : CLI_OK;
}

static CS_RESULT make_content(const struct wanted *o, struct span text, struct arena *arena, struct writer *w)
{
    if (o->kind == KIND_POLICY) {
        return policy_content(o, text, w);
    }
    return o->issuer != NULL ? crl_content(o, text, w) : roster_content(o, text, arena, w);
}

static int propose(const struct wanted *o, struct arena *arena)
{
    AUTO_WRITER content = wr_heap(WIRE_CONTENT_MAX);
    struct span text = SPAN_NONE;

    bool made = false;

    int status = read_plan(o, arena, &content, &made);
    status = status == CLI_OK && !made ? read_file(o, arena, &text) : status;
    if (status != CLI_OK) {
        return status;
    }
    const struct cs_result r = made ? CS_SUCCESS : make_content(o, text, arena, &content);
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, name, "%s: %s %s", o->file, r.msg, cs_code_text(r.code));
    }
    return send(o, wr_span(&content), arena);
}

static bool take_option(int id, const char *value, struct wanted *o)
{
    switch (id) {
    case 'r':
        o->run = value;
        return true;
    case 't':
        o->title = value;
        return true;
    case 'w':
        o->reason = value;
        return true;
    case 'a':
        o->as = value;
        return true;
    default:
        return false;
    }
}

/* policy FILE, roster FILE, duty FILE, delegation FILE, crl ISSUER FILE */
static bool take_words(int count, char **words, struct wanted *o)
{
    if (count == 3 && strcmp(words[0], "crl") == 0) {
        o->kind = KIND_ROSTER;
        o->issuer = words[1];
        o->file = words[2];
        return true;
    }
    const bool two = count == 2;
    o->duty = two && strcmp(words[0], "duty") == 0;
    const bool access = two && strcmp(words[0], "access") == 0;
    if (o->duty || access || (two && strcmp(words[0], "delegation") == 0)) {
        const enum request_kind own = access ? KIND_ACCESS_REVIEW : KIND_DELEGATE;
        o->kind = o->duty ? KIND_ROSTER : own;
        o->file = words[1];
        return true;
    }
    if (!two || request_kind_decode(span_str(words[0]), &o->kind, "kind").code != CS_OK) {
        return false;
    }
    o->file = words[1];
    return o->kind == KIND_POLICY || o->kind == KIND_ROSTER;
}

int cli_propose(int argc, char **argv)
{
    static const struct option known[] = {
        {"run", required_argument, NULL, 'r'},    {"title", required_argument, NULL, 't'},
        {"reason", required_argument, NULL, 'w'}, {"as", required_argument, NULL, 'a'},
        {"help", no_argument, NULL, 'h'},         {NULL, 0, NULL, 0}};
    struct wanted o = {.run = "/run/countersign"};
    struct arena arena;
    int id = 0;

    while ((id = getopt_long(argc, argv, "", known, NULL)) != -1) { /* NOLINT(concurrency-mt-unsafe): one thread */
        if (id == 'h') {
            return usage(stdout, CLI_OK);
        }
        if (!take_option(id, optarg, &o)) {
            return usage(stderr, CLI_USAGE);
        }
    }
    if (o.reason == NULL || o.as == NULL || !take_words(argc - optind, argv + optind, &o)) {
        return usage(stderr, CLI_USAGE);
    }
    arena_init(&arena, POLICY_ARENA_BYTES);
    const int status = propose(&o, &arena);
    arena_release(&arena);
    return status;
}
