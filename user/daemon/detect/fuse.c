// SPDX-License-Identifier: GPL-2.0-only
#include "fuse.h"

bool fuse_has_blown(const struct fuse *fuse, uint64_t now_ms)
{
	return fuse->blown_ms && now_ms - fuse->blown_ms < FUSE_SPAN_MS;
}

static uint32_t actions_lately(const struct fuse *fuse, uint64_t now_ms)
{
	uint64_t kept = fuse->actions < FUSE_ACTIONS_MAX ? fuse->actions : FUSE_ACTIONS_MAX;
	uint32_t count = 0;

	for (uint64_t i = 0; i < kept; i++)
		count += now_ms - fuse->at_ms[i] < FUSE_SPAN_MS;
	return count;
}

enum fuse_answer fuse_ask(struct fuse *fuse, uint64_t now_ms, uint32_t actions_per_hour,
			  double share, double share_max)
{
	bool many = actions_lately(fuse, now_ms) >= actions_per_hour, much = share > share_max;

	if (fuse_has_blown(fuse, now_ms))
		return FUSE_HAS_BLOWN;
	fuse->blown_ms = 0;
	if (!many && !much)
		return FUSE_HOLDS;
	fuse->blown_ms = now_ms;
	fuse->blown++;
	return many ? FUSE_BLOWS_BY_ACTIONS : FUSE_BLOWS_BY_SHARE;
}

/* Times before the machine was started wrap, and so do differences to them. A clock that was wrong
 * then may tell of the future: that is as if it were now.
 */
void fuse_recall(struct fuse *fuse, uint64_t now_ms, int64_t age_ms, bool has_blown)
{
	uint64_t at_ms = now_ms - (age_ms > 0 ? age_ms : 0);

	if (age_ms >= FUSE_SPAN_MS)
		return;
	if (has_blown)
		fuse->blown_ms = at_ms ? at_ms : 1;
	else
		fuse_count(fuse, at_ms);
}

void fuse_count(struct fuse *fuse, uint64_t now_ms)
{
	fuse->at_ms[fuse->actions++ % FUSE_ACTIONS_MAX] = now_ms;
}
