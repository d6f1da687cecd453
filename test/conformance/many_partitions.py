# SPDX-License-Identifier: BSD-3-Clause
"""Calls all partitions at once: for the tests of the world and of the machine.

They are test-victim under different endpoint IDs (test/partition/test_service.h).
"""

import re

SERVICE = "1d8f4a52-6c0e-4b7b-9f5d-3a0c5be1d703"
SPIN, FFA_INFO = 0x102, 0x112
BUSY_S = 1


def script(tstee):
    """A shell script that calls every partition, and waits for each of these calls."""
    spin = (BUSY_S * 1000000).to_bytes(4, "little").hex()
    return f"""
        ask() {{
            id=$1
            shift
            {tstee} call --service {SERVICE} --endpoint $id "$@"
        }}
        one() {{
            ask $1 {SPIN} --request hex:{spin} >/dev/null || echo "$1 failed: $?"
            echo "$1 says" $(ask $1 {FFA_INFO})
        }}
        ids=$({tstee} list | grep -o '0x80[0-9a-f][0-9a-f]')
        began=$(cut -d. -f1 /proc/uptime)
        for id in $ids; do
            one $id &
        done
        wait
        echo took $(($(cut -d. -f1 /proc/uptime) - began))"""


def problem(out, count, most=0.5):
    """What is wrong with the script's output if there are count partitions, or None; most is the part that it may
    take of what one after the other would."""
    lines = out.decode(errors="replace").splitlines()
    asked = set()
    for line in lines[:-1]:
        answer = re.fullmatch(r"0x80(..) says status: 0 response: (..)800000[0-9a-f]{24}", line)
        if not answer or answer[1] != answer[2]:
            return f"not the answer of that partition: {line}"
        asked.add(answer[1])
    if len(asked) != count or len(lines) != count + 1:
        return f"{len(asked)} answered: {lines}"
    took = re.fullmatch(r"took (\d+)", lines[-1])
    if not took or int(took[1]) > most * count * BUSY_S:
        return f"not at the same time: {lines[-1]}"
    return None
