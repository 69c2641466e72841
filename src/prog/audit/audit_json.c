/* SPDX-License-Identifier: Apache-2.0 */
/* json: is this the one spelling? docs/formats/json.md. */
#include "audit_spot.h"

#include "json/json_in.h"

static enum audit_exit run(const struct audit_args *args)
{
    AUTO_WRITER file = wr_heap(AUDIT_FILE_MAX);

    AUDIT_TRY(audit_load(args->word[0], &file));
    const struct cs_result r = json_check(wr_span(&file), "json");
    if (r.code != CS_OK) {
        return AUDIT_REFUSE("json %s, at byte %u", cs_code_text(r.code), r.at);
    }
    return AUDIT_OK("canonical JSON of %zu bytes", wr_span(&file).left);
}

static const char *const options[] = {NULL};
const struct audit_command audit_json = {
    .name = "json", .synopsis = "FILE", .options = options, .words_min = 1, .words_max = 1, .run = run};
