/* SPDX-License-Identifier: Apache-2.0 */
/* What the measurements share. Everything is a ratio of two things measured in turns in one run, because the machine
 * drifts. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

double bench_now_s(void);
/* CPU time of the whole process, all threads. */
double bench_cpu_s(void);
/* Sorts v. */
double bench_median(double *v, size_t n);

enum bench_bound { BENCH_AT_LEAST, BENCH_AT_MOST };

struct bench_goal {
    const char *id;   /* "G11" */
    const char *what; /* what is divided by what */
    enum bench_bound kind;
    double bound;
    const char *limit; /* what keeps it from being better */
};
/* Prints the goal, the median of the rounds, their range, and whether the goal is met; sorts ratios. */
bool bench_report(const struct bench_goal *goal, double *ratios, size_t rounds);
/* A figure without a goal. */
void bench_note(const char *what, const char *unit, double *values, size_t rounds);

#endif
