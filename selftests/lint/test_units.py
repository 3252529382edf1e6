#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every module of user/ has a unit test of its own name: user/ROOM/MODULE.c has selftests/unit/ROOM/test_MODULE.c. Modules
without one are listed in selftests/lint/units, each with the test that covers it and the reason."""
import os

from sources import ROOT, finish

LIST = "selftests/lint/units"


def modules():
    for directory, below, names in os.walk(os.path.join(ROOT, "user")):
        for name in sorted(names):
            if name.endswith(".c") and not name.startswith("."):
                yield os.path.relpath(os.path.join(directory, name), ROOT)


def unit_test(module):
    room, name = os.path.split(module)
    return "selftests/unit/%s/test_%s" % (room[len("user/"):], name)


def listed():
    """{module: (test, reason)}, and the errors in the list."""
    found, wrong = {}, []
    for number, line in enumerate(open(os.path.join(ROOT, LIST)), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(None, 2)
        where = "%s:%d" % (LIST, number)
        if len(fields) != 3:
            wrong.append("%s: a line is MODULE TEST REASON" % where)
            continue
        module, test, reason = fields
        if module in found:
            wrong.append("%s: %s is listed twice" % (where, module))
        if not os.path.exists(os.path.join(ROOT, module)):
            wrong.append("%s: there is no %s" % (where, module))
        if not os.path.exists(os.path.join(ROOT, test)):
            wrong.append("%s: there is no %s" % (where, test))
        found[module] = test, reason
    return found, wrong


def main():
    known, wrong = listed()
    passed = 0
    for module in sorted(modules()):
        has_test = os.path.exists(os.path.join(ROOT, unit_test(module)))
        if has_test and module in known:
            wrong.append("%s has a unit test and is listed in %s; take it out there" % (module, LIST))
        elif not has_test and module not in known:
            wrong.append("%s has no %s; write it, or list the module in %s with the test that covers it and the reason"
                         % (module, unit_test(module), LIST))
        else:
            passed += 1
    for line in wrong:
        print("not ok %s" % line)
    finish(passed, len(wrong))


main()
