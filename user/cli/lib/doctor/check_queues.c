// SPDX-License-Identifier: GPL-2.0-only
#include "check_queues.h"
#include "base/text/language.h"

static const char *plural(unsigned int count)
{
	return count == 1 ? "" : "s";
}

/* Of a link without hardware, packets stay on the CPU that sent them. */
bool check_queues(const struct doctor *doctor, const struct doctor_iface *iface,
		  struct finding *finding)
{
	unsigned int wanted =
		iface->channels_max < doctor->cpus ? iface->channels_max : doctor->cpus;

	if (!iface->rx_queues)
		return false;
	if (iface->is_hardware && iface->rx_queues < doctor->cpus && iface->rx_queues < wanted)
		return finding_set(finding, FINDING_WARNING,
				   _("%u receive queue%s for %u CPUs: the others do not filter\n"
				     "ethtool -L %s %s %u"),
				   iface->rx_queues, plural(iface->rx_queues), doctor->cpus,
				   iface->link->name,
				   iface->channels_are_combined ? "combined" : "rx", wanted);
	if (iface->is_hardware && iface->rx_queues == 1 && doctor->cpus > 1)
		return finding_set(
			finding, FINDING_WARNING,
			_("it has one receive queue: one CPU of %u filters, whatever comes"),
			doctor->cpus);
	return finding_set(finding, FINDING_OK, _("%u receive queue%s, %u CPU%s"), iface->rx_queues,
			   plural(iface->rx_queues), doctor->cpus, plural(doctor->cpus));
}

bool check_irqs(const struct doctor *doctor, const struct doctor_iface *iface,
		struct finding *finding)
{
	if (!iface->irqs || iface->rx_queues < 2 || doctor->cpus < 2)
		return false;
	if (iface->irq_cpus == 1)
		return finding_set(finding, FINDING_WARNING,
				   _("all %u interrupts go to CPU %s: it filters alone\n"
				     "systemctl enable --now irqbalance, or a CPU each in "
				     "/proc/irq/*/smp_affinity_list"),
				   iface->irqs, iface->irq_cpu_first);
	return finding_set(finding, FINDING_OK, _("%u interrupts on %u CPUs"), iface->irqs,
			   iface->irq_cpus);
}

bool check_rss(const struct doctor *doctor, const struct doctor_iface *iface,
	       struct finding *finding)
{
	if (!iface->rss_queues || iface->rx_queues < 2)
		return false;
	if (iface->rss_queues < iface->rx_queues)
		return finding_set(finding, FINDING_WARNING,
				   _("RSS spreads packets over %u of %u receive queues\n"
				     "ethtool -X %s equal %u"),
				   iface->rss_queues, iface->rx_queues, iface->link->name,
				   iface->rx_queues);
	return finding_set(finding, FINDING_OK, _("RSS spreads packets over all %u receive queues"),
			   iface->rx_queues);
}
