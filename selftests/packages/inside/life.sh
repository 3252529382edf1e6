# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The life of the packages on a system that has systemd: installed, configured, filtering, upgraded under a flood, removed,
# installed again, purged. The machine is the router between two network namespaces. Part of all.sh.

# traffic SECONDS: 'blocked N, good N, missing N' after that many, in /root/came
traffic() {
	ip netns exec inside python3 traffic.py receive $(($1 + 1)) >/root/came &
	sleep 0.5
	ip netns exec outside python3 traffic.py send "$1" >/dev/null
	wait $!
}

# upgrade FOLDER WHAT: by apt, while packets of both sources come without a pause
upgrade() {
	local before started
	before=$(cat $CONFIG)
	started=$(systemctl show -p MainPID slash64d)
	traffic 20 &
	sleep 2
	apt_get install /root/"$1"/*.deb
	ok "an upgrade under a flood, $2" [ $? = 0 ]
	wait
	ok "slash64d was restarted" [ "$(systemctl show -p MainPID slash64d)" != "$started" ]
	ok "it runs, as the program that is installed now" same_program
	ok "no blocked packet came through, and no other was lost: $(cat /root/came)" \
		grep -q '^blocked 0, good [1-9][0-9]*, missing 0$' /root/came
	ok "the configuration is untouched" [ "$before" = "$(cat $CONFIG)" ]
	ok "the block is still known" eval "slash64 list | grep -q $BAD"
	ok "and in force" no passes 2001:db8:bad:1::2
	ok "all is well" slash64 status --quiet
}

same_program() {
	local pid
	pid=$(systemctl show -p MainPID --value slash64d)
	active slash64d && cmp "/proc/$pid/exe" /usr/sbin/slash64d && [ "$(readlink "/proc/$pid/exe")" = /usr/sbin/slash64d ]
}

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
clear_journal
ok "slash64d starts" systemctl enable --now slash64d
ok "it filters wan0" attached
ok "status says that all is well" slash64 status
ok "a block in monitor mode is taken" slash64 block $BAD --for 1h --reason flood
ok "and passes" passes 2001:db8:bad:1::2
sed -i 's/filter: monitor/filter: enforce/' $CONFIG
ok "a reload by systemctl" systemctl reload slash64d
ok "the block is in force" no passes 2001:db8:bad:1::2
ok "others pass" passes 2001:db8:900d:1::2
ok "the journal has no warning" quiet slash64d
ok "kernel tunables are out of its reach, its maps are not" eval \
	'nsenter -m -t "$(systemctl show -p MainPID --value slash64d)" sh -c "! test -w /proc/sys/kernel/hostname && test -w /sys/fs/bpf/slash64"'

upgrade same "to the same as a higher version"
upgrade later "to 0.2.1~test, whose maps are laid out otherwise"
ok "the later version is installed" [ "$(dpkg-query -W -f '${Version}' slash64)" = 0.2.1~test ]

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

apt_get purge $ALL
ok "purged" [ $? = 0 ]
ok "nothing is attached after that" no attached
ok "the source passes again" passes 2001:db8:bad:1::2
ok "no unit is left" eval "! find /etc/systemd /var/lib/systemd -name 'slash64*' | grep ."
ok "no file is left" gone /etc/slash64 /var/lib/slash64 /sys/fs/bpf/slash64 /run/slash64
ok "no group is left" no getent group slash64
