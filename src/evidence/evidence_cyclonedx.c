/* SPDX-License-Identifier: Apache-2.0 */
/* Vulnerabilities of a CycloneDX document. docs/formats/evidence-files.md. */
#include "evidence/evidence_walk.h"

#include "base/base_text.h"

enum place {
    TOP = WALK_START + 1,
    FORMAT,
    METADATA,
    TIMESTAMP,
    COMPONENT,
    VERSION,
    HASHES,
    HASH,
    HASH_ALG,
    HASH_CONTENT,
    LIST,
    VULNERABILITY,
    ID,
    RATINGS,
    RATING,
    SEVERITY,
    SCORE,
    ANALYSIS,
    STATE,
    AFFECTS,
    AFFECTED,
    REF
};

static const struct walk_row rows[] = {
    {WALK_START, TOP, WALK_OBJECT, NULL},
    {TOP, FORMAT, WALK_STRING, "bomFormat"},
    {TOP, METADATA, WALK_OBJECT, "metadata"},
    {TOP, LIST, WALK_ARRAY, "vulnerabilities"},
    {METADATA, TIMESTAMP, WALK_STRING, "timestamp"},
    {METADATA, COMPONENT, WALK_OBJECT, "component"},
    {COMPONENT, VERSION, WALK_STRING, "version"},
    {COMPONENT, HASHES, WALK_ARRAY, "hashes"},
    {HASHES, HASH, WALK_OBJECT, NULL},
    {HASH, HASH_ALG, WALK_STRING, "alg"},
    {HASH, HASH_CONTENT, WALK_STRING, "content"},
    {LIST, VULNERABILITY, WALK_OBJECT, NULL},
    {VULNERABILITY, ID, WALK_STRING, "id"},
    {VULNERABILITY, RATINGS, WALK_ARRAY, "ratings"},
    {VULNERABILITY, ANALYSIS, WALK_OBJECT, "analysis"},
    {VULNERABILITY, AFFECTS, WALK_ARRAY, "affects"},
    {RATINGS, RATING, WALK_OBJECT, NULL},
    {RATING, SEVERITY, WALK_STRING, "severity"},
    {RATING, SCORE, WALK_NUMBER, "score"},
    {ANALYSIS, STATE, WALK_STRING, "state"},
    {AFFECTS, AFFECTED, WALK_OBJECT, NULL},
    {AFFECTED, REF, WALK_STRING, "ref"},
};

enum { REFS_BYTES_MAX = 1 << 20, ID_BYTES_MAX = 200 };

struct cyclonedx {
    struct walk walk; /* first */
    bool sha256;      /* of the hash that is open: its alg, and its content in our spelling */
    bool content;
    uint8_t hex[2 * SHA256_BYTES];
    uint8_t id[ID_BYTES_MAX]; /* of the vulnerability that is open, as all below */
    size_t id_len;
    bool suppressed;
    bool rated;
    enum evidence_severity worst;
    bool worded; /* of the rating that is open, as both below */
    bool scored;
    enum evidence_severity word;
    enum evidence_severity score;
    struct writer refs; /* each with a NUL behind it */
    size_t ref_count;
};

static struct cyclonedx *cyclonedx_of(struct evidence *e)
{
    return (struct cyclonedx *)(void *)e->own;
}

static CS_RESULT severity_of(struct evidence *e, struct span word)
{
    static const struct {
        const char *word;
        enum evidence_severity severity;
    } words[] = {{"critical", EVIDENCE_IS_CRITICAL}, {"high", EVIDENCE_IS_HIGH}, {"medium", EVIDENCE_IS_MEDIUM},
                 {"low", EVIDENCE_IS_LOW},           {"info", EVIDENCE_IS_INFO}, {"none", EVIDENCE_IS_INFO}};
    struct cyclonedx *c = cyclonedx_of(e);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(word, words[i].word)) {
            c->worded = true;
            c->word = words[i].severity;
            return CS_SUCCESS;
        }
    }
    return span_is(word, "unknown") ? CS_SUCCESS : evidence_fail(e, CS_E_UNKNOWN, "cyclonedx.severity", NULL);
}

static CS_RESULT score_of(struct evidence *e, struct span text)
{
    struct cyclonedx *c = cyclonedx_of(e);
    int64_t v = 0;

    if (evidence_millionths(text, EVIDENCE_UP, &v, "cyclonedx.score").code != CS_OK || v < 0) {
        return evidence_fail(e, CS_E_RANGE, "cyclonedx.score", NULL);
    }
    c->scored = true;
    c->score = evidence_of_score(v);
    return CS_SUCCESS;
}

