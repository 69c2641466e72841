/* SPDX-License-Identifier: Apache-2.0 */
/* Where a deployment's artifacts come from: the member `source` of its content. */
#include "model/model_source.h"

#include <stddef.h>

#include "base/base_text.h"
#include "model/model_take.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define AT(member) offsetof(struct request_source, member)
#define COUNT_HINT "Send a whole number, 0 or more."

static bool insert_account(struct span *items, size_t count, struct span added)
{
    size_t i = count;

    while (i > 0 && span_cmp(items[i - 1], added) > 0) {
        i--;
    }
    const bool fresh = i == 0 || !span_eq(items[i - 1], added);
    memmove(&items[i + 1], &items[i], (count - i) * sizeof(*items));
    items[i] = added;
    return fresh;
}

/* Accounts, each once; returns how many. */
static size_t take_accounts(struct walk *w, const struct json_value *v, const struct walk_member *m, struct span *items)
{
    size_t count = 0;
    size_t index = 0;

    if (!walk_array_fits(w, v, m)) {
        return 0;
    }
    for (const struct json_value *item = v->child; item != NULL; item = item->next) {
        const size_t mark = walk_enter_item(w, index++);
        if (item->kind != JSON_STRING || text_id_check(item->text, MODEL_ACCOUNT_MAX, m->name).code != CS_OK) {
            walk_fault(w, item->kind != JSON_STRING ? CS_E_TYPE : CS_E_SYNTAX, m->hint);
        } else if (!insert_account(items, count, item->text)) {
            walk_fault(w, CS_E_DUPLICATE, "Name each account once.");
        }
        count += item->kind == JSON_STRING ? 1U : 0U;
        walk_leave(w, mark);
    }
    return count;
}

static void take_authors(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct request_source *s = into;
    s->author_count = take_accounts(w, v, m, s->authors);
}

static void take_reviewers(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct request_source *s = into;
    s->reviewer_count = take_accounts(w, v, m, s->reviewers);
}

static void take_commit(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    uint8_t bytes[SHA256_BYTES];

    if (!walk_is(w, v, JSON_STRING, m->hint)) {
        return;
    }
    const size_t n = v->text.left == 40 ? 20 : SHA256_BYTES;
    const struct cs_result r = text_hex_decode(v->text, bytes, n, m->name);
    if (r.code != CS_OK) {
        walk_fault(w, r.code, m->hint);
        return;
    }
    ((struct request_source *)into)->commit = v->text;
}

static void take_protected(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct request_source *s = into;

    if (walk_is(w, v, JSON_BOOL, m->hint)) {
        s->has_protected = true;
        s->is_protected = v->flag;
    }
}

static void take_state(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    struct request_source *s = into;

    if (walk_is(w, v, JSON_STRING, m->hint)) {
        s->pull_request_state = v->text;
        if (!span_is(v->text, "closed") && !span_is(v->text, "merged") && !span_is(v->text, "open")) {
            walk_fault(w, CS_E_UNKNOWN, m->hint);
        }
    }
}

static const struct walk_member pull_request_members[] = {
    {"number", true, walk_count, AT(pull_request), 0, 0, "Send the number of the pull request."},
    {"state", true, take_state, 0, 0, 0, "Send the state of the pull request: closed, merged or open."},
};

static void take_pull_request(struct walk *w, const struct json_value *v, const struct walk_member *m, void *into)
{
    if (walk_is(w, v, JSON_OBJECT, m->hint)) {
        walk_object(w, v, pull_request_members, COUNT(pull_request_members), into);
    }
}

static const struct walk_member source_members[] = {
    {"authors", true, take_authors, 0, 1, MODEL_AUTHORS_MAX,
     "Send the authors of the commits: 1 to 64 distinct accounts, such as git: and 32 hex digits."},
    {"commit", true, take_commit, 0, 0, 0, "Send the full commit id: 40 or 64 lower-case hex digits."},
    {"commits", true, walk_count, AT(commits), 0, 0, COUNT_HINT},
    {"files_changed", true, walk_count, AT(files_changed), 0, 0, COUNT_HINT},
    {"lines_added", true, walk_count, AT(lines_added), 0, 0, COUNT_HINT},
    {"lines_removed", true, walk_count, AT(lines_removed), 0, 0, COUNT_HINT},
    {"protected", false, take_protected, 0, 0, 0, "Send true if the ref's branch is protected, else false."},
    {"pull_request", false, take_pull_request, 0, 0, 0, "Send an object with number and state, or leave it out."},
    {"ref", true, walk_id, AT(ref), 1, MODEL_NAME_MAX, "Send the full ref, such as refs/heads/main."},
    {"repository", true, walk_id, AT(repository), 1, MODEL_NAME_MAX,
     "Send the repository's URL or path, at most 256 bytes."},
    {"reviewers", false, take_reviewers, 0, 1, MODEL_AUTHORS_MAX,
     "Send the accounts that approved the pull request: 1 to 64 distinct ones, or leave it out."},
    {"since", true, walk_id, AT(since), 1, MODEL_NAME_MAX,
     "Send the tag or commit that the counts start from, or root."},
};

void model_source_walk(struct walk *w, const struct json_value *v, const struct walk_member *m,
                       struct request_source *s)
{
    if (walk_is(w, v, JSON_OBJECT, m->hint)) {
        walk_object(w, v, source_members, COUNT(source_members), s);
        s->present = true;
    }
}

void model_source_put(struct json_out *o, const struct request_source *s)
{
    if (!s->present) {
        return;
    }
    json_put_object(o, "source");
    model_put_set(o, "authors", s->authors, s->author_count);
    json_put_str(o, "commit", s->commit);
    json_put_uint(o, "commits", s->commits);
    json_put_uint(o, "files_changed", s->files_changed);
    json_put_uint(o, "lines_added", s->lines_added);
    json_put_uint(o, "lines_removed", s->lines_removed);
    if (s->has_protected) {
        json_put_bool(o, "protected", s->is_protected);
    }
    if (s->pull_request_state.left > 0) {
        json_put_object(o, "pull_request");
        json_put_uint(o, "number", s->pull_request);
        json_put_str(o, "state", s->pull_request_state);
        json_put_close(o);
    }
    json_put_str(o, "ref", s->ref);
    json_put_str(o, "repository", s->repository);
    if (s->reviewer_count > 0) {
        model_put_set(o, "reviewers", s->reviewers, s->reviewer_count);
    }
    json_put_str(o, "since", s->since);
    json_put_close(o);
}
