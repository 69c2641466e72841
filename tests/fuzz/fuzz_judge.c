/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the next leaf of a standing log, in which much has happened under a generated policy: judged, never
 * applied halfway, never a crash. The body is taken from the input and given the place that the log expects, so that
 * the rules behind seq and head are reached. */
#include "support/any_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SEED = 77, ROUND = 4, STEPS = 60 };

static struct author_log *standing_log(void)
{
    static struct any_log *log;

    if (log == NULL) {
        log = any_log_new(SEED, ROUND, false);
        for (unsigned i = 0; i < STEPS && any_log_step(log); i++) {
        }
    }
    return log->log;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const actors[] = {"client:ci",      "person:tom",     "system:core",  "system:operator",
                                         "client:scanner", "client:monitor", "system:kiosk", "person:carol"};
    struct author_log *l = standing_log();
    struct judge *j = author_log_judge(l);

    (void)judge_would(j, span_make(data, size));
    if (size < 2) {
        return 0;
    }
    const enum entry_type type = (enum entry_type)(data[0] % ENTRY_TYPE_COUNT);
    AUTO_WRITER w = wr_heap((size_t)MODEL_LEAF_MAX * 2);
    if (json_check(span_make(data + 2, size - 2), "body").code == CS_OK &&
        author_log_build(l, type, actors[data[1] % 8U], span_make(data + 2, size - 2), &w).code == CS_OK) {
        const uint64_t before = j->state.size;
        (void)judge_would(j, wr_span(&w));
        if (j->state.size != before) {
            abort();
        }
    }
    return 0;
}
