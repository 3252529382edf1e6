# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Every unit, under a systemd that means it: started, at work, stopped, and nothing in the journal that is worth a warning. Part
# of all.sh.

# listed PREFIX ORIGIN
listed() { slash64 list --json | grep -F "\"$1\"" | grep -qF "\"$2\""; }

# Of a unit that runs: nobody, with no way to become somebody.
powerless() {
	local pid
	pid=$(systemctl show -p MainPID --value "$1")
	[ "$pid" -gt 0 ] && ! grep -q '^Uid:.*[[:space:]]0[[:space:]]' "/proc/$pid/status" &&
		[ "$(grep -cE '^Cap[A-Z][a-z]*:[[:space:]]0000000000000000$' "/proc/$pid/status")" = 5 ] &&
		grep -q '^NoNewPrivs:[[:space:]]1$' "/proc/$pid/status"
}

started() {
	ok "$1 starts" systemctl start "$1"
	ok "$1 is active" active "$1"
	ok "$1 has a user of its own, and no capability" powerless "$1"
}

stopped() {
	ok "$1 stops" systemctl stop "$1"
	ok "$1 has ended well" [ "$(systemctl show -p Result --value "$1")" = success ]
	ok "$1 left no warning in the journal" quiet "$1"
}

apt_get install /root/now/*.deb
ok "installed again, with the programs beside it" [ $? = 0 ]
ok "a unit that is not configured is left out, without a failure" eval \
	'systemctl start slash64-rtbh && [ "$(systemctl show -p ConditionResult --value slash64-rtbh)" = no ] && no active slash64-rtbh'
cat >$CONFIG <<-EOF
	interfaces: [{name: wan0, filter: monitor}]
	feeds: [{file: /var/lib/private/slash64-fetch/list, origin: fetched}]
	on_exit: detach
EOF
openssl req -x509 -nodes -newkey rsa:2048 -keyout key.pem -out ca.pem -days 9 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost 2>/dev/null && cat key.pem ca.pem >both.pem && install -m 644 ca.pem /etc/slash64/ca.pem
systemd-run -q --unit servers python3 /root/servers.py /root/both.pem /root/told
sleep 1
clear_journal

cat >/etc/slash64/fetch.yaml <<-EOF
	feeds: [{name: list, url: "https://localhost:8443/list", format: plain}]
	ca: /etc/slash64/ca.pem
EOF
ok "slash64-fetch runs" systemctl start slash64-fetch.service
ok "and has a list" grep -q 2001:db8:bad:2:: /var/lib/private/slash64-fetch/list
ok "slash64-fetch.timer is enabled" systemctl enable --now slash64-fetch.timer
ok "and waits" active slash64-fetch.timer
stopped slash64-fetch

ok "slash64d starts" systemctl restart slash64d
ok "and reads the list" within 20 listed 2001:db8:bad:2::/64 fetched

echo secret >/etc/slash64/crowdsec.key
chmod 600 /etc/slash64/crowdsec.key
mkdir -p /etc/systemd/system/slash64-crowdsec.service.d
printf '[Service]\nLoadCredential=key:/etc/slash64/crowdsec.key\n' >/etc/systemd/system/slash64-crowdsec.service.d/key.conf
systemctl daemon-reload
cat >/etc/slash64/crowdsec.yaml <<-EOF
	lapi: {url: "http://127.0.0.1:8080", key_file: /run/credentials/slash64-crowdsec.service/key}
	metrics: "[::1]:9667"
EOF
started slash64-crowdsec
ok "and brings what the LAPI decides" within 20 listed 2001:db8:bad:3::/64 crowdsec
stopped slash64-crowdsec

mkdir -p /var/log/suricata
install -m 640 -g adm /dev/null /var/log/suricata/eve.json
echo 'rules: [{signature: "ET EXPLOIT*", action: block, for: 1d}]' >/etc/slash64/follow.yaml
started slash64-follow
printf '{"timestamp":"%s","event_type":"alert","src_ip":"2001:db8:bad:4::1","src_port":9,"dest_ip":"2001:db8:5e::2",%s}\n' \
	"$(date '+%FT%T.000000%z')" '"dest_port":80,"proto":"TCP","alert":{"signature":"ET EXPLOIT x","category":"y","severity":1}' \
	>>/var/log/suricata/eve.json
ok "and blocks by an alert" within 20 listed 2001:db8:bad:4::/64 suricata
stopped slash64-follow

ip -6 route add blackhole 2001:db8:bad:5::/64 table 666 proto bird
echo 'rtbh: [{table: 666, protocol: bird, origin: rtbh, action: block, hold: 1m}]' >/etc/slash64/rtbh.yaml
started slash64-rtbh
ok "and blocks by a route" within 20 listed 2001:db8:bad:5::/64 rtbh
stopped slash64-rtbh
ip -6 route flush table 666

echo 'receivers: [{name: soc, webhook: {url: "http://127.0.0.1:8081/"}}]' >/etc/slash64/notify.yaml
started slash64-notify
slash64 block 2001:db8:bad:6::/64 --for 1h --reason told >/dev/null
ok "and tells of a block" within 20 grep -qs 2001:db8:bad:6:: /root/told
stopped slash64-notify

systemctl stop slash64d
ok "with on_exit: detach, stopping slash64d takes the filter off" no attached
ok "slash64d left no warning in the journal" quiet slash64d
systemctl stop servers slash64-fetch.timer
rm -rf /etc/systemd/system/slash64-crowdsec.service.d
systemctl daemon-reload
apt_get purge $ALL
ok "purged" [ $? = 0 ]
ok "what the programs beside it kept is gone, too" eval \
	"! find /etc/systemd /var/lib/systemd /var/lib/private /var/lib -maxdepth 3 -name '*slash64*' -not -path '/var/lib/dpkg/*' | grep ."
