import { type Case, type Circumstances, soleQuestion } from "../case.ts";
import { output } from "../child.ts";
import { msUntilServed } from "../loads/until-served.ts";
import { healLine, silenceLine } from "../line/tun-line.ts";

/** Longer than any end takes to notice that the other is silent. */
const SILENCE_MS = 20_000;

/** `disturb` returns when what disturbs is over; the time until a visitor is served counts from then on. */
function recovery(
  name: string,
  title: string,
  disturb: (circumstances: Circumstances) => Promise<void>,
  isPossible: (circumstances: Circumstances) => boolean,
): Case {
  return {
    ...soleQuestion({ name, title, unit: "ms", better: "less" }),
    needsFreshProcesses: true,
    appliesTo: (circumstances) => circumstances.system.comesBack === true && isPossible(circumstances),
    async measure(circumstances) {
      const { address, httpPort } = circumstances.system;
      await msUntilServed(address, httpPort);
      await disturb(circumstances);
      return { values: { [name]: await msUntilServed(address, httpPort) } };
    },
  };
}

function afterKilled(role: "edge" | "agent"): Case {
  return recovery(
    `recovery-${role}`,
    `until a visitor is served after the ${role} was killed and started anew`,
    async ({ system }) => await system.programs[role]?.restart(),
    ({ system }) => system.programs[role] !== undefined,
  );
}

const hasLine = ({ line }: Circumstances): boolean => line !== undefined;

const afterSilence = recovery(
  "recovery-silence",
  `until a visitor is served after ${SILENCE_MS / 1000} s in which the line lost everything`,
  async ({ line: { control } = { control: "" } }) => {
    await silenceLine(control);
    await Bun.sleep(SILENCE_MS);
    await healLine(control);
  },
  hasLine,
);

/** The agent's old address is gone, and nobody is told. */
const afterNewAddress = recovery(
  "recovery-address",
  "until a visitor is served after the address of the agent's machine changed",
  async (circumstances) => await changeAddress(circumstances),
  hasLine,
);

async function changeAddress({ line, places: { agent } }: Circumstances): Promise<void> {
  if (line === undefined) return;
  const { agentDevice, agentAddress, spareAddress } = line;
  const now = await output(...agent.enter, "ip", "-oneline", "address", "show", "dev", agentDevice);
  const [old, next] = now.includes(` ${agentAddress} `) ? [agentAddress, spareAddress] : [spareAddress, agentAddress];
  await output(...agent.enter, "ip", "address", "add", next, "dev", agentDevice);
  await output(...agent.enter, "ip", "address", "del", old, "dev", agentDevice);
}

export const RECOVERY_CASES: readonly Case[] = [
  afterKilled("edge"),
  afterKilled("agent"),
  afterSilence,
  afterNewAddress,
];
