/** Without a configured server the edge is inside the agent: it is started here, and visited the way everybody else would. */
import { probeSession, type SessionProbeOptions } from "../../agent/diagnosis/session-probe.ts";
import { certificateText } from "../../agent/diagnosis/certificate-text.ts";
import { ok, reasonOf, type Step } from "../../agent/diagnosis/step.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import { UsageError } from "../../base/errors.ts";
import type { Edge } from "../../edge/edge.ts";
import { pipe } from "../../net/pipe.ts";
import { dialTcp } from "../../net/tcp-dial.ts";
import { connectTls } from "../../net/tls-client.ts";
import { clientTlsContext } from "../../net/tls-context.ts";
import { type EmbeddedEdgeOptions, embeddedEdge } from "../embedded-edge.ts";

const LOOPBACK = "127.0.0.1";
/** A name that no tunnel has. */
const NAME = "diagnose.localhost";
const NOT_FOUND = 404;

/** Starts an edge, tests it, and ends it. */
export async function probeEmbeddedEdge(
  edgeOptions: EmbeddedEdgeOptions,
  options: SessionProbeOptions,
): Promise<readonly Step[]> {
  const started = start(edgeOptions);
  if (!("edge" in started)) return [started];
  const { edge } = started;
  try {
    const { httpPort = 0, httpsPort = 0 } = edge;
    const ports = ok("Ports", `${LOOPBACK}:${httpPort} for http, ${LOOPBACK}:${httpsPort} for https`);
    const visits = await Promise.all([
      attempt("Tunnel Protocol", () => session(edge, options)),
      attempt("HTTP", () => httpVisit(httpPort, options)),
      attempt("HTTPS", () => httpsVisit(httpsPort, options)),
    ]);
    return [ports, ...visits];
  } finally {
    await edge.stop(AbortSignal.abort());
  }
}

function start(options: EmbeddedEdgeOptions): { readonly edge: Edge } | Step {
  try {
    return { edge: embeddedEdge(options) };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return failed("Ports", error);
  }
}

async function session(edge: Edge, options: SessionProbeOptions): Promise<string> {
  const [agentEnd, edgeEnd] = pipe({ remoteAddresses: ["<embedded edge>", "<this process>"] });
  edge.acceptAgent(edgeEnd);
  await probeSession(agentEnd, options);
  return `edge ${PRODUCT_VERSION}, inside this program`;
}

async function httpVisit(port: number, { timeoutMs }: SessionProbeOptions): Promise<string> {
  const response = await fetch(`http://${LOOPBACK}:${port}/`, {
    headers: { host: `${NAME}:${port}` },
    signal: AbortSignal.timeout(timeoutMs),
    proxy: "",
  });
  if (response.status !== NOT_FOUND)
    throw new UsageError(`a visitor got status ${response.status} in place of ${NOT_FOUND}`);
  return "a visitor of a name without tunnel is told so";
}

async function httpsVisit(port: number, options: SessionProbeOptions): Promise<string> {
  const { timeoutMs, signal, clock, onFault } = options;
  const limits = { timeoutMs, signal, clock, onFault };
  const plain = await dialTcp({ host: LOOPBACK, port }, limits);
  const context = clientTlsContext([]);
  const { connection, peerCertificate } = await connectTls(plain, {
    ...limits,
    context,
    serverName: NAME,
    verify: false,
  });
  const certificate = peerCertificate();
  connection.reset();
  if (certificate === undefined) throw new UsageError("the edge showed no certificate");
  return `${certificateText(certificate)}; browsers warn until they trust what 'edge ca' prints`;
}

async function attempt(name: string, test: () => Promise<string>): Promise<Step> {
  try {
    return ok(name, await test());
  } catch (error) {
    return failed(name, error);
  }
}

function failed(name: string, error: unknown): Step {
  const remedy = "Does a firewall of this machine keep programs from talking to themselves on 127.0.0.1?";
  return { name, verdict: "fail", detail: reasonOf(error), remedy, code: "ERR_NGROK_8009" };
}
