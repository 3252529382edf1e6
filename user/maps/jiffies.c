// SPDX-License-Identifier: GPL-2.0-only
#include "jiffies.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jiffies.skel.h"
#include "base/complaint.h"
#include "program.h"

#define NS_PER_SECOND 1000000000ULL
#define MEASURE_NS    60000000ULL
#define STEP_US	      500

/* The values a kernel can be built with (kernel/Kconfig.hz, and those that architectures add). */
static const unsigned int rates[] = {24, 32, 48, 64, 100, 128, 250, 256, 300, 1000, 1024, 1200};

static int read_clock(struct jiffies_bpf *skeleton, uint64_t *jiffies, uint64_t *ns)
{
	char packet[64] = {0};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	int err = bpf_prog_test_run_opts(bpf_program__fd(skeleton->progs.clock_read), &opts);

	if (err)
		return err;
	*jiffies = skeleton->bss->clock_jiffies;
	*ns = skeleton->bss->clock_ns;
	return 0;
}

/* From the first moment of a tick to the first moment of a later one. */
static int measure(struct jiffies_bpf *skeleton, uint64_t *ticks, uint64_t *span_ns,
		   uint64_t *last_jiffies, uint64_t *last_ns)
{
	uint64_t jiffies, ns, first_jiffies, first_ns = 0, at;
	int err;

	err = read_clock(skeleton, &first_jiffies, &ns);
	if (err)
		return err;
	at = first_jiffies;
	for (;;) {
		err = read_clock(skeleton, &jiffies, &ns);
		if (err)
			return err;
		if (jiffies != at) {
			if (!first_ns) {
				first_jiffies = jiffies;
				first_ns = ns;
			} else if (ns - first_ns >= MEASURE_NS) {
				*ticks = jiffies - first_jiffies;
				*span_ns = ns - first_ns;
				*last_jiffies = jiffies;
				*last_ns = ns;
				return 0;
			}
			at = jiffies;
		}
		usleep(STEP_US);
	}
}

int jiffies_measure(struct jiffies_facts *facts, struct error *error)
{
	struct jiffies_bpf *skeleton = jiffies_bpf__open();
	uint64_t ticks = 0, span_ns = 1, measured, jiffies = 0, ns = 0;
	unsigned int best = 0;
	int err;

	if (!skeleton)
		return error_set(error, -errno, "cannot open the program that reads the clock: %s",
				 strerror(errno));
	complaint_forget();
	err = jiffies_bpf__load(skeleton);
	if (err) {
		jiffies_bpf__destroy(skeleton);
		return program_refused(err, error);
	}
	err = measure(skeleton, &ticks, &span_ns, &jiffies, &ns);
	jiffies_bpf__destroy(skeleton);
	if (err)
		return error_set(error, err, "cannot run a BPF program: %s", strerror(-err));
	measured = ticks * NS_PER_SECOND / span_ns;
	for (unsigned int i = 1; i < sizeof(rates) / sizeof(rates[0]); i++)
		if (llabs((long long)measured - rates[i]) <
		    llabs((long long)measured - rates[best]))
			best = i;
	/* as the kernel rounds it (TICK_NSEC), or the two would drift apart */
	facts->tick_ns = (NS_PER_SECOND + rates[best] / 2) / rates[best];
	facts->jiffies_ahead_ns = (int64_t)(jiffies * facts->tick_ns - ns);
	return 0;
}
