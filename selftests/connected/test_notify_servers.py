#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64-notify with the servers of others: rsyslog over UDP, TCP and TLS, with its own parser of CEF; exim, with STARTTLS and a
login.

    test_notify_servers.py [WORD]...     only the tests with one of the words in their name
"""
import glob
import json
import os
import re
import shutil
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system", "notify"))

from notify_lab import Skip, begin, change, equal, free_port, main, numbers_in, test, wait_for, wait_position  # noqa: E402


def need(program, path=None):
    if not shutil.which(program) or (path and not os.path.exists(path)):
        raise Skip("%s is not installed" % (path or program))


class Certificates:
    """An authority, and a certificate of it for ::1."""

    def __init__(self, directory, name):
        need("openssl")
        self.ca, self.cert, self.key = [os.path.join(directory, name + end) for end in ("-ca.pem", "-cert.pem", "-key.pem")]
        ca_key, request, extensions = [os.path.join(directory, name + end) for end in ("-ca-key.pem", ".csr", ".ext")]
        with open(extensions, "w") as file:
            file.write("subjectAltName = IP:::1\n")
        for words in (["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                       "/CN=%s test authority" % name, "-keyout", ca_key, "-out", self.ca],
                      ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name, "-keyout",
                       self.key, "-out", request],
                      ["x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", ca_key, "-CAcreateserial", "-days", "2",
                       "-extfile", extensions, "-out", self.cert]):
            subprocess.run(["openssl", *words], check=True, capture_output=True)
        os.chmod(self.key, 0o644)


MODULES = "/usr/lib/%s-linux-gnu/rsyslog" % os.uname().machine


class Rsyslog:
    """The last member of a line of its file is what its own parser (mmnormalize, liblognorm) makes of a CEF message."""

    def __init__(self, lab, kind, certificates=None):
        need("rsyslogd", certificates and MODULES + "/lmnsd_gtls.so")
        self.dir = os.path.join(lab.dir, "rsyslog")
        os.makedirs(self.dir, exist_ok=True)
        self.out, self.port = os.path.join(self.dir, "out"), free_port(socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
        self.config = os.path.join(self.dir, "rsyslog.conf")
        rules = os.path.join(self.dir, "cef.rulebase")
        with open(rules, "w") as file:
            file.write("version=2\nrule=:%f:cef%\n")
        tls = certificates and ('defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="%s" '
                                'defaultNetstreamDriverCertFile="%s" defaultNetstreamDriverKeyFile="%s"'
                                % (certificates.ca, certificates.cert, certificates.key))
        with open(self.config, "w") as file:
            file.write('global(workDirectory="%s" maxMessageSize="64k" %s)\nmodule(load="im%s"%s)\nmodule(load="mmnormalize")\n'
                       'input(type="im%s" address="::1" port="%d")\n'
                       'template(name="all" type="string" string="%%protocol-version%%|%%timestamp:::date-rfc3339%%|%%app-name%%|'
                       '%%msgid%%|%%structured-data%%|%%msg%%\t%%$!all-json%%\n")\n'
                       'action(type="mmnormalize" ruleBase="%s" useRawMsg="off")\n'
                       'action(type="omfile" file="%s" template="all" flushOnTXEnd="on")\n'
                       % (self.dir, tls or "", kind,
                          ' streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon"' if tls else "",
                          kind, self.port, rules, self.out))
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["rsyslogd", "-n", "-f", self.config, "-i", os.path.join(self.dir, "pid")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def whole(self):
        try:
            with open(self.out) as file:
                return [line for line in file.read().splitlines() if "|slash64|" in line]
        except OSError:
            return []

    def lines(self):
        return [line.rsplit("\t", 1)[0] for line in self.whole()]

    def parsed(self):
        """[{member: value}] of what liblognorm takes for CEF."""
        return [json.loads(line.rsplit("\t", 1)[1]).get("f") for line in self.whole()]


@test
def rsyslog_takes_every_change_over_tcp_also_after_its_own_restart(lab):
    server = Rsyslog(lab, "tcp")
    begin(lab, {"name": "siem", "syslog": {"server": "[::1]:%d" % server.port, "transport": "tcp"}})
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 12)])
    wait_for(lambda: "siem takes nothing" in lab.read(), lab.read)
    server.start()
    wait_for(lambda: len(server.lines()) == 10, lambda: "%r %s" % (server.lines(), lab.read()))
    server.stop()
    lab.log.add(change(12, reason='"] \\ 名'), change(13))
    server.start()
    wait_for(lambda: len(server.lines()) == 12, lambda: "%r %s" % (server.lines(), lab.read()))
    server.stop()
    equal(numbers_in("\n".join(line.split("|")[5] for line in server.lines())), list(range(2, 14)))
    version, when, program, kind, data, text = server.lines()[10].split("|", 5)
    equal((version, when, program, kind), ("1", "2026-11-26T20:00:12.250Z", "slash64", "block"))
    for part in ('number="12"', 'prefix="2001:db8:bad:c::/64"', 'ticket="T-1"'):
        assert part in data, data
    assert '"] \\ 名' in text, text


@test
def rsyslog_takes_every_change_over_tls_from_whom_it_trusts(lab):
    ours, others = Certificates(lab.dir, "ours"), Certificates(lab.dir, "others")
    server = Rsyslog(lab, "tcp", ours)
    server.start()

    def receiver(name, ca):
        return {"name": name, "syslog": {"server": "[::1]:%d" % server.port, "transport": "tls", "ca": ca}}
    begin(lab, receiver("siem", ours.ca), receiver("fooled", others.ca))
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 12)])
    wait_for(lambda: len(server.lines()) == 10, lambda: "%r %s" % (server.lines(), lab.read()))
    server.stop()
    lab.log.add(*[change(n) for n in range(12, 22)])
    wait_for(lambda: "siem takes nothing" in lab.read(), lab.read)
    server.start()
    wait_for(lambda: len(server.lines()) >= 20, lambda: "%r %s" % (server.lines(), lab.read()))
    wait_for(lambda: "fooled takes nothing" in lab.read(), lab.read)
    server.stop()
    equal(numbers_in("\n".join(line.split("|")[5] for line in server.lines())), list(range(2, 22)),
          "each once: the receiver that trusts another authority has sent none")


HOSTILE = 'a=b|c\\d "] end=1 名前 \n rt=0 = | \\'


@test
def what_is_sent_as_cef_is_parsed_back_by_liblognorm(lab):
    server = Rsyslog(lab, "udp")
    server.start()
    wait_for(lambda: os.path.exists(os.path.join(server.dir, "pid")), "rsyslog did not start")
    begin(lab, {"name": "siem", "syslog": {"server": "[::1]:%d" % server.port, "transport": "udp", "format": "cef"}})
    wait_position(lab, 1)
    sent = [change(2, reason="echo flood"), change(3, reason=HOSTILE, ticket="a=b", origin="detect:syn-flood"),
            change(4, "unblock", until=None, reason=None, ticket=None), change(5, "reload", prefix=None, origin=None, until=None)]
    lab.log.add(*sent)
    wait_for(lambda: len(server.lines()) == len(sent), lambda: "%r %s" % (server.lines(), lab.read()))
    server.stop()
    for change_sent, cef in zip(sent, server.parsed()):
        equal((cef["DeviceVendor"], cef["DeviceProduct"], cef["SignatureID"]), ("slash64", "slash64", change_sent["action"]))
        members = cef["Extensions"]
        equal(members.get("cs1"), change_sent["prefix"], "the prefix")
        equal(members.get("reason"), change_sent["reason"], "the reason")
        equal(members.get("suser"), "anna", "who did it")


LOGIN = ("begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n"
         "  server_condition = ${if and{{eq{$auth2}{slash64}}{eq{$auth3}{secret}}}}\n"
         "  server_advertise_condition = ${if def:tls_in_cipher}\n")


class Exim:
    """With certificates it offers STARTTLS, and takes mail only from who has logged in over it."""

    def __init__(self, lab, certificates=None):
        need("exim4")
        self.dir = os.path.join(lab.dir, "exim")
        self.port = free_port()
        os.chmod(lab.dir, 0o711)
        for name in ("", "spool", "log", "mail"):
            os.makedirs(os.path.join(self.dir, name), exist_ok=True)
            shutil.chown(os.path.join(self.dir, name), "Debian-exim", "Debian-exim")
        self.config = os.path.join(self.dir, "exim.conf")
        with open(self.config, "w") as file:
            file.write("primary_hostname = mail.example.net\nspool_directory = %(d)s/spool\n"
                       "log_file_path = %(d)s/log/%%slog\npid_file_path = %(d)s/pid\nlocal_interfaces = <; ::1\n"
                       "daemon_smtp_ports = %(p)d\nacl_smtp_rcpt = rcpt\nacl_smtp_data = accept\nhost_lookup =\n"
                       "rfc1413_query_timeout = 0s\nkeep_environment =\n%(t)s"
                       "begin acl\nrcpt:\n  deny local_parts = gone\n%(n)s  accept\n%(l)sbegin routers\nall:\n  driver = accept\n  transport = file\n"
                       "begin transports\nfile:\n  driver = appendfile\n  directory = %(d)s/mail\n  maildir_format\n"
                       "  create_directory\n  user = Debian-exim\n"
                       % {"d": self.dir, "p": self.port,
                          "t": "tls_advertise_hosts = *\ntls_certificate = %s\ntls_privatekey = %s\n"
                               % (certificates.cert, certificates.key) if certificates else "tls_advertise_hosts =\n",
                          "n": "  deny !authenticated = *\n" if certificates else "",
                          "l": LOGIN if certificates else ""})
        os.chmod(self.config, 0o644)

    def start(self):
        self.process = subprocess.Popen(["exim4", "-C", self.config, "-bdf", "-q10s"], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def mails(self):
        mails = []
        for path in glob.glob(os.path.join(self.dir, "mail", "new", "*")):
            with open(path, errors="replace") as file:
                mails.append(file.read())
        return sorted(mails, key=lambda text: int(re.search(r"^Message-ID: <slash64\.(\d+)\.", text, re.M).group(1)))


@test
def exim_takes_mails_one_for_each_change_of_an_incident(lab):
    server = Exim(lab)
    begin(lab, {"name": "noc", "mail": {"server": "smtp://[::1]:%d" % server.port, "from": "slash64@example.net",
                                        "to": ["noc@example.net", "gone@example.net", "soc@example.net"], "incident": "1h"}})
    wait_position(lab, 1)
    lab.log.add(change(2, reason="名前 flood"))
    wait_for(lambda: "noc takes nothing" in lab.read(), lab.read)
    server.start()
    wait_for(lambda: len(server.mails()) == 2, lambda: "%r %s" % (server.mails(), lab.read()))
    mail = server.mails()[0]
    for part in ("Subject: [slash64 ", "] block 2001:db8:bad:2::/64\n", "From: slash64 <slash64@example.net>",
                 "Auto-Submitted: auto-generated", "名前 flood", "Until      2026-11-26T21:00:00Z", "Check ", "Spoken "):
        assert part in mail, "no %r in %s" % (part, mail)
    lab.log.add(change(3, "block", prefix="2001:db8:bad:2::/64", reason="again"),
                change(4, "unblock", prefix="2001:db8:bad:2::/64", until=None))
    wait_for(lambda: len(server.mails()) == 4, lambda: "%r %s" % (server.mails(), lab.read()))
    # it is blocked again: the last mail is how things are
    lab.log.add(change(5, "apply", prefix="2001:db8:bad:2::/64"), change(6, "block", prefix="2001:db8:bad:2::/64"))
    wait_for(lambda: len(server.mails()) == 6, lambda: "%r %s" % (server.mails(), lab.read()))
    assert "] block " in server.mails()[-1], server.mails()[-1]
    server.stop()
    texts = [mail for mail in server.mails() if "again" in mail]
    equal(texts, [], "the same thing again is no news within the incident")
    ends = [mail for mail in server.mails() if "] unblock " in mail]
    first = re.search(r"^Message-ID: (<[^>]+>)$", mail, re.M).group(1)
    assert len(ends) == 2 and "In-Reply-To: %s" % first in ends[0], ends


@test
def exim_takes_mail_over_starttls_from_who_has_logged_in(lab):
    certificates = Certificates(lab.dir, "mail")
    server = Exim(lab, certificates)
    passwords = {name: os.path.join(lab.dir, name) for name in ("secret", "wrong")}
    for name, path in passwords.items():
        with open(path, "w") as file:
            file.write(name + "\n")

    def receiver(name, password, ca):
        return {"name": name, "mail": {"server": "smtp://[::1]:%d" % server.port, "from": "slash64@example.net",
                                       "to": [name + "@example.net"], "user": "slash64", "password_file": passwords[password],
                                       "ca": ca}}
    server.start()
    begin(lab, receiver("noc", "secret", certificates.ca), receiver("guesser", "wrong", certificates.ca),
          receiver("fooled", "secret", Certificates(lab.dir, "others").ca))
    wait_position(lab, 1)
    lab.log.add(change(2), change(3))
    wait_for(lambda: len(server.mails()) == 2, lambda: "%r %s" % (server.mails(), lab.read()))
    for name in "guesser", "fooled":
        wait_for(lambda: name + " takes nothing" in lab.read(), lab.read)
    server.stop()
    equal([re.search(r"^To: (.*)$", mail, re.M).group(1) for mail in server.mails()], ["<noc@example.net>"] * 2, "mails")
    equal([bool(re.search(r"with esmtpsa", mail)) for mail in server.mails()], [True] * 2, "encrypted and after a login")
    assert "secret" not in lab.read(), "a password in the journal"


main()
