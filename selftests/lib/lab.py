# SPDX-License-Identifier: GPL-2.0-only
"""A network of namespaces with a real Linux router at its edge.

    attacker ------------ isp --- edge --- server    the edge's outside interface is wan0,
    client --- home -----/                           where slash64 is attached

The link between home and isp has an MTU of 1280, all others 1500, and the client does not know: a
download from the server reaches the client only if the isp's Packet Too Big gets back through the
edge."""
import atexit
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from namespaces import LabError, inside, ip_batch, list_namespaces, offloads_off, processes_in, set_sysctl

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("SLASH64_BUILD", os.path.join(ROOT, "build"))
PINS_PARENT = "/sys/fs/bpf"

SERVER = "2001:db8:5e:1::10"
CLIENT = "2001:db8:c1:1::10"
CLIENT_2 = "2001:db8:c1:2::10"
EDGE_WAN = "2001:db8:0:1::2"
ISP_WAN = "2001:db8:0:1::1"
ATTACKER_NET = "2001:db8:bad::/48"
BAD_1 = "2001:db8:bad:1::/64"
BAD_2 = "2001:db8:bad:2::/64"

# (host, interface, host, interface, MTU)
LINKS = (("attacker", "eth0", "isp", "att0", 1500),
         ("client", "eth0", "home", "cli0", 1500),
         ("home", "up0", "isp", "home0", 1280),
         ("isp", "edge0", "edge", "wan0", 1500),
         ("edge", "lan0", "server", "eth0", 1500))
ADDRESSES = (("isp", "att0", "2001:db8:a:1::1/64"),
             ("attacker", "eth0", "2001:db8:a:1::2/64"),
             ("isp", "home0", "2001:db8:c1::1/64"),
             ("home", "up0", "2001:db8:c1::2/64"),
             ("home", "cli0", "2001:db8:c1:1::1/64"),
             ("home", "cli0", "2001:db8:c1:2::1/64"),
             ("client", "eth0", CLIENT + "/64"),
             ("client", "eth0", CLIENT_2 + "/64 preferred_lft 0"),
             ("isp", "edge0", ISP_WAN + "/64"),
             ("edge", "wan0", EDGE_WAN + "/64"),
             ("edge", "lan0", "2001:db8:5e:1::1/64"),
             ("server", "eth0", SERVER + "/64"),
             ("attacker", "lo", "2001:db8:bad:1::66/64"),
             ("attacker", "lo", "2001:db8:bad:2::66/64"))
ROUTES = (("attacker", "default", "2001:db8:a:1::1"),
          ("client", "default", "2001:db8:c1:1::1"),
          ("home", "default", "2001:db8:c1::1"),
          ("isp", "2001:db8:c1::/48", "2001:db8:c1::2"),
          ("isp", ATTACKER_NET, "2001:db8:a:1::2"),
          ("isp", "default", EDGE_WAN),
          ("edge", "default", ISP_WAN),
          ("server", "default", "2001:db8:5e:1::1"))
ROUTERS = ("home", "isp", "edge")
HOST_SYSCTLS = (("net.ipv6.conf.all.accept_dad", 1), ("net.ipv6.conf.default.accept_dad", 1))
ROUTER_SYSCTLS = (("net.ipv6.conf.all.forwarding", 1), ("net.ipv6.icmp.ratelimit", 0))
IFA_F_TENTATIVE = 0x40


