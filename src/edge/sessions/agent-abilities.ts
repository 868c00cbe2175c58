import type { AgentFacts } from "../../protocol/rpc/auth.ts";
import { agentTraits } from "../../protocol/rpc/foreign-agents.ts";
import type { AgentAbilities } from "./leg-commands.ts";

/** Of an agent that was not let in yet. */
export const NO_ABILITIES: AgentAbilities = {
  stopUnsupported: "",
  restartUnsupported: "",
  updateUnsupported: "",
  startTunnelVersion: 0,
  answersAll: false,
};

/** What it said in Auth. */
export function abilitiesOf(agent: AgentFacts): AgentAbilities {
  const { stopUnsupported, restartUnsupported, updateUnsupported, ginnel } = agent;
  return {
    stopUnsupported,
    restartUnsupported,
    updateUnsupported,
    startTunnelVersion: ginnel?.startTunnelVersion ?? 0,
    answersAll: agentTraits(agent).answersUnsupportedCommands,
  };
}
