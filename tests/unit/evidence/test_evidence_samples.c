/* SPDX-License-Identifier: Apache-2.0 */
/* the samples of our own formats; test_evidence_schemas.py holds the published schemas against the same
 * files, so that schema and reader cannot part. */
#include "evidence_bed.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static char text[65536];

static struct span read_sample(int dir, const char *name)
{
    const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof(text)) : -1;

    assert_true(n > 0);
    assert_int_equal(close(fd), 0);
    return span_make(text, (size_t)n);
}

/* FORMAT.good.WHY.json, FORMAT.bad.WHY.json */
static void samples(void **state)
{
    static struct bed_answer a;
    unsigned good = 0;
    unsigned bad = 0;
    DIR *dir = opendir(EVIDENCE_SAMPLES);

    (void)state;
    assert_non_null(dir);
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        struct evidence_options o = {.format = EVIDENCE_CANARY};
        const char *dot = strchr(d->d_name, '.');
        if (d->d_name[0] == '.' || dot == NULL) {
            continue;
        }
        assert_int_equal(evidence_format_decode(span_make(d->d_name, (size_t)(dot - d->d_name)), &o.format).code,
                         CS_OK);
        const bool fine = strncmp(dot, ".good.", 6) == 0;
        bed_read(&o, read_sample(dirfd(dir), d->d_name), SIZE_MAX, &a);
        if ((a.r.code == CS_OK) != fine) {
            fail_msg("%s: %s %s", d->d_name, a.r.msg, cs_code_name(a.r.code));
        }
        good += fine ? 1U : 0U;
        bad += fine ? 0U : 1U;
    }
    assert_int_equal(closedir(dir), 0);
    assert_true(good >= 4 && bad >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