static bool is_waved_through(struct span state)
{
    return span_is(state, "resolved") || span_is(state, "resolved_with_pedigree") || span_is(state, "false_positive") ||
           span_is(state, "not_affected");
}

static CS_RESULT ref_of(struct evidence *e, const struct json_token *t)
{
    struct cyclonedx *c = cyclonedx_of(e);

    if (c->refs.len + t->text.left + 1 > REFS_BYTES_MAX) {
        return evidence_fail(e, CS_E_FULL, "cyclonedx.affects", "One vulnerability names too many components.");
    }
    wr_bytes(&c->refs, t->text);
    wr_u8(&c->refs, 0);
    c->ref_count++;
    return wr_end(&c->refs, "cyclonedx.affects").code == CS_OK
               ? CS_SUCCESS
               : evidence_fail(e, CS_E_NOMEM, "cyclonedx.affects", NULL);
}

static CS_RESULT id_of(struct evidence *e, const struct json_token *t)
{
    struct cyclonedx *c = cyclonedx_of(e);

    if (t->text.left == 0 || t->text.left > ID_BYTES_MAX) {
        return evidence_fail(e, CS_E_RANGE, "cyclonedx.id", "A vulnerability's id has 1 to 200 bytes.");
    }
    memcpy(c->id, t->text.p, t->text.left);
    c->id_len = t->text.left;
    return CS_SUCCESS;
}

/* Kept if it has the length of a SHA-256; whether it is one shows at the end of its object. */
static void content_of(struct cyclonedx *c, struct span text)
{
    c->content = text.left == sizeof(c->hex);
    for (size_t i = 0; c->content && i < sizeof(c->hex); i++) {
        c->hex[i] = text.p[i] >= 'A' && text.p[i] <= 'F' ? text.p[i] | 0x20U : text.p[i];
    }
}

static CS_RESULT artifact_of(struct evidence *e, struct span hex)
{
    struct sha256 d;

    if (text_hex_decode(hex, d.b, SHA256_BYTES, "cyclonedx.hashes").code != CS_OK) {
        return evidence_fail(e, CS_E_SYNTAX, "cyclonedx.hashes", "A SHA-256 has 64 hexadecimal digits.");
    }
    return evidence_artifact(e, &d);
}

static CS_RESULT metadata_value(struct evidence *e, unsigned place, const struct json_token *t)
{
    struct cyclonedx *c = cyclonedx_of(e);
    uint64_t ms = 0;

    switch (place) {
    case FORMAT:
        return span_is(t->text, "CycloneDX") ? CS_SUCCESS
                                             : evidence_fail(e, CS_E_UNKNOWN, "cyclonedx.bom_format", NULL);
    case TIMESTAMP:
        if (evidence_time(t->text, &ms, "cyclonedx.timestamp").code != CS_OK) {
            return evidence_fail(e, CS_E_SYNTAX, "cyclonedx.timestamp", NULL);
        }
        evidence_produced(e, ms);
        return CS_SUCCESS;
    case VERSION: /* of an image: sha256:HEX */
        return span_starts(t->text, SPAN_LIT("sha256:")) ? artifact_of(e, span_from(t->text, 7)) : CS_SUCCESS;
    case HASH_ALG:
        c->sha256 = span_is(t->text, "SHA-256");
        return CS_SUCCESS;
    default:
        content_of(c, t->text);
        return CS_SUCCESS;
    }
}

static struct cs_result value(struct evidence *e, unsigned place, const struct json_token *t)
{
    switch (place) {
    case ID:
        return id_of(e, t);
    case SEVERITY:
        return severity_of(e, t->text);
    case SCORE:
        return score_of(e, t->text);
    case STATE:
        cyclonedx_of(e)->suppressed = is_waved_through(t->text);
        return CS_SUCCESS;
    case REF:
        return ref_of(e, t);
    default:
        return metadata_value(e, place, t);
    }
}

static struct cs_result open(struct evidence *e, unsigned place)
{
    struct cyclonedx *c = cyclonedx_of(e);

