"""What all units cost while nobody asks anything: memory, processor time, wake-ups.

The oracle is the kernel: smaps_rollup, stat and status of every process and thread in the units' control groups.
"""

import time
import unittest

from installed import UNITS, InstalledTest

SETTLE = 20  # seconds until connections of setUp() have gone and models are loaded
MINUTE = 60
# All together, in a second. Each of the nine has a watchdog, which wakes it every 15 s.
MOST_WAKE_UPS = 5
MOST_PROCESSOR_TIME = 0.005  # of one core
MOST_PSS_MB = 600  # with the small models of all services loaded

# Of each unit: its name, then of each process its name, PSS in KiB, clock ticks, voluntary switches of all threads.
LOOK = r"""
for unit in %s; do
  for pid in $(cat "/sys/fs/cgroup/system.slice/$unit.service/cgroup.procs"); do
    read -r name <"/proc/$pid/comm"
    pss=$(sed -n 's/^Pss: *\([0-9]*\).*/\1/p' "/proc/$pid/smaps_rollup")
    ticks=$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 12,13)
    switches=$(cat /proc/$pid/task/*/status | sed -n 's/^voluntary_ctxt_switches:[[:space:]]*//p' | paste -sd+ -)
    echo "$unit $pid $name $pss $ticks $(($switches))"
  done
done
"""


class Idle(InstalledTest):
    def look(self):
        """{(unit, pid, name): (PSS in MB, seconds of processor time, wake-ups)}"""
        seen = {}
        for line in self.machine.run("sh", "-c", LOOK % " ".join(UNITS)).splitlines():
            unit, pid, name, pss, user, system, switches = line.split()
            seen[unit, pid, name] = (int(pss) / 1024, (int(user) + int(system)) / 100, int(switches))
        return seen

    def test_all_units_together_cost_next_to_nothing(self):
        self.all_answer()
        time.sleep(SETTLE)
        began, before = time.monotonic(), self.look()
        time.sleep(MINUTE)
        after, took = self.look(), time.monotonic() - began
        self.assertEqual(before.keys(), after.keys(), "a process has ended or begun")
        self.assertEqual({unit for unit, _, _ in after}, set(UNITS))
        rows = [(f"{unit} {name}", now[0], (now[1] - then[1]) / took, (now[2] - then[2]) / took)
                for (unit, pid, name), now in after.items() for then in [before[unit, pid, name]]]
        total = [sum(row[column] for row in rows) for column in (1, 2, 3)]
        table = "\n".join(f"{name:44} {pss:7.1f} MB {cpu:8.3%} {wakes:6.2f} /s" for name, pss, cpu, wakes in
                          [*sorted(rows), ("all", *total)])
        print(f"\n{table}")
        self.assertLess(total[2], MOST_WAKE_UPS, table)
        self.assertLess(total[1], MOST_PROCESSOR_TIME, table)
        self.assertLess(total[0], MOST_PSS_MB, table)


if __name__ == "__main__":
    unittest.main()
