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

/* FORMAT.good.WHY.json, FORMAT.bad.WHY.json; was it a good one? */
static bool one_sample(int dir, const char *name)
{
    static struct bed_answer a;
    struct evidence_options o = {.format = EVIDENCE_CANARY};
    const char *dot = strchr(name, '.');

    assert_non_null(dot);
    assert_int_equal(evidence_format_decode(span_make(name, (size_t)(dot - name)), &o.format).code, CS_OK);
    const bool good = strncmp(dot, ".good.", 6) == 0;
    bed_read(&o, read_sample(dir, name), SIZE_MAX, &a);
    if ((a.r.code == CS_OK) != good) {
        fail_msg("%s: %s %s", name, a.r.msg, cs_code_name(a.r.code));
    }
    return good;
}

static int is_sample(const struct dirent *d)
{
    return d->d_name[0] != '.' ? 1 : 0;
}

static void samples(void **state)
{
    struct dirent **list = NULL;
    const int dir = open(EVIDENCE_SAMPLES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int n = scandir(EVIDENCE_SAMPLES, &list, is_sample, alphasort);
    int good = 0;

    (void)state;
    assert_true(dir >= 0 && n >= 40);
    for (int i = 0; i < n; i++) {
        good += one_sample(dir, list[i]->d_name) ? 1 : 0;
        free(list[i]);
    }
    free(list);
    assert_int_equal(close(dir), 0);
    assert_int_equal(good, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
