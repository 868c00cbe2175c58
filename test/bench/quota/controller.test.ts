import { expect, test } from "bun:test";
import { findController } from "./controller.ts";

const FIRST = "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0";
const SECOND = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nsdelegate 0 0";
const OTHERS = [
  "proc /proc proc rw 0 0",
  "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0",
  "cgroup /sys/fs/cgroup/cpuacct cgroup rw,cpuacct 0 0",
];

test.each([
  ["version 1", [...OTHERS, FIRST], "", { path: "/sys/fs/cgroup/cpu,cpuacct", version: 1 }],
  ["version 2", [...OTHERS, SECOND], "cpuset cpu io memory pids\n", { path: "/sys/fs/cgroup", version: 2 }],
  [
    "version 1 beside a version 2 without it",
    [SECOND, FIRST],
    "\n",
    { path: "/sys/fs/cgroup/cpu,cpuacct", version: 1 },
  ],
  ["none where version 2 has others", [...OTHERS, SECOND], "cpuset io\n", undefined],
  ["none at all", OTHERS, "cpu", undefined],
  ["none in nothing", [], "cpu", undefined],
] as const)("findController finds %s", (_, mounts, control, expected) => {
  expect(findController("cpu", `${mounts.join("\n")}\n`, () => control)).toEqual(expected);
});
