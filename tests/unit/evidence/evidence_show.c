/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence_show.h"

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
                json_put_array(out, evidence_severity_name(severity));
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
            json_put_uint(out, evidence_number_name((enum evidence_number)i), s->number[i]);
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
            json_put_text(out, evidence_text_name((enum evidence_text)i), s->text[i]);
        }
    }
    if (open) {
        json_put_close(out);
    }
}

void evidence_show(const struct evidence_summary *s, struct json_out *out, const char *key)
{
    json_put_object(out, key);
    write_artifacts(s, out);
    write_findings(s, out);
    json_put_text(out, "format", evidence_format_name(s->format));
    write_numbers(s, out);
    if (s->dated) {
        json_put_time(out, "produced", s->produced_ms);
    }
    write_readings(s, out);
    write_rows(s, out);
    write_texts(s, out);
    json_put_uint(out, "total", s->total);
    json_put_close(out);
}
