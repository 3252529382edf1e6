// SPDX-License-Identifier: GPL-2.0-only
#include "ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FEATURES_MAX 1024
#define RSS_ROWS_MAX 4096
#define RSS_RING_MAX 1024

static int call(int fd, const char *name, void *command)
{
	struct ifreq request = {.ifr_data = command};

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return ioctl(fd, SIOCETHTOOL, &request);
}

static void read_driver(int fd, struct doctor_iface *iface)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

	if (!call(fd, iface->link->name, &info))
		snprintf(iface->driver, sizeof(iface->driver), "%.31s", info.driver);
}

/* --- offloads --- */

static unsigned int count_features(int fd, const char *name)
{
	struct {
		struct ethtool_sset_info info;
		uint32_t count;
	} set = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};

	if (call(fd, name, &set) || !set.info.sset_mask || set.count > FEATURES_MAX)
		return 0;
	return set.count;
}

static enum feature feature_at(const struct ethtool_gfeatures *features, unsigned int i)
{
	const struct ethtool_get_features_block *block = &features->features[i / 32];
	uint32_t bit = 1u << i % 32;

	if (!(block->active & bit))
		return FEATURE_OFF;
	return block->available & bit && !(block->never_changed & bit) ? FEATURE_ON :
									 FEATURE_ON_FIXED;
}

static void take_features(struct doctor_iface *iface, const struct ethtool_gstrings *names,
			  const struct ethtool_gfeatures *features)
{
	for (unsigned int i = 0; i < names->len; i++) {
		const char *name = (const char *)names->data + i * ETH_GSTRING_LEN;
		enum feature feature = feature_at(features, i);

		if (!strncmp(name, "rx-lro", ETH_GSTRING_LEN))
			iface->lro = feature;
		else if (!strncmp(name, "rx-gro-hw", ETH_GSTRING_LEN))
			iface->gro_hw = feature;
		else if (!strncmp(name, "rx-vlan-hw-parse", ETH_GSTRING_LEN))
			iface->rx_vlan = feature;
	}
}

static void read_features(int fd, struct doctor_iface *iface)
{
	unsigned int count = count_features(fd, iface->link->name), blocks = (count + 31) / 32;
	struct ethtool_gstrings *names = calloc(1, sizeof(*names) + count * ETH_GSTRING_LEN);
	struct ethtool_gfeatures *features =
		calloc(1, sizeof(*features) + blocks * sizeof(features->features[0]));

	if (count && names && features) {
		*names = (struct ethtool_gstrings){ETHTOOL_GSTRINGS, ETH_SS_FEATURES, count};
		*features = (struct ethtool_gfeatures){ETHTOOL_GFEATURES, blocks};
		if (!call(fd, iface->link->name, names) && names->len <= count &&
		    !call(fd, iface->link->name, features) && features->size == blocks)
			take_features(iface, names, features);
	}
	free(names);
	free(features);
}

/* --- queues --- */

static void read_channels(int fd, struct doctor_iface *iface)
{
	struct ethtool_channels channels = {.cmd = ETHTOOL_GCHANNELS};

	if (call(fd, iface->link->name, &channels))
		return;
	iface->channels_are_combined = channels.max_combined;
	iface->channels_max = channels.max_combined ? channels.max_combined : channels.max_rx;
}

static unsigned int count_rings(const uint32_t *ring, unsigned int rows)
{
	bool seen[RSS_RING_MAX] = {};
	unsigned int count = 0;

	for (unsigned int i = 0; i < rows; i++)
		if (ring[i] < RSS_RING_MAX && !seen[ring[i]]) {
			seen[ring[i]] = true;
			count++;
		}
	return count;
}

static void read_rss(int fd, struct doctor_iface *iface)
{
	struct ethtool_rxfh_indir size = {.cmd = ETHTOOL_GRXFHINDIR};
	struct ethtool_rxfh_indir *table;

	if (call(fd, iface->link->name, &size) || !size.size || size.size > RSS_ROWS_MAX)
		return;
	table = calloc(1, sizeof(*table) + size.size * sizeof(table->ring_index[0]));
	if (!table)
		return;
	table->cmd = ETHTOOL_GRXFHINDIR;
	table->size = size.size;
	if (!call(fd, iface->link->name, table) && table->size <= size.size)
		iface->rss_queues = count_rings(table->ring_index, table->size);
	free(table);
}

void ethtool_read(struct doctor_iface *iface)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	read_driver(fd, iface);
	read_features(fd, iface);
	read_channels(fd, iface);
	read_rss(fd, iface);
	close(fd);
}