class Lab:
    """Namespaces, their processes, and one slash64d on the edge. Cleans up however it ends."""

    check_rows = None  # of a test: (words, rows) of each slash64 --json
    COMMAND_S = 120  # how long a slash64 command may take
    HOSTS = ("attacker", "client", "home", "isp", "edge", "server")

    def __init__(self):
        self.id = "s64-%d" % os.getpid()
        self.processes = []
        self.daemon = None
        self.dir = tempfile.mkdtemp(prefix=self.id + "-")
        self.pins = "%s/%s" % (PINS_PARENT, self.id)
        self.socket = os.path.join(self.dir, "control.sock")
        self.cli = os.path.join(BUILD, "slash64")
        self.metrics = "[::1]:9664"
        self.closed = False
        atexit.register(self.close)

    # --- namespaces ---

    def ns(self, host):
        return "%s-%s" % (self.id, host)

    def argv(self, host, argv):
        # not `ip netns exec`, which mounts a new /sys and hides bpffs
        return ["nsenter", "--net=/run/netns/" + self.ns(host)] + list(argv)

    def inside(self, host):
        """This thread is in the namespace of a host, and what it starts stays there. It costs no nsenter."""
        return inside("/run/netns/" + self.ns(host))

    def run(self, host, *argv, check=True, timeout=60, input=None):
        with self.inside(host):
            done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout, input=input)
        if check and done.returncode:
            raise LabError("%s: %s: %s" % (host, " ".join(argv), (done.stderr or done.stdout).strip()))
        return done

    def spawn(self, host, *argv, **kw):
        kw.setdefault("stdout", subprocess.PIPE)
        kw.setdefault("stderr", subprocess.PIPE)
        with self.inside(host):
            process = subprocess.Popen(argv, text=True, stdin=subprocess.DEVNULL, **kw)
        self.processes.append(process)
        return process

    def ip(self, host, *words):
        return self.run(host, "ip", *words)

    def wire(self, links):
        """Makes pairs of veths."""
        ip_batch(["link add %s mtu %d netns %s type veth peer name %s mtu %d netns %s" %
                  (a_name, mtu, self.ns(a), b_name, mtu, self.ns(b)) for a, a_name, b, b_name, mtu in links])

    def veth(self, a, a_name, b, b_name, mtu=1500):
        self.wire([(a, a_name, b, b_name, mtu)])
        for host, name in ((a, a_name), (b, b_name)):
            with self.inside(host):
                self.up([name])

    @staticmethod
    def up(names, lines=()):
        """Frames on a real wire are no larger than the MTU, with valid checksums and tags in front."""
        for name in names:
            offloads_off(name)
        ip_batch(["link set %s up" % name for name in names] + list(lines))

    def in_namespace(self, host, function, *args):
        """Calls a function in a child process in the namespace of a host."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                with self.inside(host):
                    function(*args)
                    code = 0
            finally:
                os._exit(code)
        if os.waitpid(child, 0)[1]:
            raise LabError("%s: %s%r failed" % (host, function.__name__, args))

    def address(self, host, iface, address, *words):
        self.ip(host, "-6", "addr", "add", address, "dev", iface, *(words or ("nodad",)))

    def route(self, host, prefix, via):
        self.ip(host, "-6", "route", "add", prefix, "via", via)

    def build(self):
        ensure_bpffs()
        cleanup_stale()
        ip_batch(["netns add " + self.ns(host) for host in self.HOSTS])
        self.wire(LINKS)
        for host in self.HOSTS:
            with self.inside(host):
                self.furnish(host)
        wait_for(lambda: not self.tentative("edge"), 5, "addresses of the edge")
        # the first packets of the floods must not wait for neighbour discovery
        self.run("attacker", "ping", "-6", "-q", "-c", "1", "-i", "0.2", "-w", "10", "-I", "2001:db8:bad:1::66", SERVER)
        return self

    def furnish(self, host):
        for name, value in HOST_SYSCTLS + (ROUTER_SYSCTLS if host in ROUTERS else ()):
            set_sysctl(name, value)
        self.up([link[i + 1] for link in LINKS for i in (0, 2) if link[i] == host],
                ["link set lo up"] +
                ["address add %s dev %s nodad" % (address, name) for at, name, address in ADDRESSES if at == host] +
                ["route add %s via %s" % (prefix, via) for at, prefix, via in ROUTES if at == host])

    def tentative(self, host):
        """Addresses that are not yet known to be unique."""
        with self.inside(host), open("/proc/thread-self/net/if_inet6") as f:
            return [line for line in f if int(line.split()[4], 16) & IFA_F_TENTATIVE]

    def mac(self, host, iface):
        return json.loads(self.run(host, "ip", "-j", "link", "show", "dev", iface).stdout)[0]["address"]

    # --- traffic ---

    def flood(self, prefix, rate, seconds, kind="echo", dst=SERVER, watch=False, sources=1):
        """watch: also reports when the first packet of a blocked source was dropped. sources: so many /64s in turn."""
        watched = ["--counters", os.path.join(self.pins, "maps", "s64_counters")] if watch else []
        return self.spawn("attacker", os.path.join(BUILD, "flood"), "--iface", "eth0", "--gateway",
                          self.mac("isp", "att0"), "--src", prefix, "--dst", dst, "--rate", str(rate),
                          "--seconds", str(seconds), "--kind", kind, "--sources", str(sources), *watched)

    def receiver(self, seconds, host="server", iface="eth0"):
        process = self.spawn(host, os.path.join(BUILD, "flood"), "--receive", "--iface", iface,
                             "--seconds", str(seconds))
        process.stderr.readline()  # it is listening
        return process

    @staticmethod
    def end(process):
        """Ends a flood or a receiver early; it reports its counts."""
        process.send_signal(signal.SIGINT)

    @staticmethod
    def received(process):
        out, _ = process.communicate(timeout=120)
        return json.loads(out)

    def arriving(self, *prefixes, rate, seconds, kind="udp"):
        """Sends from each of them; returns what the server received, when all was sent."""
        receiver = self.receiver(300)
        for flood in [self.flood(prefix, rate, seconds, kind) for prefix in prefixes]:
            flood.communicate(timeout=120)
        time.sleep(0.2)
        self.end(receiver)
        return self.received(receiver)

    def ping(self, host, address=SERVER, count=3, interval=0.2, source=None):
        words = ["ping", "-6", "-q", "-c", str(count), "-i", str(interval), "-W", "2"]
        if source:
            words += ["-I", source]
        done = self.run(host, *words, address, check=False, timeout=30 + count * interval)
        for line in done.stdout.splitlines():
            if "packet loss" in line:
                return float(line.split("% packet loss")[0].split()[-1])
        return 100.0

    def download(self, megabytes, timeout=60):
        """The client downloads from the server over TCP. Returns the number of bytes that arrived
        intact."""
        script = ("import socket,sys\n"
                  "s=socket.create_server(('::',8080),family=socket.AF_INET6)\n"
                  "c,_=s.accept()\n"
                  "b=bytes(range(256))*4096\n"
                  "for i in range(int(sys.argv[1])): c.sendall(b)\n"
                  "c.close()\n")
        server = self.spawn("server", "/usr/bin/python3", "-c", script, str(megabytes))
        wait_for(lambda: ":8080" in self.run("server", "ss", "-ltn").stdout, 5, "the server")
        fetch = ("import socket,hashlib\n"
                 "s=socket.create_connection(('%s',8080),timeout=20)\n"
                 "h=hashlib.sha256();n=0\n"
                 "while True:\n"
                 "  b=s.recv(1<<16)\n"
                 "  if not b: break\n"
                 "  h.update(b);n+=len(b)\n"
                 "w=hashlib.sha256()\n"
                 "for i in range(%d): w.update(bytes(range(256))*4096)\n"
                 "print(n if h.digest()==w.digest() else -1)\n" % (SERVER, megabytes))
        done = self.run("client", "/usr/bin/python3", "-c", fetch, check=False, timeout=timeout)
        server.kill()
        server.wait()
        return int(done.stdout.strip() or -1) if done.returncode == 0 else -1

    def forget_mtu(self):
        """Path MTU discovery has to start again; the client offers the known MTU in its MSS."""
        for host in ("server", "client"):
            self.run(host, "ip", "-6", "route", "flush", "cache")

    def counter(self, host, name):
        text = self.run(host, "nstat", "-asz", name).stdout
        for line in text.splitlines():
            if line.startswith(name):
                return int(line.split()[1])
        return 0

    # --- slash64 ---

    def config(self, text="", ifaces="[{name: wan0}]", on_exit="detach"):
        path = os.path.join(self.dir, "slash64.yaml")
        with open(path, "w") as f:
            f.write("interfaces: %s\ncontrol: {socket: %s}\nmetrics: {listen: '%s'}\n"
                    "state: %s/state\nmaps: {pins: %s}\non_exit: %s\n%s\n"
                    % (ifaces, self.socket, self.metrics, self.dir, self.pins, on_exit, text))
        return path

    def start(self, config=None, wait=True, env=None, wrap=()):
        """With a configuration, or with the one written last; `env` extends the environment; `wrap`
        is a command prefix."""
        config = config or os.path.join(self.dir, "slash64.yaml")
        self.log = open(os.path.join(self.dir, "slash64d.log"), "a+")
        before = self.log.tell()
        self.daemon = self.spawn("edge", *wrap, os.path.join(BUILD, "slash64d"), "--config", config,
                                 stdout=self.log, stderr=self.log, env=env and dict(os.environ, **env))
        if wait:
            wait_for(lambda: self.daemon.poll() is not None or
                     "slash64d: ready" in self.logged(before), 20, "slash64d")
            if self.daemon.poll() is not None:
                raise LabError("slash64d ended: " + self.logged(before).strip())
        return self.daemon

    def logged(self, since=0):
        with open(os.path.join(self.dir, "slash64d.log")) as f:
            f.seek(since)
            return f.read()

    def stop(self, number=signal.SIGTERM):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(number)
            self.daemon.wait(timeout=20)
            if number == signal.SIGTERM and self.daemon.returncode:
                raise LabError("slash64d ended with %d: %s" % (self.daemon.returncode, self.logged()[-4000:].strip()))

    def slash64(self, *words, check=True):
        done = subprocess.run([self.cli, "--socket", self.socket] + list(words),
                              capture_output=True, text=True, timeout=self.COMMAND_S)
        if check and done.returncode:
            raise LabError("slash64 %s: %s" % (" ".join(words), done.stderr.strip()))
        return done

    def json(self, *words):
        rows = [json.loads(line) for line in self.slash64("--json", *words).stdout.splitlines()]
        if self.check_rows:
            self.check_rows(words, rows)
        return rows

    def status(self):
        """It ends with 1 if there is a problem, and prints its answer nevertheless."""
        done = self.slash64("--json", "status", check=False)
        if not done.stdout:
            raise LabError("slash64 status: " + done.stderr.strip())
        return json.loads(done.stdout)

    # --- cleaning up ---

    def close(self):
        if self.closed:
            return
        self.closed = True
        atexit.unregister(self.close)
        for process in self.processes:
            if process.poll() is None:
                process.kill()
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
        remove(self.id)
        shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        for number in INTERRUPTS:
            signal.signal(number, interrupt_once)
        try:
            return self.build()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        ignore_interrupts()
        self.close()


INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ignore_interrupts():
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


def interrupt_once(number, frame):
    """A second Ctrl-C must not leave half of it behind."""
    ignore_interrupts()
    raise KeyboardInterrupt


def remove(lab):
    """Processes, namespaces, pins and files of a lab. Attached programs go with their interface."""
    names = list_namespaces(lab + "-")
    for pid in processes_in(names):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if names:
        subprocess.run(["ip", "-force", "-batch", "-"], input="".join("netns del %s\n" % n for n in names), text=True,
                       capture_output=True)
    shutil.rmtree("%s/%s" % (PINS_PARENT, lab), ignore_errors=True)
    for parent in (PINS_PARENT, tempfile.gettempdir()):
        for path in glob.glob(os.path.join(parent, lab + "-*")):
            unmount_below(path)
            shutil.rmtree(path, ignore_errors=True)


def unmount_below(path):
    """For example the small disks of a killed test."""
    with open("/proc/self/mounts") as f:
        points = [line.split()[1] for line in f]
    for point in points:
        if point.startswith(path + "/"):
            subprocess.run(["umount", "--lazy", point], capture_output=True)


def cleanup_stale():
    """Remains of labs whose process is gone."""
    left = {n.rsplit("-", 1)[0] for n in list_namespaces("s64-")}
    if os.path.isdir(PINS_PARENT):
        left |= {"-".join(n.split("-")[:2]) for n in os.listdir(PINS_PARENT) if n.startswith("s64-")}
    left |= {n.rsplit("-", 1)[0] for n in os.listdir(tempfile.gettempdir()) if n.startswith("s64-")}
    for lab in left:
        pid = lab[len("s64-"):]
        if pid.isdigit() and not os.path.exists("/proc/" + pid):
            remove(lab)


def ensure_bpffs():
    if not os.path.ismount(PINS_PARENT):
        subprocess.run(["mount", "-t", "bpf", "bpf", PINS_PARENT], check=True)


def wait_for(condition, seconds, what, step=0.02):
    """Pauses as long as the last look took, so that a look that starts a program leaves the CPU to what it waits for."""
    end = time.monotonic() + seconds
    while True:
        begun = time.monotonic()
        value = condition()
        if value:
            return value
        looked = time.monotonic()
        if looked > end:
            raise LabError("%s did not come in %g s" % (what() if callable(what) else what, seconds))
        time.sleep(max(step, min(looked - begun, 0.25)))
