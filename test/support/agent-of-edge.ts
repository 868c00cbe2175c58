/** The two ways to run an agent: with the edge inside its process, and with an edge process beside it. */
import { AgentProcess, type AgentProcessOptions } from "./agent-process.ts";
import { EDGE_TOKEN, EdgeProcess } from "./edge-process.ts";
import { runProgram } from "./run-program.ts";

/** Cases of `describe.each`: the name, and what starts the edge, if one is started. */
export const EDGES: readonly (readonly [string, () => Promise<EdgeProcess | undefined>])[] = [
  ["the embedded edge", () => Promise.resolve(undefined)],
  ["an edge of its own", () => EdgeProcess.start()],
];

/** The agent of this edge, trusting it; without one it runs its own. */
export function agentOf(
  edge: EdgeProcess | undefined,
  argv: readonly string[],
  { env = {}, files = {} }: AgentProcessOptions = {},
): Promise<AgentProcess> {
  if (edge === undefined) return AgentProcess.start(argv, { env, files });
  const flags = [`--server-addr=127.0.0.1:${edge.ports.https}`, "--root-cas=edge-ca.pem", `--authtoken=${EDGE_TOKEN}`];
  return AgentProcess.start([...argv, ...flags], { env, files: { ...files, "edge-ca.pem": edge.caPem } });
}

/** The authority that visitors of an agent's tunnels have to trust; without an edge it is the agent's own. */
export async function caPemOf(
  edge: EdgeProcess | undefined,
  { folder }: Pick<AgentProcess, "folder">,
): Promise<string> {
  if (edge !== undefined) return edge.caPem;
  const { stdout } = await runProgram(`edge ca --data=${folder.file("ginnel")}`, { home: folder.path });
  return stdout;
}

/** Of a public URL; every edge of a test listens on 127.0.0.1. */
export function portOf(url: string): number {
  return Number(url.slice(url.lastIndexOf(":") + 1));
}