    if (place == VULNERABILITY) {
        c->id_len = 0;
        c->suppressed = false;
        c->rated = false;
        c->worst = EVIDENCE_IS_INFO;
        c->refs.len = 0;
        c->ref_count = 0;
    } else if (place == RATING) {
        c->worded = false;
        c->scored = false;
    } else if (place == HASH) {
        c->sha256 = false;
        c->content = false;
    }
    return CS_SUCCESS;
}

static void close_rating(struct cyclonedx *c)
{
    /* of word and score the worse; a score of nothing, beside no word, is how some say that they do not know */
    enum evidence_severity s = c->worded ? c->word : EVIDENCE_IS_INFO;
    s = c->scored && c->score < s ? c->score : s;

    if (c->worded || (c->scored && c->score < EVIDENCE_IS_INFO)) {
        c->worst = s < c->worst ? s : c->worst;
        c->rated = true;
    }
}

static CS_RESULT add(struct evidence *e, struct span ref)
{
    const struct cyclonedx *c = cyclonedx_of(e);
    const struct span parts[2] = {span_make(c->id, c->id_len), ref};
    uint8_t id[EVIDENCE_ID_BYTES];
    struct evidence_pending *f = NULL;

    evidence_id(e, parts, 2, id);
    TRY(evidence_found(e, id, parts[0], ref, &f));
    f->severity = (uint8_t)(c->rated ? c->worst : EVIDENCE_IS_HIGH);
    if (!c->rated) {
        evidence_count(e, EVIDENCE_UNRATED);
    }
    if (c->suppressed) {
        evidence_count(e, EVIDENCE_SUPPRESSED);
    }
    return CS_SUCCESS;
}

static CS_RESULT close_vulnerability(struct evidence *e)
{
    const struct cyclonedx *c = cyclonedx_of(e);
    struct reader r = rd_make(wr_span(&c->refs));

    if (c->id_len == 0) {
        return evidence_fail(e, CS_E_MISSING, "cyclonedx.id", "Each vulnerability has an id.");
    }
    if (c->ref_count == 0) {
        return add(e, SPAN_NONE);
    }
    for (size_t i = 0; i < c->ref_count; i++) {
        struct span ref = SPAN_NONE;
        TRY(rd_until(&r, 0, &ref, "cyclonedx.affects"));
        TRY(add(e, ref));
    }
    return CS_SUCCESS;
}

static struct cs_result close(struct evidence *e, unsigned place)
{
    struct cyclonedx *c = cyclonedx_of(e);

    switch (place) {
    case HASH:
        if (!c->sha256) {
            return CS_SUCCESS;
        }
        return artifact_of(e, span_make(c->hex, c->content ? sizeof(c->hex) : 0));
    case RATING:
        close_rating(c);
        return CS_SUCCESS;
    case VULNERABILITY:
        return close_vulnerability(e);
    default:
        return CS_SUCCESS;
    }
}

static const struct walk_plan plan = {.rows = rows,
                                      .row_count = sizeof(rows) / sizeof(rows[0]),
                                      .strict = false,
                                      .what = "cyclonedx",
                                      .value = value,
                                      .open = open,
                                      .close = close};

static struct cs_result begin(struct evidence *e)
{
    static const enum evidence_number all[] = {EVIDENCE_CRITICAL, EVIDENCE_HIGH,    EVIDENCE_MEDIUM,    EVIDENCE_LOW,
                                               EVIDENCE_INFO,     EVIDENCE_UNRATED, EVIDENCE_SUPPRESSED};

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        evidence_set(e, all[i], 0);
    }
    cyclonedx_of(e)->refs = wr_heap(REFS_BYTES_MAX);
    walk_begin(e, &cyclonedx_of(e)->walk, &plan);
    return CS_SUCCESS;
}

static struct cs_result end(struct evidence *e)
{
    struct walk *w = &cyclonedx_of(e)->walk;

    TRY(walk_end(e, w));
    if (!walk_reached(w, FORMAT) || !walk_reached(w, LIST)) {
        return evidence_fail(e, CS_E_MISSING, "cyclonedx.vulnerabilities",
                             "Send the document that lists vulnerabilities, even if there are none.");
    }
    return CS_SUCCESS;
}

static void release(struct evidence *e)
{
    wr_release(&cyclonedx_of(e)->refs);
}

const struct evidence_reader evidence_cyclonedx = {.own_bytes = sizeof(struct cyclonedx),
                                                   .begin = begin,
                                                   .feed = walk_feed_own,
                                                   .end = end,
                                                   .release = release,
                                                   .line = walk_line_own};
