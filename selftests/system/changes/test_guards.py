#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Blocks that would lock the operator out, or cut the router off, are refused, and --force shows that they would
have. With real BIRDs (BGP on the link and over two hops, OSPFv3, BFD) and a real sshd on the edge.

    isp   2001:db8:0:1::1   BGP with BFD, OSPFv3 on wan0's link-local addresses; the next hop of the default route
          2001:db8:0:1::9   the next hop of a route that BGP brings
          2001:db8:0:1::79  a neighbour only
          192.0.2.1         the next hop of the IPv4 default route; 192.0.2.77 a neighbour only
    home  2001:db8:c1::2    BGP over two hops
"""
import atexit
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from harness import Skipped, check, check_equal, main, test
from lab import BAD_1, BUILD, CLIENT, CLIENT_2, EDGE_WAN, ISP_WAN, SERVER, wait_for

EDGE_LAN = "2001:db8:5e:1::1"
HOME = "2001:db8:c1::2"
CONFIGURED = "2001:db8:a:1::2"  # the attacker's own address, which the configuration names as a peer
BGP_HOP = "2001:db8:0:1::9"
CLIENT_V4 = "198.51.100.10"
EDGE_V4 = "192.0.2.2"
NEIGHBOUR_V4 = "192.0.2.77"
NEIGHBOUR = "2001:db8:0:1::79"
OWN = "2001:db8:77::/48"
SSHD_DIRECTORY = "/run/sshd"  # without it, it does not start
TOOLS = ("/usr/sbin/bird", "/usr/sbin/birdc", "/usr/sbin/sshd", "/usr/bin/ssh", "/usr/bin/ssh-keygen")

BGP = """
protocol bgp %(name)s {
	local %(local)s as %(as)d;
	neighbor %(neighbour)s as %(neighbour_as)d;
	%(words)s
	hold time 3; keepalive time 1;
	connect delay time 1; connect retry time 1; error wait time 1, 1;
	ipv6 { import all; export %(export)s; };
}
"""

BIRD = """
log "%(dir)s/bird-%(host)s.log" all;
router id %(id)s;
protocol device {}
"""

LINK_PROTOCOLS = """
protocol bfd {
	interface "%(iface)s" { min rx interval 100 ms; min tx interval 100 ms; multiplier 3; };
}
protocol ospf v3 {
	ipv6 { import none; export none; };
	area 0 { interface "%(iface)s" { type ptp; hello 1; dead count 3; }; };
}
"""

ANNOUNCED = """
protocol static { ipv6; route 2001:db8:f0::/48 blackhole; }
filter announce { if net = 2001:db8:f0::/48 then { bgp_next_hop = %s; accept; } reject; }
""" % BGP_HOP

TO_KERNEL = "protocol kernel { ipv6 { import none; export where source = RTS_BGP; }; }\n"


# --- additions to the lab ---

def add_ipv4(lab):
    for host, iface, address in (("isp", "edge0", "192.0.2.1/24"), ("isp", "edge0", NEIGHBOUR_V4 + "/24"),
                                 ("edge", "wan0", EDGE_V4 + "/24"), ("isp", "home0", "198.18.0.1/24"),
                                 ("home", "up0", "198.18.0.2/24"), ("home", "cli0", "198.51.100.1/24"),
                                 ("client", "eth0", CLIENT_V4 + "/24")):
        lab.ip(host, "addr", "add", address, "dev", iface)
    for host, prefix, via in (("edge", "default", "192.0.2.1"), ("isp", "198.51.100.0/24", "198.18.0.2"),
                              ("home", "default", "198.18.0.1"), ("client", "default", "198.51.100.1")):
        lab.ip(host, "-4", "route", "add", prefix, "via", via)
    for host in ("isp", "home"):
        lab.run(host, "sysctl", "-qw", "net.ipv4.ip_forward=1")


def start_bird(lab, host, number, text):
    path = os.path.join(lab.dir, "bird-%s.conf" % host)
    with open(path, "w") as f:
        f.write(BIRD % {"dir": lab.dir, "host": host, "id": "10.0.0.%d" % number} + text)
    lab.spawn(host, "/usr/sbin/bird", "-f", "-c", path, "-s", os.path.join(lab.dir, "bird-%s.ctl" % host),
              "-P", os.path.join(lab.dir, "bird-%s.pid" % host))


def bgp(name, local, number, neighbour, neighbour_as, words="", export="none"):
    return BGP % {"name": name, "local": local, "as": number, "neighbour": neighbour,
                  "neighbour_as": neighbour_as, "words": words, "export": export}


def start_birds(lab):
    lab.address("isp", "edge0", BGP_HOP + "/64")
    lab.address("isp", "edge0", NEIGHBOUR + "/64")
    start_bird(lab, "isp", 1, ANNOUNCED + LINK_PROTOCOLS % {"iface": "edge0"} +
               bgp("edge", ISP_WAN, 65001, EDGE_WAN, 65002, "bfd on; passive on;", "filter announce"))
    start_bird(lab, "edge", 2, TO_KERNEL + LINK_PROTOCOLS % {"iface": "wan0"} +
               bgp("isp", EDGE_WAN, 65002, ISP_WAN, 65001, "bfd on;") +
               bgp("home", EDGE_WAN, 65002, HOME, 65003, "multihop 3;"))
    # it waits for the edge to begin: nobody can tell which side a session belongs to when a
    # stranger begins it
    start_bird(lab, "home", 3, bgp("edge", HOME, 65003, EDGE_WAN, 65002, "multihop 3; passive on;"))
    for up in (bgp_is_up("isp"), bgp_is_up("home"), bfd_is_up, ospf_is_up):
        wait_for(lambda: up(lab), 30, "the session of BIRD", step=0.2)
    wait_for(lambda: BGP_HOP in lab.ip("edge", "-6", "route").stdout, 10, "the route that BGP brings")


def bird_says(lab, *words):
    done = subprocess.run(["/usr/sbin/birdc", "-s", os.path.join(lab.dir, "bird-edge.ctl")] + list(words),
                          capture_output=True, text=True, timeout=20)
    return done.stdout


def bgp_is_up(name):
    return lambda lab: "Established" in bird_says(lab, "show", "protocols", name)


def bfd_is_up(lab):
    return any(ISP_WAN in line and " Up " in line for line in bird_says(lab, "show", "bfd", "sessions").splitlines())


def ospf_is_up(lab):
    return "Full" in bird_says(lab, "show", "ospf", "neighbors")


def start_sshd(lab):
    """On ports 22 and 2222 of the edge, for root, with keys of its own."""
    if not os.path.exists(SSHD_DIRECTORY):
        os.mkdir(SSHD_DIRECTORY)
        atexit.register(os.rmdir, SSHD_DIRECTORY)
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(lab.dir, name)],
                       check=True)
    shutil.copy(os.path.join(lab.dir, "user.pub"), os.path.join(lab.dir, "authorized"))
    path = os.path.join(lab.dir, "sshd.conf")
    with open(path, "w") as f:
        f.write("Port 22\nPort 2222\nHostKey %(d)s/host\nAuthorizedKeysFile %(d)s/authorized\nPidFile none\n"
                "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
                % {"d": lab.dir})
    lab.spawn("edge", "/usr/sbin/sshd", "-D", "-e", "-f", path,
              stderr=open(os.path.join(lab.dir, "sshd.log"), "w"))
    wait_for(lambda: lab.run("edge", "ss", "-Hltn", "sport", "=", ":2222").stdout, 10, "sshd")


def ssh(lab, source, to, *words, port=22):
    return lab.run("client", "ssh", "-F", "none", "-p", str(port), "-b", source, "-l", "root",
                   "-i", os.path.join(lab.dir, "user"), "-o", "UserKnownHostsFile=/dev/null",
                   "-o", "StrictHostKeyChecking=no", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes",
                   "-o", "ConnectTimeout=3", "-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=3",
                   to, *words, check=False, timeout=40)


def config(lab, text=""):
    return lab.config("peers: [%s, 203.0.113.9]\nown: [%s]\n%s" % (CONFIGURED, OWN, text),
                      ifaces="[{name: wan0, ipv4: enforce}, {name: lan0, ipv4: enforce}]")


def prepare(lab):
    missing = [tool for tool in TOOLS if not os.path.exists(tool)]
    if missing:
        raise Skipped("there is no " + missing[0])
    add_ipv4(lab)
    start_birds(lab)
    start_sshd(lab)
    lab.start(config(lab))


# --- checks ---

def answers(host, source, to=EDGE_WAN):
    """A probe: does a ping from there arrive?"""
    def probe(lab):
        return lab.run(host, "ping", "-q", "-c", "1", "-W", "1", "-I", source, to, check=False).returncode == 0
    return probe


def check_refused(lab, done, prefix, *words):
    said = done.stderr
    if not done.returncode:
        lab.slash64("unblock", prefix, check=False)  # the next test must not find it
    check_equal(done.returncode, 1, "exit code of block %s (it said: %s)" % (prefix, (said or done.stdout).strip()))
    check_equal((done.stdout, said.count("\n")), ("", 1), "stdout, and lines of: " + said)
    for word in (prefix,) + words:
        check(word in said, "'%s' is not in: %s" % (word, said.strip()))
    check_equal(lab.json("list"), [], "blocks")


def check_guarded(lab, prefix, words, *probes):
    """Refused, with these words; with --force, everything the probes check is gone until it is
    unblocked."""
    for probe in probes:
        wait_for(lambda: probe(lab), 20, "what the block of %s would hit" % prefix, step=0.2)
    check_refused(lab, lab.slash64("block", prefix, check=False), prefix, "is not blocked", "--force", *words)
    for probe in probes:
        check(probe(lab), "the refusal of %s hit something" % prefix)
    lab.slash64("block", prefix, "--force")
    try:
        for probe in probes:
            wait_for(lambda: not probe(lab), 20, "the end of what --force hits with " + prefix, step=0.2)
    finally:
        lab.slash64("unblock", prefix)
    for probe in probes:
        wait_for(lambda: probe(lab), 30, "what unblock brings back", step=0.2)


# --- prefixes ---

@test
def everything_is_refused_even_with_force(lab):
    for prefix in ("::/0", "0.0.0.0/0"):
        for words in ((), ("--force",)):
            done = lab.slash64("block", prefix, *words, check=False)
            check_refused(lab, done, prefix, "every")
            check("--force overrides" not in done.stderr, "it offers --force: " + done.stderr)


@test
def a_short_prefix_is_refused(lab):
    check_guarded(lab, "2001:db0::/28", ("shorter than /29",), answers("client", CLIENT), bgp_is_up("isp"),
                  bgp_is_up("home"))
    check_guarded(lab, "198.48.0.0/12", ("shorter than /13",), answers("client", CLIENT_V4, EDGE_V4))


@test
def own_addresses_are_refused(lab):
    check_guarded(lab, "2001:db8:0:1::/64",
                  ("it covers %s (this router's own address on wan0)" % EDGE_WAN, ISP_WAN),
                  answers("isp", ISP_WAN), bgp_is_up("isp"), bfd_is_up)
    check_guarded(lab, "192.0.2.0/24", ("it covers %s (this router's own address on wan0)" % EDGE_V4,),
                  answers("isp", "192.0.2.1", EDGE_V4))


@test
def the_next_hop_of_the_default_route_is_refused(lab):
    check_guarded(lab, ISP_WAN + "/128",
                  ("it covers %s (next hop of the default route via wan0" % ISP_WAN, "BGP peer"),
                  answers("isp", ISP_WAN), bgp_is_up("isp"), bfd_is_up)
    check_guarded(lab, "192.0.2.1/32", ("it covers 192.0.2.1 (next hop of the default route via wan0",),
                  answers("isp", "192.0.2.1", EDGE_V4))


@test
def the_next_hop_of_a_route_from_bgp_is_refused(lab):
    check_guarded(lab, BGP_HOP + "/128", ("it covers %s (next hop via wan0" % BGP_HOP,), answers("isp", BGP_HOP))


def check_taken(lab, prefix, *words):
    lab.slash64("block", prefix, *words)
    lab.slash64("unblock", prefix)


@test
def a_neighbour_that_only_spoke_is_blocked(lab):
    """hostile 4: one ARP packet, or one neighbour solicitation, made it one."""
    for probe in (answers("isp", NEIGHBOUR), answers("isp", NEIGHBOUR_V4, EDGE_V4)):
        wait_for(lambda: probe(lab), 20, "the neighbours", step=0.2)
    check_taken(lab, NEIGHBOUR + "/128")
    check_taken(lab, NEIGHBOUR_V4 + "/32")


@test
def a_permanent_neighbour_is_refused(lab):
    lab.ip("edge", "neigh", "replace", SERVER, "lladdr", lab.mac("server", "eth0"), "dev", "lan0", "nud", "permanent")
    try:
        # the kernel's reports for the previous test stay valid for a moment
        wait_for(lambda: "neighbour on" in lab.slash64("block", SERVER + "/128", "--dry-run", check=False).stderr, 5,
                 "the refusal")
        check_guarded(lab, SERVER + "/128", ("it covers %s (neighbour on lan0)" % SERVER,),
                      answers("server", SERVER, EDGE_LAN))
    finally:
        lab.ip("edge", "neigh", "del", SERVER, "dev", "lan0")


# --- peers ---

@test
def a_bgp_peer_over_two_hops_is_refused(lab):
    check_guarded(lab, "2001:db8:c1::/64", ("it covers %s (BGP peer)" % HOME,), answers("home", HOME),
                  bgp_is_up("home"))


@test
def a_configured_peer_is_refused(lab):
    check_guarded(lab, "2001:db8:a:1::/64", ("it covers %s (configured peer)" % CONFIGURED,),
                  answers("attacker", CONFIGURED))
    check_refused(lab, lab.slash64("block", "203.0.113.9", check=False), "203.0.113.9/32", "configured peer")


# --- the operator ---

def slash64_words(lab, *words):
    return (os.path.join(BUILD, "slash64"), "--socket", lab.socket) + words


def check_ssh(lab, source, to, prefix, *before, port=22):
    """Someone logs in and blocks his own address: refused; with --force he cannot log in again."""
    block = before + slash64_words(lab, "block", prefix)
    check_equal(ssh(lab, source, to, "true", port=port).returncode, 0, "exit code of ssh")
    # sh stays, because its environment shows who is logged in
    check_refused(lab, ssh(lab, source, to, " ".join(block) + "; exit $?", port=port), prefix, source,
                  "from where you are logged in over SSH", "--force")
    check_equal(ssh(lab, source, to, "true", port=port).returncode, 0, "exit code of ssh after the refusal")
    ssh(lab, source, to, *block, "--force", port=port)
    try:
        check_equal(ssh(lab, source, to, "true", port=port).returncode, 255, "exit code of ssh when locked out")
    finally:
        lab.slash64("unblock", prefix)
    wait_for(lambda: ssh(lab, source, to, "true", port=port).returncode == 0, 20, "ssh after unblock")


@test
def the_operators_own_source_is_refused(lab):
    check_ssh(lab, CLIENT, EDGE_WAN, "2001:db8:c1:1::/64")


@test
def the_operators_own_source_over_ipv4_is_refused(lab):
    check_ssh(lab, CLIENT_V4, EDGE_V4, CLIENT_V4 + "/32")


@test
def the_operators_source_is_known_on_any_port_and_without_his_environment(lab):
    check_ssh(lab, CLIENT_2, EDGE_WAN, "2001:db8:c1:2::/64", port=2222)
    check_ssh(lab, CLIENT_2, EDGE_WAN, "2001:db8:c1:2::/64", "env", "-i", port=2222)


@test
def who_only_holds_a_connection_to_ssh_is_blocked(lab):
    """hostile 4: a host that guesses passwords could not be blocked by a script, nor by a feed."""
    source = "2001:db8:bad:1::66"
    guess = lab.spawn("attacker", "/usr/bin/python3", "-c",
                      "import socket, time\ns = socket.create_connection(('%s', 22), 10, ('%s', 0))\n"
                      "print(s.recv(1), flush=True)\ntime.sleep(60)\n" % (EDGE_WAN, source))
    try:
        check(guess.stdout.readline(), "no connection to port 22")
        check_taken(lab, source)
    finally:
        guess.kill()
        guess.wait()


# --- networks behind the router ---

@test
def a_server_behind_the_router_is_refused(lab):
    """field L8: the network on lan0 is our own, as an address of the edge shows."""
    check_guarded(lab, SERVER + "/128", ("it is part of 2001:db8:5e:1::/64, the network on lan0",),
                  answers("server", SERVER, EDGE_LAN))


@test
def a_list_does_not_take_ones_own_networks(lab):
    """field L8: a line that names one is refused and reported, by hand and in a list."""
    check_refused(lab, lab.slash64("block", "2001:db8:77:1::5", check=False), "2001:db8:77:1::/64", OWN, "own")
    path = os.path.join(lab.dir, "own.txt")
    with open(path, "w") as f:
        f.write("2001:db8:77:1::/64\n2001:db8:76::/47\n%s/128\n2001:db8:66:1::/64\n" % SERVER)
    done = lab.slash64("--json", "import", path, "--origin", "own")
    result = json.loads(done.stdout)
    check_equal((result["added"], result["refused_by"]["guard"]), (1, 3), "entries added, and refused")
    text = json.dumps(result["problems"])
    for word in (OWN, "own", "the network on lan0"):
        check(word in text, "'%s' is not in %s" % (word, text))
    lab.slash64("unblock", "2001:db8:66:1::/64", "--origin", "own")


# --- other ways to block, and changes that are not blocks ---

@test
def a_dry_run_tells_that_it_would_be_refused(lab):
    done = lab.slash64("block", ISP_WAN + "/128", "--dry-run", check=False)
    check_equal((done.returncode, done.stderr.count("\n")), (1, 1), "exit code, and lines of: " + done.stderr)
    check("next hop of the default route" in done.stderr, "it said: " + done.stderr)
    check_equal(lab.slash64("block", ISP_WAN + "/128", "--dry-run", "--force").returncode, 0, "with --force")
    check_equal(lab.json("list"), [], "blocks")


@test
def a_list_in_the_configuration_is_refused_on_a_reload(lab):
    config(lab, "block: [%s/128]" % ISP_WAN)
    check_refused(lab, lab.slash64("reload", check=False), ISP_WAN, "next hop of the default route", "force: true")
    check(bgp_is_up("isp")(lab), "BGP is down")
    config(lab)
    lab.slash64("reload")



@test
def who_is_none_of_these_is_blocked_without_force(lab):
    check(answers("attacker", "2001:db8:bad:1::66")(lab), "it does not come through")
    lab.slash64("block", BAD_1)
    check(not answers("attacker", "2001:db8:bad:1::66")(lab), "it is not blocked")
    lab.slash64("unblock", BAD_1)


main(prepare)
