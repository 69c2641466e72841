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
    if (!e->summary.dated || ms < e->summary.produced_ms) {
        e->summary.produced_ms = ms;
    }
    e->summary.dated = true;
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

    s->names_artifacts = true;
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
