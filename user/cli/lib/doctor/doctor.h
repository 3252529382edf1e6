/* SPDX-License-Identifier: GPL-2.0-only */
/* doctor: facts that are read once, and checks that say what they mean. A check is a function and a
 * line of the table in checks.c. It reads nothing but these facts, and files below `root`, so that
 * a test can make up any machine. Nothing here changes anything.
 */
#ifndef SLASH64_CLI_LIB_DOCTOR_DOCTOR_H
#define SLASH64_CLI_LIB_DOCTOR_DOCTOR_H

#include <jansson.h>
#include <net/if.h>

#include "base/permission.h"
#include "config/config.h"
#include "finding.h"

#define DOCTOR_LINKS_MAX    4096
#define DOCTOR_DRIVER_MAX   32
#define DOCTOR_KIND_MAX	    16
#define DOCTOR_KERNEL_MAX   65
#define DOCTOR_PROGRAM_MAX  16
#define DOCTOR_KERNEL_MAJOR 6
#define DOCTOR_KERNEL_MINOR 1

/* A feature of ethtool. */
enum feature {
	FEATURE_UNKNOWN,
	FEATURE_OFF,
	FEATURE_ON,
	FEATURE_ON_FIXED, /* and cannot be turned off */
};

/* Whose the program on a link is. */
enum program_owner {
	PROGRAM_NONE,
	PROGRAM_OURS,
	PROGRAM_DISPATCHER, /* libxdp's: others can join */
	PROGRAM_OTHER,
	PROGRAM_UNSEEN, /* there is one, and whose it is takes rights to see */
};

/* A link of the kernel, as all of them are listed (links.c). */
struct doctor_link {
	char name[IF_NAMESIZE];
	unsigned int index, master, lower; /* 0: none */
	bool lower_is_elsewhere;	   /* in another network namespace */
	unsigned int flags, mtu, tx_queues, rx_queues;
	unsigned short arp_type;
	bool carrier;
	char kind[DOCTOR_KIND_MAX]; /* "vlan", "veth"; "" for hardware */
	uint32_t native_id, generic_id;
};

/* What else is known of a link that is looked at (examine.c). */
struct doctor_iface {
	const struct doctor_link *link;
	enum config_mode mode; /* as it is configured */
	bool configured;
	char driver[DOCTOR_DRIVER_MAX];
	bool is_hardware; /* it has a device */
	bool features_known;
	uint64_t xdp_features; /* of the netdev family, NETDEV_XDP_ACT_... */
	enum feature lro, gro_hw, rx_vlan;
	unsigned int rx_queues;
	bool guest_offloads_stuck;   /* of virtio: they cannot be turned off */
	unsigned int channels_max;   /* of one kind; 0: not known */
	bool channels_are_combined;  /* or receive only */
	unsigned int rss_queues;     /* that the table of RSS uses; 0: not known */
	unsigned int irqs, irq_cpus; /* interrupts, and CPUs that take them; 0: not known */
	char irq_cpu_first[16];	     /* one of those CPUs */
	enum program_owner owner;
	char program[DOCTOR_PROGRAM_MAX]; /* its name; "" if it cannot be seen */
	unsigned int behind;		  /* programs behind the dispatcher */
};

struct doctor {
	const char *root; /* "", or a directory for tests */
	char kernel[DOCTOR_KERNEL_MAX];
	struct permission_facts rights;
	unsigned int cpus;
	int64_t now_s;
	bool clock_synchronized;
	/* the configuration that slash64d uses, or would */
	const char *config_file;
	bool config_there, config_good;
	struct config config; /* the defaults if it is not good */
	struct error config_error;
	/* slash64d */
	const char *socket;
	bool socket_there;
	json_t *status; /* its answer; NULL: it did not answer, and `status_error` says why */
	struct error status_error;
	int status_err; /* and as -errno */
	/* links */
	struct doctor_link *link;
	size_t link_count;
};

/* Reads what is common to all checks. `config_file`: NULL for that of slash64d. */
int doctor_open(struct doctor *doctor, const char *socket, const char *config_file,
		struct error *error);
void doctor_close(struct doctor *doctor);

/* Is the kernel at least this one? */
bool doctor_kernel_is(const struct doctor *doctor, unsigned int major, unsigned int minor);

const struct doctor_link *doctor_link_by_index(const struct doctor *doctor, unsigned int index);

/* --- the checks --- */

/* Fills in the finding; false if there is nothing to say. `iface` is NULL for what is about the
 * machine.
 */
typedef bool (*check_t)(const struct doctor *doctor, const struct doctor_iface *iface,
			struct finding *finding);

struct doctor_check {
	const char *name;
	bool of_iface;
	check_t run;
};

extern const struct doctor_check doctor_checks[]; /* ends with a name of NULL */

#endif
