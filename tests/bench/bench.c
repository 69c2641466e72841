/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

static double seconds(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_now_s(void)
{
    return seconds(CLOCK_MONOTONIC);
}

double bench_cpu_s(void)
{
    return seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_value);
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

bool bench_report(const struct bench_goal *goal, double *ratios, size_t rounds)
{
    const double median = bench_median(ratios, rounds);
    const bool met = goal->kind == BENCH_AT_LEAST ? median >= goal->bound : median <= goal->bound;
    (void)printf("%-5s %-66s %s %-6.3g %7.3g (%.3g-%.3g)  %s  limit: %s\n", goal->id, goal->what,
                 goal->kind == BENCH_AT_LEAST ? ">=" : "<=", goal->bound, median, ratios[0], ratios[rounds - 1],
                 met ? "met   " : "MISSED", goal->limit);
    return met;
}

void bench_note(const char *what, const char *unit, double *values, size_t rounds)
{
    const double median = bench_median(values, rounds);
    (void)printf("      %-66s %15.4g (%.4g-%.4g) %s\n", what, median, values[0], values[rounds - 1], unit);
}
