/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a file about a deployment, for one line of its sheet. */
#include "cli_pipe.h"

#include "base/base_text.h"
#include "model/model_evidence.h"

enum { SEND_S = 180, BUSY_S = 120, HEADER_MAX = 2048 };

static const char usage[] =
    "usage: countersign evidence ID RULE/LINE FILE --format KIND --server URL --token-file FILE\n"
    "                            [options]\n" PIPE_SERVER_USAGE
    "  --format KIND      what the file is: canary, coverage (Cobertura), cyclonedx, junit,\n"
    "                     migration, plan (terraform show -json), provenance or sarif\n"
    "  --artifact NAME=FILE\n"
    "                     each of the request's artifacts, which the file is about; provenance\n"
    "                     names them itself\n"
    "  --json             the server's answer on stdout\n"
    "  --help\n";

/* "/evidence/RULE/LINE?format=KIND"; false when a part of it cannot stand there. */
static bool rest_of(const struct pipe_options *o, const char *line, char into[PIPE_PATH_MAX])
{
    enum report_kind kind = REPORT_NONE;
    if (o->format == NULL || report_kind_decode(span_str(o->format), &kind, "format").code != CS_OK ||
        text_id_check(span_str(line), MODEL_SEAT_MAX, "line").code != CS_OK) {
        return false;
    }
    const int n = snprintf(into, PIPE_PATH_MAX, "/evidence/%s?format=%s", line, o->format);
    return n > 0 && n < PIPE_PATH_MAX;
}

static int say(const struct pipe_options *o, const struct client_reply *reply)
{
    if (o->json) {
        pipe_print(reply);
    } else if (!o->quiet) {
        (void)puts("in the log");
    }
    return CLI_OK;
}

static int send_file(const struct pipe_options *o, const char *rest, const char *file)
{
    AUTO_WRITER body = wr_heap(REPORT_BLOB_MAX_BYTES);
    char header[HEADER_MAX];
    struct client_reply reply;
    int status = pipe_artifact_header(o, header, sizeof(header));

    if (status != CLI_OK) {
        return status;
    }
    if (cli_read(o->name, file, &body).code != CS_OK) {
        return CLI_FAILED;
    }
    if (body.len == 0) {
        return cli_fail(CLI_FAILED, o->name, "%s is empty", file);
    }
    const struct pipe_ask ask = {.method = "POST",
                                 .rest = rest,
                                 .body = wr_span(&body),
                                 .artifacts = header[0] != '\0' ? header : NULL,
                                 .timeout_s = SEND_S,
                                 .busy_s = BUSY_S};
    status = pipe_ask(o, &ask, &reply);
    if (status == CLI_OK) {
        status = say(o, &reply);
        wr_release(&reply.body);
    }
    return status;
}

int cli_evidence(int argc, char **argv)
{
    struct pipe_options o;
    char rest[PIPE_PATH_MAX];
    const int status = pipe_read(argc, argv, usage, &o);

    if (status >= 0) {
        return status;
    }
    if (o.file == NULL || !rest_of(&o, o.line, rest)) {
        (void)fputs(usage, stderr);
        return CLI_USAGE;
    }
    return send_file(&o, rest, o.file);
}
