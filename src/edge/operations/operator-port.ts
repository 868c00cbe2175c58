/**
 * The address of the operator: whether the edge lives, whether it takes visitors, and its metrics. It says nothing that names a
 * visitor, an agent or an endpoint, and takes no commands.
 */
import type { Clock } from "../../base/clock.ts";
import { bindFailure } from "../../net/tcp-listen.ts";
import { faultFacts } from "../../telemetry/fault-facts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type Metric, PROMETHEUS_CONTENT_TYPE, prometheusText } from "../../telemetry/prometheus-text.ts";

/** For all checks together; a balancer that asks does not wait for long either. */
const CHECKS_MS = 3_000;
/** A caller that stops in the middle of its request. */
const IDLE_SECONDS = 10;
/** Nobody has to send any. */
const MAX_BODY_BYTES = 1_024;

/** Something without which visitors cannot be served. */
export interface ReadinessCheck {
  /** For people, as in `store`. */
  readonly name: string;
  /** Rejects when it is not so. Has ended soon after the signal is aborted. */
  readonly check: (signal: AbortSignal) => Promise<unknown>;
}

export interface OperatorPortOptions {
  readonly address: { readonly hostname: string; readonly port: number };
  /** Ports are open, and the edge does not drain. */
  readonly isReady: () => boolean;
  readonly checks: readonly ReadinessCheck[];
  readonly metrics: () => Promise<readonly Metric[]>;
  readonly clock: Clock;
  readonly log: Logger;
}

export class OperatorPort implements AsyncDisposable {
  readonly #options: OperatorPortOptions;
  readonly #server: Bun.Server<undefined>;

  /** Listens until it is disposed of. @throws UsageError when the address cannot be had */
  constructor(options: OperatorPortOptions) {
    this.#options = options;
    const { address } = options;
    try {
      this.#server = Bun.serve({
        ...address,
        reusePort: false,
        idleTimeout: IDLE_SECONDS,
        maxRequestBodySize: MAX_BODY_BYTES,
        development: false,
        fetch: (request) => this.#safely(request),
      });
    } catch (cause) {
      throw bindFailure(address, cause);
    }
  }

  get port(): number {
    return this.#server.port ?? this.#options.address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #safely(request: Request): Promise<Response> {
    try {
      return await this.#answer(request);
    } catch (fault) {
      this.#options.log.error("fault in a call of the operator", faultFacts(fault));
      return textAnswer(500, "a fault of ginnel; the log tells more");
    }
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return textAnswer(405, "only GET and HEAD", { Allow: "GET, HEAD" });
    }
    switch (new URL(request.url).pathname) {
      case "/healthz":
        return textAnswer(200, "ok");
      case "/readyz":
        return this.#readiness();
      case "/metrics":
        return textAnswer(200, prometheusText(await this.#options.metrics()), {
          "Content-Type": PROMETHEUS_CONTENT_TYPE,
        });
      default:
        return textAnswer(404, "there are /healthz, /readyz and /metrics");
    }
  }

  async #readiness(): Promise<Response> {
    const { isReady, checks, clock, log } = this.#options;
    if (!isReady()) return textAnswer(503, "the edge starts or drains");
    const late = new AbortController();
    const cancel = clock.after(CHECKS_MS, () => late.abort());
    const results = await Promise.allSettled(checks.map(({ check }) => untilAborted(check(late.signal), late.signal)));
    cancel();
    const failed = results.flatMap((result, index) => {
      const { name = "" } = checks[index] ?? {};
      if (result.status === "fulfilled") return [];
      // Its reason may tell of addresses and accounts.
      log.warn("the edge is not ready", { check: name, err: result.reason });
      return [name];
    });
    return failed.length === 0 ? textAnswer(200, "ok") : textAnswer(503, `failed: ${failed.join(", ")}`);
  }
}

function untilAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("no answer in time")), { once: true });
  });
  return Promise.race([waited, late]);
}

function textAnswer(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(text.endsWith("\n") ? text : `${text}\n`, {
    status,
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
      ...headers,
    },
  });
}
