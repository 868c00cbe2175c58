import { type Case, type Circumstances, soleQuestion } from "../case.ts";
import { output } from "../child.ts";
import { msUntilServed } from "../loads/until-served.ts";
import { healLine, silenceLine } from "../line/tun-line.ts";
import type { Place } from "../place.ts";

/** Longer than any end takes to notice that the other is silent. */
const SILENCE_MS = 20_000;

interface Disturbance {
  readonly name: string;
  readonly title: string;
  readonly isPossible: (circumstances: Circumstances) => boolean;
  /** Returns when what disturbs is over; the time until a visitor is served counts from then on. */
  readonly disturb: (circumstances: Circumstances) => Promise<void>;
  /** For whatever is measured next. */
  readonly mend?: (circumstances: Circumstances) => Promise<void>;
}

function recovery({ name, title, isPossible, disturb, mend }: Disturbance): Case {
  return {
    ...soleQuestion({
      name: `recovery-${name}`,
      title: `until a visitor is served after ${title}`,
      unit: "ms",
      better: "less",
    }),
    needsFreshProcesses: true,
    appliesTo: (circumstances) => circumstances.system.comesBack === true && isPossible(circumstances),
    async measure(circumstances) {
      const { address, httpPort } = circumstances.system;
      await msUntilServed(address, httpPort);
      try {
        await disturb(circumstances);
        return { values: { [`recovery-${name}`]: await msUntilServed(address, httpPort) } };
      } finally {
        await mend?.(circumstances);
      }
    },
  };
}

function killed(role: "edge" | "agent"): Disturbance {
  return {
    name: role,
    title: `the ${role} was killed and started anew`,
    isPossible: ({ system }) => system.programs[role] !== undefined,
    disturb: async ({ system }) => await system.programs[role]?.restart(),
  };
}

const silence: Disturbance = {
  name: "silence",
  title: `${SILENCE_MS / 1000} s in which the line lost everything`,
  isPossible: ({ line }) => line !== undefined,
  async disturb({ line }) {
    if (line === undefined) return;
    await silenceLine(line.control);
    await Bun.sleep(SILENCE_MS);
    await healLine(line.control);
  },
};

/** The agent's old address is gone, and nobody is told. */
const newAddress: Disturbance = {
  name: "address",
  title: "the address of the agent's machine changed",
  isPossible: ({ line }) => line !== undefined,
  async disturb({ line, places }) {
    if (line !== undefined) await changeAddress(places.agent, line.agentDevice, line.agentAddress, line.spareAddress);
  },
  async mend({ line, places }) {
    if (line !== undefined) await changeAddress(places.agent, line.agentDevice, line.spareAddress, line.agentAddress);
  },
};

async function changeAddress({ enter }: Place, device: string, from: string, to: string): Promise<void> {
  await output(...enter, "ip", "address", "add", to, "dev", device);
  await output(...enter, "ip", "address", "del", from, "dev", device);
}

export const RECOVERY_CASES: readonly Case[] = [killed("edge"), killed("agent"), silence, newAddress].map(recovery);
