import { dialTcp } from "../../net/tcp-dial.ts";
import { type OutboundProxy, proxyLabel } from "../../protocol/outbound-proxy/proxy-url.ts";
import { edgeDialler, type EdgeConnectorOptions } from "../edge-connector.ts";
import { expectedReason } from "./expected-reason.ts";
import { ok, type Step } from "./step.ts";
import { inMs, type StepLimits, type Way } from "./way.ts";

export type ProxyWayOptions = Omit<EdgeConnectorOptions, "rootCas" | "connectTimeoutMs"> & StepLimits;

/** Tests a connection to the proxy, and one through it. The edge's name is the proxy's business. */
export async function findProxyWay(proxy: OutboundProxy, options: ProxyWayOptions): Promise<Way> {
  const { timeoutMs, signal, clock, onFault } = options;
  const limits = { timeoutMs, signal, clock, onFault };
  const throughProxy = edgeDialler({ ...options, proxy });
  const dial = () => throughProxy(limits);
  const steps: Step[] = [];
  const startedMs = clock.nowMs();
  try {
    (await dialTcp(proxy, limits)).reset();
    steps.push(ok("Proxy", `${proxyLabel(proxy)} in ${inMs(clock.nowMs() - startedMs)}`));
  } catch (error) {
    const remedy = "Is proxy_url right, or the variable that names the proxy, and does the proxy run?";
    const detail = `${proxyLabel(proxy)}: ${expectedReason(error)}`;
    return { steps: [{ name: "Proxy", verdict: "fail", detail, remedy, code: "ERR_NGROK_8005" }], dial: undefined };
  }
  const name = "Through the Proxy";
  try {
    (await dial()).reset();
    return { steps: [...steps, ok(name, "it connects this machine to the edge")], dial };
  } catch (error) {
    const remedy = "Does the proxy allow connections to the edge's port, and are user and password in proxy_url right?";
    const detail = expectedReason(error);
    return { steps: [...steps, { name, verdict: "fail", detail, remedy, code: "ERR_NGROK_8006" }], dial: undefined };
  }
}
