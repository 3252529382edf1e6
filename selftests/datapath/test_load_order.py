#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""On machines that do not keep loads in order, an address has to depend on the load that comes first (S64_AFTER). The explorer
trusts the source; here, the instructions that the compiler made of it are followed, register by register: where two ways meet,
a register depends on what it depends on in both.

    test_load_order.py [OBJECT]     of the program as it is built for such a machine; built, unless it is given
"""
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LOAD = re.compile(r"[rw](\d+) = \*\((u\d+) \*\)\(r(\d+) ([+-]) (\w+)\)$")
JUMP = re.compile(r"(?:if (.*) )?goto ([+-])(\w+)")
MAP_LOOKUP = ("call 1", "call 0x1")  # newer versions write numbers so
FOUND = "a map's value"


def build(path):
    here = subprocess.run(["gcc", "-print-multiarch"], capture_output=True, text=True).stdout.strip()
    subprocess.run([os.environ.get("CLANG", "clang").split()[-1], "-O2", "-g", "-target", "bpf", "-mcpu=v3", "-Iheaders",
                    "-I/usr/include/" + here, "-c", "bpf/slash64.bpf.c", "-o", path], cwd=ROOT, check=True)


def functions(path):
    """The instructions of each: number to text."""
    text = subprocess.run([os.environ.get("LLVM_OBJDUMP", "llvm-objdump"), "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    found, body = {}, {}
    for line in text.splitlines():
        name = re.match(r"[0-9a-f]+ <(\w+)>:$", line)
        if name and not name.group(1).startswith("LBB"):
            body = found.setdefault(name.group(1), {})
        instruction = re.match(r"\s*(\d+):\t(.*?)(?:\s*<[\w+]+>)?$", line)
        if instruction:
            body[int(instruction.group(1))] = instruction.group(2)
    return found


def what(load):
    """Any key is as good as another, as they are combined; of the numbers beside it, each counts."""
    return load.group(2) if load.group(2) != "u32" else "u32 at " + load.group(5)


def after(number, body, state):
    """What each register depends on, behind that instruction: a set of what was loaded."""
    state, text = dict(state), body[number]
    load = LOAD.match(text)
    change = re.match(r"[rw](\d+) (\S*)= (.*)$", text)
    if load:
        state[int(load.group(1))] = state.get(int(load.group(3)), frozenset()) | {what(load)}
    elif text.startswith("call"):
        state = {register: on for register, on in state.items() if register > 5}
        state[0] = frozenset([FOUND] if text in MAP_LOOKUP else [])
    elif change and body.get(number - 1, "").startswith("if r%s <" % change.group(1)) and change.group(3) in ("0", "0x0"):
        pass  # an index out of bounds, which the verifier has to be shown and which there never is (S64_AFTER_WITHIN)
    elif change:
        to = int(change.group(1))
        on = frozenset().union(*(state.get(int(r), frozenset()) for r in re.findall(r"\b[rw](\d+)\b", change.group(3))))
        state[to] = on | state.get(to, frozenset()) if change.group(2) else on
    return state


def followers(number, text, body):
    jump = JUMP.match(text)
    order = sorted(body)
    following = order[order.index(number) + 1:][:1]
    if text == "exit":
        return []
    if not jump:
        return following
    # counted in instructions of 8 bytes, as the numbers are
    target = number + 1 + int(jump.group(2) + str(int(jump.group(3), 0)))
    return [target] + (following if jump.group(1) else [])


def loads(body):
    """Each load of a function: number, what, and what its address depends on."""
    first = min(body)
    states, work = {first: {}}, [first]
    while work:
        number = work.pop()
        behind = after(number, body, states[number])
        for n in followers(number, body[number], body):
            met = behind if n not in states else {r: on & behind[r] for r, on in states[n].items() if r in behind}
            if n not in states or met != states[n]:
                states[n] = met
                work.append(n)
    for number in sorted(states):
        load = LOAD.match(body[number])
        if load:
            yield number, what(load), states[number].get(int(load.group(3)), frozenset())


def the_info_of_a_bucket_is_loaded_between_two_loads_of_its_key(program):
    found = list(loads(program["bucket_find"]))
    infos = [(number, on) for number, kind, on in found if kind == "u8"]
    assert infos, "it loads no info"
    for number, on in infos:
        assert "u64" in on, "instruction %d loads the info by an address that depends on no key" % number
    assert any("u8" in on for _, kind, on in found if kind == "u64"), "no key is loaded behind the info"


def what_proves_a_source_is_loaded_between_two_loads_of_its_key(program):
    found = [(number, kind, on) for number, kind, on in loads(program["exact_is_proven"]) if FOUND in on]
    numbers = {kind for _, kind, _ in found if kind.startswith("u32")}
    assert len(numbers) == 3, "path, handshakes and time are %d loads" % len(numbers)
    for number, kind, on in found:
        assert kind == "u64" or "u64" in on, "instruction %d has an address that depends on no key" % number
    assert any(numbers <= on for _, kind, on in found if kind == "u64"), "no key is loaded behind all of them"


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(folder, "slash64.bpf.o")
        if len(sys.argv) == 1:
            build(path)
        program = functions(path)
    for check in (the_info_of_a_bucket_is_loaded_between_two_loads_of_its_key,
                  what_proves_a_source_is_loaded_between_two_loads_of_its_key):
        try:
            check(program)
            passed += 1
        except AssertionError as error:
            failed += 1
            print("not ok %s: %s" % (check.__name__, error))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
