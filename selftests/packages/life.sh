#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The life of the packages on a system that has systemd: installed, configured, filtering, upgraded under a flood, removed,
# installed again, purged. The machine is the router between two network namespaces. Run by check.sh, in a container.
set -u
cd /root || exit 1
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
CONFIG=/etc/slash64/slash64.yaml
BAD=2001:db8:bad:1::/64

# ok NAME CONDITION...
ok() {
	local name=$1
	shift
	if "$@" >/root/said 2>&1; then
		echo "ok $name"
	else
		echo "not ok $name: $(tr '\n' ' ' </root/said | tail -c 300)"
	fi
}

no() { ! "$@"; }
apt_get() { apt-get -q -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/root/apt.log 2>&1; }
says() { grep -q -- "$1" /root/apt.log || { cat /root/apt.log && false; }; }
attached() { ip -d link show dev wan0 | grep -q 'prog/xdp'; }
active() { [ "$(systemctl is-active "$1")" = active ]; }
off() { no active "$1" && [ "$(systemctl is-enabled "$1")" != enabled ]; }
gone() { for path; do [ ! -e "$path" ] || { echo "$path is there" && return 1; }; done; }
passes() { ip netns exec outside ping -6 -q -c 2 -i 0.2 -W 1 -I "$1" 2001:db8:5e::2; }

# traffic SECONDS: 'blocked N, good N, missing N' after that many, in /root/came
traffic() {
	ip netns exec inside python3 traffic.py receive $(($1 + 1)) >/root/came &
	sleep 0.5
	ip netns exec outside python3 traffic.py send "$1" >/dev/null
	wait $!
}

network() {
	ip netns add outside && ip netns add inside &&
		ip link add wan0 type veth peer name out0 netns outside &&
		ip link add lan0 type veth peer name in0 netns inside &&
		ip link set wan0 up && ip link set lan0 up &&
		ip -n outside link set out0 up && ip -n inside link set in0 up && ip -n outside link set lo up &&
		ip addr add 2001:db8:0:1::1/64 dev wan0 nodad && ip addr add 2001:db8:5e::1/64 dev lan0 nodad &&
		ip -n outside addr add 2001:db8:0:1::2/64 dev out0 nodad &&
		ip -n outside addr add 2001:db8:bad:1::2/128 dev lo nodad &&
		ip -n outside addr add 2001:db8:900d:1::2/128 dev lo nodad &&
		ip -n inside addr add 2001:db8:5e::2/64 dev in0 nodad &&
		ip -n outside route add default via 2001:db8:0:1::1 && ip -n inside route add default via 2001:db8:5e::1 &&
		ip route add default via 2001:db8:0:1::2 &&
		sysctl -q -w net.ipv6.conf.all.forwarding=1
}

ok "the network" network
for _ in $(seq 50); do
	! passes 2001:db8:bad:1::2 >/dev/null 2>&1 || break
done
ok "packets pass without slash64" passes 2001:db8:bad:1::2

apt_get install /root/now/*.deb
ok "it is installed by apt, from the files" [ $? = 0 ]
ok "and says what comes next" says 'systemctl enable --now slash64d'
ok "both groups are there" getent group slash64 slash64-read
ok "slash64d is neither enabled nor started" off slash64d
ok "nor are the programs beside it" eval 'for unit in $(dpkg -L slash64-adapters | sed -n "s|.*/system/||p"); do off "$unit" || exit 1; done'
ok "nothing is attached" no attached
ok "the configuration is there, in monitor mode" grep -q 'filter: monitor' $CONFIG
sed -i 's/name: eth0/name: wan0/' $CONFIG
ok "with the interface named, it is right" slash64d --check
ok "slash64d starts" systemctl enable --now slash64d
ok "it filters wan0" attached
ok "status says that all is well" slash64 status
ok "a block in monitor mode is taken" slash64 block $BAD --for 1h --reason flood
ok "and passes" passes 2001:db8:bad:1::2
sed -i 's/filter: monitor/filter: enforce/' $CONFIG
ok "a reload by systemctl" systemctl reload slash64d
ok "the block is in force" no passes 2001:db8:bad:1::2
ok "others pass" passes 2001:db8:900d:1::2

# The example is the operator's now.
before=$(cat $CONFIG)
started=$(systemctl show -p MainPID slash64d)
traffic 20 &
sleep 2
apt_get install /root/later/*.deb
ok "an upgrade under a flood" [ $? = 0 ]
wait
ok "slash64d was restarted" [ "$(systemctl show -p MainPID slash64d)" != "$started" ]
ok "and runs" active slash64d
ok "no blocked packet came through, and no other was lost: $(cat /root/came)" grep -q '^blocked 0, good [1-9][0-9]*, missing 0$' /root/came
ok "the configuration is untouched" [ "$before" = "$(cat $CONFIG)" ]
ok "the block is still known" eval "slash64 list | grep -q $BAD"

apt_get remove slash64 slash64-adapters
ok "removed" [ $? = 0 ]
ok "it says that the filter stays" says 'the filter stays'
ok "slash64d has ended" no active slash64d
ok "the filter is still in force" no passes 2001:db8:bad:1::2
ok "what is blocked is kept" [ -e /var/lib/slash64/slash64.db ]
apt_get install /root/later/*.deb
ok "installed again" [ $? = 0 ]
ok "it is started as the operator has it" systemctl restart slash64d
ok "and knows the block" eval "slash64 list | grep -q $BAD"

apt_get purge slash64 slash64-adapters slash64-dashboards
ok "purged" [ $? = 0 ]
ok "nothing is attached after that" no attached
ok "the source passes again" passes 2001:db8:bad:1::2
ok "no unit is left" eval "! find /etc/systemd /var/lib/systemd -name 'slash64*' | grep ."
ok "no file is left" gone /etc/slash64 /var/lib/slash64 /sys/fs/bpf/slash64 /run/slash64
ok "no group is left" no getent group slash64

apt_get install /root/now/*.deb
printf 'interfaces: [{name: wan0}]\non_exit: detach\n' >$CONFIG
ok "with on_exit: detach it starts" systemctl start slash64d
ok "is attached" attached
pkill -KILL -x slash64d
systemctl stop slash64d
ok "a kill leaves the filter" attached
apt_get remove slash64 slash64-adapters
ok "removing takes the filter off then" no attached
apt_get purge slash64 slash64-adapters slash64-dashboards
ok "and purging leaves nothing" gone /etc/slash64 /var/lib/slash64 /sys/fs/bpf/slash64
echo ended
