# SPDX-License-Identifier: BSD-3-Clause
"""What must be so of keys after the power was cut from `tstee-conformance --make-keys`."""

import re

# As crypto_power.c: so many keys are kept, the newest.
KEPT = 2


def keys(text):
    """The {ID: public key} in what --show-keys printed."""
    found = re.findall(rb"^(\d+) ([0-9a-f]+)$", text, re.M)
    return {int(number): public for number, public in found}


def judge(said, shown, before, first, all_heard):
    """The problem, or None.

    @said is what --make-keys printed, beginning with the ID @first, before the cut: all that
    was acknowledged, if @all_heard, else the beginning of it; @shown what --show-keys printed
    afterwards; @before the keys that were there already.
    """
    said = said[:said.rfind(b"\n") + 1]
    there = keys(shown)
    made = {int(number): public for number, public in
            re.findall(rb"^made (\d+) ([0-9a-f]+)$", said, re.M)}
    gone = [int(number) for number in re.findall(rb"^gone (\d+)$", said, re.M)]
    new = sorted(number for number in there if number not in before)
    if not made:
        return "nothing was made before the cut"
    for number, public in before.items():
        if there.get(number) != public:
            return f"key {number} of an earlier time is {there.get(number)}"
    if not new or new[-1] < max(made):
        return f"key {max(made)} was acknowledged; there are {new}"
    if all_heard and new[-1] > max(made) + 1:
        return f"key {max(made)} was the last that was acknowledged; there are {new}"
    if new[0] <= max(gone, default=0):
        return f"key {max(gone)} was destroyed; there are {new}"
    # The oldest may have been about to go.
    if new not in [list(range(max(first, new[-1] - more), new[-1] + 1))
                   for more in (KEPT - 1, KEPT)]:
        return f"there are {new}, which were never there together"
    for number in new:
        if made.get(number, there[number]) != there[number]:
            return f"key {number} is another one than was made"
    return None
