/**
 * `idle-agents-program.ts HOST PORT CA`: for each number on standard input connects so many more agents, with a tunnel each, to
 * the edge there, and prints a line when they are online. Heartbeats are all they do. Ends with its input.
 */
import { systemClock } from "../../../src/base/clock.ts";
import { networkEdgeConnector } from "../../../src/agent/edge-connector.ts";
import { AGENT_HEARTBEAT, AgentSession } from "../../../src/net/agent-session.ts";
import { MUX_ERRORS } from "../../../src/protocol/mux/error-codes.ts";
import { IdleWatch } from "../../../src/net/idle-watch.ts";
import { AUTH } from "../../../src/protocol/rpc/auth.ts";
import { BIND } from "../../../src/protocol/rpc/bind.ts";

const AT_ONCE = 20;
const CONNECT_MS = 10_000;

const [host = "", port = "", ca = ""] = process.argv.slice(2);
const onFault = (fault: unknown): void => {
  throw fault;
};
const services = { clock: systemClock, idleWatch: new IdleWatch(systemClock, onFault), onFault };
const connect = await networkEdgeConnector({
  serverAddress: { host, port: Number(port) },
  proxy: undefined,
  rootCas: { kind: "file", path: ca },
  connectTimeoutMs: CONNECT_MS,
  connectInterface: undefined,
  dnsResolverIps: [],
  clock: systemClock,
  onFault,
});
const auth = AUTH.request.schema.parse({
  Version: ["3"],
  Extra: {
    Authtoken: process.env["GINNEL_AUTHTOKEN"],
    ClientType: "ginnel",
    UserAgent: "ginnel/0.1.0",
    HeartbeatInterval: AGENT_HEARTBEAT.intervalMs * 1e6,
    HeartbeatTolerance: AGENT_HEARTBEAT.toleranceMs * 1e6,
  },
});

async function goOnline(): Promise<void> {
  const session = new AgentSession(
    await connect(new AbortController().signal),
    {
      answers: [],
      onProxy: (_header, stream) => stream.reset(MUX_ERRORS.streamCancelled),
      onRoundTrip: () => {},
      onClose: (end) => onFault(new Error(`an idle agent lost its session: ${JSON.stringify(end)}`)),
    },
    { ...services, heartbeat: AGENT_HEARTBEAT },
  );
  await session.call(AUTH, auth);
  await session.call(BIND, BIND.request.schema.parse({ Proto: "http", Opts: {} }));
}

for await (const line of console) {
  const count = Number(line);
  for (let begun = 0; begun < count; begun += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, goOnline));
  process.stdout.write("online\n");
}
