/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: what the database holds, and nothing else may stand in it. */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "store/store_sql.h"

enum {
    STORE_APPLICATION_ID = 0x43534c47, /* "CSLG" */
    STORE_SCHEMA_VERSION = 1,
    STORE_PAGE_BYTES = 8192
};

/* Is this an empty database, as it is before the first start or after a crash inside it? As store_schema_check fails.
 */
CS_RESULT store_schema_is_absent(sqlite3 *db, bool *ret_absent);
/* Makes tables, triggers and the schema's version in one transaction. CS_E_IO or CS_E_NOMEM. */
CS_RESULT store_schema_create(sqlite3 *db);
/* CS_E_TYPE (not ours), CS_E_UNKNOWN (another version), CS_E_MISMATCH (an object more, less or other than ours),
 * CS_E_IO. */
CS_RESULT store_schema_check(sqlite3 *db);
/* From now on only what the statements of store_sql.h need. */
void store_schema_lock(sqlite3 *db);

#endif
