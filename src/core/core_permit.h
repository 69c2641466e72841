/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask for what: one table. Anything without a row closes the connection. Source: docs/formats/core.md. Pure. */
#ifndef CORE_PERMIT_H
#define CORE_PERMIT_H

#include "wire/wire_command.h"

/* The kinds of peers; each has a socket of its own, NAME.sock in the run directory. */
#define CORE_PEERS(X)                                                                                                  \
    X(CORE_HTTP, "http")                                                                                               \
    X(CORE_KIOSK, "kiosk")                                                                                             \
    X(CORE_OPERATOR, "operator")

#define CORE_PEER_ENUM(name, text) name,
enum core_peer_kind { CORE_PEERS(CORE_PEER_ENUM) CORE_PEER_COUNT };
#undef CORE_PEER_ENUM

/* "http", "kiosk", "operator"; "none" outside the list. */
const char *core_peer_name(enum core_peer_kind kind);

bool core_permits(enum core_peer_kind kind, enum wire_cmd cmd);
/* May this peer propose requests of that kind? Emergencies, reviews and vouchers begin at the kiosk and nowhere else.
 */
bool core_permits_kind(enum core_peer_kind kind, enum request_kind proposed);
/* May this peer withdraw in the name of this client (empty: of none)? The HTTP front for clients, the kiosk for itself;
 * deployments are their client's alone, which is the judge's to say. */
bool core_permits_withdraw(enum core_peer_kind kind, struct span client);
/* May this peer report an attempt of this actor? The HTTP front its clients and itself, the kiosk people and itself. */
bool core_permits_actor(enum core_peer_kind kind, struct span actor);

#endif
