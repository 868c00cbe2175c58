import { type Case, soleQuestion } from "../case.ts";
import { Visitor } from "../loads/visitor.ts";
import { memoryBytes } from "../process-usage.ts";

const REQUESTS = 1000;

function memory(role: "edge" | "agent"): Case {
  const name = `memory-${role}`;
  const title = `memory of the ${role} after ${REQUESTS.toLocaleString("en")} requests`;
  return {
    ...soleQuestion({ name, title, unit: "MB", better: "less" }),
    needsFreshProcesses: true,
    appliesTo: ({ system }) => system.programs[role] !== undefined,
    async measure({ system: { address, httpPort: port, programs } }) {
      using visitor = await Visitor.connect({ address, port, secure: false });
      for (let count = 0; count < REQUESTS; count++) await visitor.ask();
      return { values: { [name]: (await memoryBytes([programs[role]?.pid ?? 0])) / 1e6 } };
    },
  };
}

export const MEMORY_CASES: readonly Case[] = [memory("edge"), memory("agent")];
