/* SPDX-License-Identifier: Apache-2.0 */
/* What `countersign propose` reads in files of its own. */
#ifndef CLI_PROPOSE_H
#define CLI_PROPOSE_H

#include "cli.h"
#include "model/model_duty.h"
#include "model/model_people.h"

/* The plan in this file (docs/policy.md, "Duty rosters"), as shifts in UTC. In the arena. CLI_OK or said. */
int propose_read_duty(const char *name, const char *path, struct arena *arena, struct duty_roster *ret_roster);

/* The people and roles of this file, as for `policy check --roster`: which stay. In the arena. CLI_OK or said. */
int propose_read_access(const char *name, const char *path, struct arena *arena, struct access_review_content *c);
/* The delegation in this file ("Standing in"); initiator and reason stay as they are. In the arena. CLI_OK or said. */
int propose_read_delegation(const char *name, const char *path, struct arena *arena, struct delegate_content *c);

#endif
