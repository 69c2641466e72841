/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_in.h"

#define NAME(id, name) [id] = (name),
static const char *const format_names[] = {EVIDENCE_FORMATS(NAME)};
static const char *const number_names[] = {EVIDENCE_NUMBERS(NAME)};
static const char *const text_names[] = {EVIDENCE_TEXTS(NAME)};
static const char *const severity_names[] = {EVIDENCE_SEVERITIES(NAME)};
#undef NAME

const char *evidence_format_name(enum evidence_format format)
{
    return format < EVIDENCE_FORMAT_COUNT ? format_names[format] : "unknown";
}

const char *evidence_number_name(enum evidence_number number)
{
    return number < EVIDENCE_NUMBER_COUNT ? number_names[number] : "unknown";
}

const char *evidence_text_name(enum evidence_text text)
{
    return text < EVIDENCE_TEXT_COUNT ? text_names[text] : "unknown";
}

const char *evidence_severity_name(enum evidence_severity severity)
{
    return severity < EVIDENCE_SEVERITY_COUNT ? severity_names[severity] : "unknown";
}

CS_RESULT evidence_format_decode(struct span name, enum evidence_format *ret_format)
{
    for (size_t i = 0; i < EVIDENCE_FORMAT_COUNT; i++) {
        if (span_is(name, format_names[i])) {
            *ret_format = (enum evidence_format)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "evidence.format");
}

void evidence_set(struct evidence *e, enum evidence_number n, uint64_t value)
{
    e->summary.has |= (uint64_t)1 << n;
    e->summary.number[n] = value;
}

void evidence_count(struct evidence *e, enum evidence_number n)
{
    evidence_set(e, n, e->summary.number[n] + 1);
}

uint64_t evidence_ppm(uint64_t part, uint64_t whole)
{
    /* counts are of things of at least a byte each in a file of at most 2^32 bytes, so nothing overflows */
    return whole > 0 ? part * 1000000 / whole : 0;
}

static char clean_byte(uint8_t c)
{
    if (c == '\\') {
        return '/';
    }
    if (c == '"') {
        return '\'';
    }
    if (c < 0x20 || c > 0x7e) {
        return '?';
    }
    return (char)c;
}

void evidence_clean(struct span text, char *ret_clean, size_t cap)
{
    const size_t n = text.left < cap ? text.left : cap - 1;

    for (size_t i = 0; i < n; i++) {
        ret_clean[i] = clean_byte(text.p[i]);
    }
    if (text.left >= cap) {
        memcpy(ret_clean + n - 3, "...", 3);
    }
    ret_clean[n] = '\0';
}

void evidence_put_text(struct evidence *e, enum evidence_text t, struct span text)
{
    evidence_clean(text, e->summary.text[t], sizeof(e->summary.text[t]));
}

void evidence_produced(struct evidence *e, uint64_t ms)
{
    if (e->summary.produced_ms == 0 || ms < e->summary.produced_ms) {
        e->summary.produced_ms = ms;
    }
}

static bool wanted(const struct evidence *e, const struct sha256 *digest)
{
    bool found = e->options.artifacts.left == 0;

    for (size_t at = 0; !found && at < e->options.artifacts.left; at += SHA256_BYTES) {
        found = memcmp(e->options.artifacts.p + at, digest->b, SHA256_BYTES) == 0;
    }
    return found;
}

CS_RESULT evidence_artifact(struct evidence *e, const struct sha256 *digest)
{
    struct evidence_summary *s = &e->summary;
    size_t at = 0;

    if (!wanted(e, digest)) {
        return CS_SUCCESS;
    }
    while (at < s->artifact_count && memcmp(s->artifact[at].b, digest->b, SHA256_BYTES) < 0) {
        at++;
    }
    if (at < s->artifact_count && sha256_eq(&s->artifact[at], digest)) {
        return CS_SUCCESS;
    }
    if (s->artifact_count == EVIDENCE_ARTIFACTS_MAX) {
        return evidence_fail(e, CS_E_FULL, "evidence.artifacts", "Let the file name fewer artifacts.");
    }
    memmove(s->artifact + at + 1, s->artifact + at, (s->artifact_count - at) * sizeof(s->artifact[0]));
    s->artifact[at] = *digest;
    s->artifact_count++;
    return CS_SUCCESS;
}

static void write_artifacts(const struct evidence_summary *s, struct json_out *out)
{
    if (s->artifact_count == 0) {
        return;
    }
    json_put_array(out, "artifacts");
    for (size_t i = 0; i < s->artifact_count; i++) {
        json_put_hex(out, NULL, sha256_span(&s->artifact[i]));
    }
    json_put_close(out);
}

/* Those of one severity stand together, and in the order of their ids. */
static void write_ids(const struct evidence_summary *s, enum evidence_severity severity, struct json_out *out)
{
    bool open = false;

    for (size_t i = 0; i < s->id_count; i++) {
        if (s->finding[i].severity == severity) {
            if (!open) {
                json_put_array(out, severity_names[severity]);
                open = true;
            }
            json_put_hex(out, NULL, SPAN_OF(s->finding[i].id));
        }
    }
    if (open) {
        json_put_close(out);
    }
}

static void write_findings(const struct evidence_summary *s, struct json_out *out)
{
    /* members of an object are sorted by name, severities by weight */
    static const enum evidence_severity by_name[] = {EVIDENCE_IS_CRITICAL, EVIDENCE_FAILS,  EVIDENCE_IS_HIGH,
                                                     EVIDENCE_IS_INFO,     EVIDENCE_IS_LOW, EVIDENCE_IS_MEDIUM};
    _Static_assert(sizeof(by_name) / sizeof(by_name[0]) == EVIDENCE_SEVERITY_COUNT, "each once");

    if (s->id_count == 0) {
        return;
    }
    json_put_object(out, "findings");
    for (size_t i = 0; i < EVIDENCE_SEVERITY_COUNT; i++) {
        write_ids(s, by_name[i], out);
    }
    json_put_close(out);
}

static void write_numbers(const struct evidence_summary *s, struct json_out *out)
{
    json_put_object(out, "numbers");
    for (size_t i = 0; i < EVIDENCE_NUMBER_COUNT; i++) {
        if ((s->has >> i & 1U) != 0) {
            json_put_uint(out, number_names[i], s->number[i]);
        }
    }
    json_put_close(out);
}

static void write_readings(const struct evidence_summary *s, struct json_out *out)
{
    if (s->reading_count == 0) {
        return;
    }
    json_put_array(out, "readings");
    for (size_t i = 0; i < s->reading_count; i++) {
        const struct evidence_reading *r = &s->reading[i];
        json_put_object(out, NULL);
        json_put_time(out, "from", r->from_ms);
        json_put_uint(out, "gap_ms", r->gap_ms);
        json_put_int(out, "greatest", r->greatest_millionths);
        json_put_int(out, "least", r->least_millionths);
        json_put_text(out, "metric", r->metric);
        json_put_uint(out, "samples", r->samples);
        json_put_time(out, "to", r->to_ms);
        json_put_close(out);
    }
    json_put_close(out);
}

static void write_rows(const struct evidence_summary *s, struct json_out *out)
{
    if (s->row_count == 0) {
        return;
    }
    json_put_array(out, "rows");
    for (size_t i = 0; i < s->row_count; i++) {
        json_put_object(out, NULL);
        json_put_hex(out, "id", SPAN_OF(s->finding[i].id));
        json_put_text(out, "place", s->row[i].place);
        json_put_text(out, "rule", s->row[i].rule);
        json_put_close(out);
    }
    json_put_close(out);
}

static void write_texts(const struct evidence_summary *s, struct json_out *out)
{
    bool open = false;

    for (size_t i = 0; i < EVIDENCE_TEXT_COUNT; i++) {
        if (s->text[i][0] != '\0') {
            if (!open) {
                json_put_object(out, "texts");
                open = true;
            }
            json_put_text(out, text_names[i], s->text[i]);
        }
    }
    if (open) {
        json_put_close(out);
    }
}

void evidence_write(const struct evidence_summary *s, struct json_out *out, const char *key)
{
    json_put_object(out, key);
    write_artifacts(s, out);
    write_findings(s, out);
    json_put_text(out, "format", evidence_format_name(s->format));
    write_numbers(s, out);
    if (s->produced_ms > 0) {
        json_put_time(out, "produced", s->produced_ms);
    }
    write_readings(s, out);
    write_rows(s, out);
    write_texts(s, out);
    json_put_uint(out, "total", s->total);
    json_put_close(out);
}
