import { ProtocolError } from "../../base/errors.ts";
import { formatHostPort } from "../../base/host-port.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { SessionError } from "../../net/session-error.ts";
import { RemoteError } from "../../protocol/rpc/rpc-error.ts";
import type { EdgeConnectorOptions } from "../edge-connector.ts";
import { findDirectWay } from "./direct-way.ts";
import { findProxyWay } from "./proxy-way.ts";
import { probeSession, type SessionFacts, type SessionProbeOptions } from "./session-probe.ts";
import { ok, reasonOf, type Step } from "./step.ts";
import { probeTls } from "./tls-probe.ts";
import { inMs } from "./way.ts";

/** `timeoutMs`, from {@link SessionProbeOptions}, is for each step. */
export interface EdgeProbeOptions extends Omit<EdgeConnectorOptions, "connectTimeoutMs">, SessionProbeOptions {
  /** The region that the edge has to report; undefined for any. */
  readonly region: string | undefined;
  /** Whether a way over IPv6 is demanded, which is the proxy's business where there is one. */
  readonly needsIpv6: boolean;
}

export interface EdgeFindings {
  readonly steps: readonly Step[];
  /** When a session came about. */
  readonly session: SessionFacts | undefined;
}

/** Takes the steps of an agent that connects to its edge, one after the other, up to the first without which there is no next. */
export async function probeEdge(options: EdgeProbeOptions): Promise<EdgeFindings> {
  const { proxy, serverAddress } = options;
  const { steps, dial } = proxy === undefined ? await findDirectWay(options) : await findProxyWay(proxy, options);
  if (dial === undefined) return { steps, session: undefined };
  const { step: tls, connection } = await probeTls(dial, { ...options, serverName: serverAddress.host });
  if (connection === undefined) return { steps: [...steps, tls], session: undefined };
  const { step, session } = await testSession(connection, options);
  return { steps: [...steps, tls, step], session };
}

/** The way to the edge, as people call it. */
export function edgeTitle({ serverAddress, region }: Pick<EdgeProbeOptions, "serverAddress" | "region">): string {
  return `Edge Connectivity - ${region === undefined ? "" : `Region ${region}: `}${formatHostPort(serverAddress)}`;
}

async function testSession(
  connection: Duplex,
  options: EdgeProbeOptions,
): Promise<{ readonly step: Step; readonly session: SessionFacts | undefined }> {
  const name = "Tunnel Protocol";
  const failed = (detail: string, remedy: string): Step => ({
    name,
    verdict: "fail",
    detail,
    remedy,
    code: "ERR_NGROK_8004",
  });
  try {
    const session = await probeSession(connection, options);
    const { region } = options;
    const facts = `edge ${session.edgeVersion || "of unknown version"}, region ${session.region || "unknown"}`;
    if (session.latencyMs === undefined) {
      const remedy = "Something between agent and edge holds small messages back: agents will lose their session.";
      return { step: failed(`${facts}; no heartbeat came back`, remedy), session: undefined };
    }
    const detail = `${facts}, latency ${inMs(session.latencyMs)}`;
    if (region === undefined || region === session.region) return { step: ok(name, detail), session };
    const remedy = "Leave the region out, or map it to a server address with regions.";
    return { step: failed(`${detail}; the configuration wants region ${region}`, remedy), session };
  } catch (error) {
    return {
      step: failed(sessionFailure(error), sessionRemedy(error, options.identity.authtoken)),
      session: undefined,
    };
  }
}

/** Faults of ours are thrown on. */
function sessionFailure(error: unknown): string {
  const isExpected = [RemoteError, SessionError, ProtocolError, DialError].some((kind) => error instanceof kind);
  if (!isExpected) throw error;
  const code = error instanceof RemoteError ? error.code : undefined;
  const message = reasonOf(error).replaceAll(/\s+/g, " ").trim();
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function sessionRemedy(error: unknown, authtoken: string): string {
  if (!(error instanceof RemoteError)) return "Is that the address of an edge?";
  const [lead, what] = authtoken === "" ? ["No authtoken is configured: ask", "one"] : ["Ask", "a valid authtoken"];
  return `${lead} the operator of the edge for ${what}, and save it with 'config add-authtoken'.`;
}
