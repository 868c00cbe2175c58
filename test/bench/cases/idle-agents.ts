import { type Case, soleQuestion } from "../case.ts";
import { IdleAgents } from "../loads/idle-agents.ts";
import { memoryAtRest } from "../loads/memory-at-rest.ts";

const NAME = "idle-agent";
const BEFORE = 100;

/** Of the edge alone; what an agent needs itself is the business of its own machine. */
export const idleAgents: Case = {
  ...soleQuestion({ name: NAME, title: "memory of the edge per idle agent with a tunnel", unit: "kB", better: "less" }),
  needsFreshProcesses: true,
  appliesTo: ({ system }) => system.admission !== undefined && system.programs.edge !== undefined,
  async measure({ system: { admission, programs }, places, extent: { agents: count } }) {
    if (admission === undefined || programs.edge === undefined) throw new Error("no edge of ours");
    await using agents = new IdleAgents(admission, places.agent);
    await agents.add(BEFORE);
    const before = await memoryAtRest([programs.edge.pid]);
    await agents.add(count);
    return { values: { [NAME]: ((await memoryAtRest([programs.edge.pid])) - before) / count / 1000 } };
  },
};
