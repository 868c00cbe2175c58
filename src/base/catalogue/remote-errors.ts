/**
 * Failures of what an edge asks of an agent on behalf of a caller: those that the agent answers, and what the edge makes of them.
 * Part of `ERRORS`.
 */

export const REMOTE_ERRORS = {
  // Of the agent.
  ERR_GINNEL_REMOTE_COMMAND: {
    status: 403,
    text: (f: { command: string }) =>
      `This agent does not ${f.command} when its edge says so: remote_management is not on in its configuration.`,
    hint: "Set remote_management: true in the configuration of the agent, and start it anew.",
  },
  ERR_GINNEL_NO_UPDATE: {
    status: 400,
    text: () => "No update source is configured; nothing was changed.",
    hint: "Install the new version, then restart the agent.",
  },
  ERR_GINNEL_NO_RESTART: {
    status: 400,
    text: (f: { reason: string }) => `This agent cannot start anew: ${f.reason}`,
    hint: "Start it anew where it runs.",
  },
  ERR_GINNEL_REMOTE_REACH: {
    status: 403,
    text: (f: { name: string; reason: string }) =>
      `The tunnel ${JSON.stringify(f.name)} may not be started remotely: ${f.reason}`,
    hint: "Define a tunnel to this upstream in the configuration of the agent to allow it.",
  },
  ERR_GINNEL_REMOTE_TUNNEL: {
    status: 400,
    text: (f: { reason: string }) => `The tunnel was not started: ${f.reason}`,
    hint: "Correct the definition, or look at the log of the agent.",
  },
  // Of the edge.
  ERR_GINNEL_AGENT_FORBIDS: {
    status: 403,
    text: (f: { command: string; words: string }) => `The agent may not be told to ${f.command}: ${f.words}`,
    hint: "Whoever runs the agent can allow it in its configuration.",
  },
  ERR_GINNEL_AGENT_REFUSES: {
    status: 400,
    text: (f: { command: string; words: string }) => `The agent refuses to ${f.command}: ${f.words}`,
    hint: "What the agent says tells what to change.",
  },
  ERR_GINNEL_AGENT_OFFLINE: {
    status: 404,
    text: () => "The agent is not online any more.",
    hint: "List the tunnel sessions to see who is.",
  },
  ERR_GINNEL_AGENT_ELSEWHERE: {
    status: 501,
    text: () => "The agent is connected to another node of this edge, which cannot be asked yet.",
    hint: "Send the call to the node that the agent is connected to.",
  },
  ERR_GINNEL_AGENT_LOST: {
    status: 502,
    text: (f: { command: string; reason: string }) =>
      `The agent was told to ${f.command}, and did not give a proper answer: ${f.reason}`,
    hint: "It may have done so. List the tunnel sessions to see whether it is online.",
  },
  ERR_GINNEL_AGENT_SILENT: {
    status: 504,
    text: (f: { command: string; limitMs: number }) =>
      `The agent was told to ${f.command}, and has not answered in ${f.limitMs / 1000} s.`,
    hint: "It may do so yet. List the tunnel sessions to see whether it is online.",
  },
  ERR_GINNEL_WHICH_AGENT: {
    status: 400,
    text: (f: { count: number }) =>
      f.count === 0
        ? "No agent of this account is online that lets tunnels be started remotely."
        : `${f.count} agents of this account are online that let tunnels be started remotely.`,
    hint: "Start an agent with remote_management: true, or name one of several in tunnel_session_id.",
  },
} as const;
