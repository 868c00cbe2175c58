import { type Case, soleQuestion } from "../case.ts";
import { idleBytes } from "../loads/idle.ts";
import { hasScheme, portOf, type Scheme } from "../scheme.ts";
import { pidsOf } from "../system-pids.ts";

function idle(scheme: Scheme): Case {
  const name = `idle-${scheme}`;
  return {
    ...soleQuestion({ name, title: `memory per idle ${scheme} visitor, both processes`, unit: "kB", better: "less" }),
    needsFreshProcesses: true,
    appliesTo: ({ system }) => pidsOf(system).length > 0 && hasScheme(system, scheme),
    async measure({ system }) {
      const target = { address: system.address, port: portOf(system, scheme) ?? 0, secure: scheme === "https" };
      return { values: { [name]: (await idleBytes(target, pidsOf(system))) / 1000 } };
    },
  };
}

export const IDLE_VISITOR_CASES: readonly Case[] = [idle("http"), idle("https")];
