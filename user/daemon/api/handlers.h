/* SPDX-License-Identifier: GPL-2.0-only */
/* The handlers of the control API, by file. Each answers its request (docs/api.md). */
#ifndef SLASH64_DAEMON_API_HANDLERS_H
#define SLASH64_DAEMON_API_HANDLERS_H

#include "daemon/daemon.h"

struct evhttp_request;

/* endpoints/top.c */
void control_get_top(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/histogram.c */
void control_get_histogram(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/history.c */
void control_get_history(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/overview.c */
void control_get_overview(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/events.c */
void control_get_events(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/status.c */
void control_get_status(struct daemon *daemon, struct evhttp_request *request);
void control_post_iface(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor);
void control_delete_iface(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);
void control_get_policy(struct daemon *daemon, struct evhttp_request *request);
void control_post_reload(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor);
void control_get_metrics(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/blocks/blocks.c */
void control_post_block(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor);
void control_post_throttle(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor);

/* endpoints/blocks/unblock.c */
void control_delete_block(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);

/* endpoints/blocks/unblock_many.c */
void control_post_unblocks(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor);

/* endpoints/reload.c */
void control_post_confirm(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);

/* endpoints/blocks/undo.c */
void control_post_undo(struct daemon *daemon, struct evhttp_request *request,
		       const struct actor *actor);

/* endpoints/blocks/edit.c */
void control_patch_block(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor);

/* endpoints/allowlist.c */
void control_get_allowlist(struct daemon *daemon, struct evhttp_request *request);
void control_post_allow(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor);
void control_delete_allow(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);

/* endpoints/imports.c */
void control_post_import(struct daemon *daemon, struct evhttp_request *request,
			 const struct actor *actor);
void control_post_import_text(struct daemon *daemon, struct evhttp_request *request,
			      const struct actor *actor);
void control_post_import_commit(struct daemon *daemon, struct evhttp_request *request,
				const struct actor *actor);
void control_delete_import(struct daemon *daemon, struct evhttp_request *request,
			   const struct actor *actor);

/* endpoints/list.c */
void control_get_blocks(struct daemon *daemon, struct evhttp_request *request);
void control_get_export(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/captures/captures.c */
void control_post_capture(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);
void control_delete_capture(struct daemon *daemon, struct evhttp_request *request,
			    const struct actor *actor);

/* endpoints/log.c */
void control_get_log(struct daemon *daemon, struct evhttp_request *request);

/* endpoints/proposals.c */
void control_get_proposals(struct daemon *daemon, struct evhttp_request *request);
void control_post_apply(struct daemon *daemon, struct evhttp_request *request,
			const struct actor *actor);
void control_post_dismiss(struct daemon *daemon, struct evhttp_request *request,
			  const struct actor *actor);

/* endpoints/proposal_packets.c */
void control_post_proposal_packets(struct daemon *daemon, struct evhttp_request *request,
				   const struct actor *actor);

/* endpoints/lookup.c */
void control_get_lookup(struct daemon *daemon, struct evhttp_request *request);

#endif
