/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A deploy agent's last question: was exactly this artifact approved for this service and environment, and the approval
 * used? A receipt from before it was used could not show that the request was withdrawn, or ran out, since.
 *
 *     cc verify_receipt.c -lcountersign -o verify_receipt
 *     ./verify_receipt RECEIPT TRUST SHA256 ENVIRONMENT SERVICE
 */
#include <stdio.h>
#include <stdlib.h>

#include <countersign/countersign.h>

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

struct bytes {
    unsigned char *p;
    size_t n;
};

static int read_file(const char *path, struct bytes *ret_bytes)
{
    unsigned char *p = malloc(FILE_BYTES_MAX);
    FILE *f = fopen(path, "rbe");
    const int opened = p != NULL && f != NULL;
    const size_t n = opened ? fread(p, 1, FILE_BYTES_MAX, f) : 0;
    const int whole = opened && feof(f) && !ferror(f);

    if (f != NULL) {
        (void)fclose(f);
    }
    if (!whole) {
        (void)fprintf(stderr, "cannot read %s\n", path);
        free(p);
        return -1;
    }
    ret_bytes->p = p;
    ret_bytes->n = n;
    return 0;
}

static void say_who(const struct countersign_verdict *v)
{
    const struct countersign_request *q = countersign_verdict_request(v);
    const struct countersign_decision *d = NULL;
    const size_t n = countersign_verdict_decisions(v, &d);

    (void)printf("Request %llu: %s to %s is %s.\n", (unsigned long long)q->index, q->service, q->environment,
                 q->status);
    for (size_t i = 0; i < n; i++) {
        (void)printf("  %s %s as %s\n", d[i].person, d[i].approved ? "approved" : "rejected", d[i].seat);
    }
}

static int ask(const struct bytes *receipt, const struct bytes *trust, const struct countersign_ask *what)
{
    struct countersign_verdict *v = countersign_verify_receipt(receipt->p, receipt->n, trust->p, trust->n, what);
    enum countersign_class answer = COUNTERSIGN_CANNOT_TELL;

    if (v != NULL) {
        answer = countersign_verdict_class(v);
        if (answer == COUNTERSIGN_HOLDS) {
            say_who(v);
        } else {
            (void)printf("Do not deploy: %s\n", countersign_verdict_sentence(v));
        }
    }
    countersign_verdict_free(v);
    return (int)answer;
}

int main(int argc, char **argv)
{
    struct bytes receipt = {0};
    struct bytes trust = {0};
    int status = COUNTERSIGN_CANNOT_TELL;

    if (argc != 6) {
        (void)fprintf(stderr, "usage: %s RECEIPT TRUST SHA256 ENVIRONMENT SERVICE\n", argv[0]);
        return 2;
    }
    const struct countersign_ask what = {
        .subject_sha256 = argv[3], .environment = argv[4], .service = argv[5], .redeemed = 1};
    if (read_file(argv[1], &receipt) == 0 && read_file(argv[2], &trust) == 0) {
        status = ask(&receipt, &trust, &what);
    }
    free(receipt.p);
    free(trust.p);
    return status;
}
