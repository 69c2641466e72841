/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers by chance that a seed repeats (xorshift64*). For tests that generate what they try. */
#ifndef SUPPORT_CHANCE_H
#define SUPPORT_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* Of each round of a seed a sequence of its own. */
static inline struct chance chance_of(uint64_t seed, uint64_t round)
{
    return (struct chance){(seed + round * UINT64_C(0x9e3779b97f4a7c15)) | 1U};
}

/* 0 to below - 1. */
static inline uint64_t chance(struct chance *c, uint64_t below)
{
    c->state ^= c->state >> 12;
    c->state ^= c->state << 25;
    c->state ^= c->state >> 27;
    return (c->state * UINT64_C(2685821657736338717) >> 33) % below;
}

/* Once in `n` times. */
static inline bool chance_once(struct chance *c, uint64_t n)
{
    return chance(c, n) == 0;
}

static inline const char *chance_word(struct chance *c, const char *const *words, size_t n)
{
    return words[chance(c, n)];
}
#define CHANCE_WORD(c, words) chance_word((c), (words), sizeof(words) / sizeof((words)[0]))

#endif
