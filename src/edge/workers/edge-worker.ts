/**
 * A further process of an edge: serves visitors at the ports of the hub, and holds sessions of agents that came to it. What the hub decides
 * is asked of the hub.
 */
import type { Duplex } from "../../net/duplex.ts";
import { answer, hear } from "../../net/rpc-answer.ts";
import type { SessionEnd } from "../../net/session.ts";
import {
  ANNOUNCE,
  type AnnouncedEndpoint,
  CUT,
  DRAIN,
  EXPECT,
  HELLO,
  METRICS,
  TRAFFIC,
} from "../../protocol/relay/worker-calls.ts";
import type { Relayed } from "../../protocol/relay/relay-start.ts";
import type { Metric } from "../../telemetry/prometheus-text.ts";
import { DataPlane, type DataPlaneOptions, type EdgeProcess } from "../data-plane.ts";
import type { EdgePortName } from "../edge-ports.ts";
import type { Leg } from "../endpoint.ts";
import type { MeasuredProcess } from "../operations/edge-metrics.ts";
import { trafficOf } from "../operations/endpoint-traffic.ts";
import { parseOnlineName } from "../returning/online-names.ts";
import { AgentLeg, type AgentLegServices } from "../sessions/agent-leg.ts";
import { EndpointMirror } from "./endpoint-mirror.ts";
import { HubControl } from "./hub-control.ts";
import { RelayedLeg } from "./relayed-leg.ts";
import { joinRelayed } from "./worker-hub.ts";
import { WorkerLink } from "./worker-link.ts";

/** All that is online comes first. */
const HELLO_LIMIT_MS = 60_000;

export interface EdgeWorkerOptions extends DataPlaneOptions {
  readonly process: EdgeProcess;
  /** As the system counts processes. */
  readonly pid: number;
  /** Of this process. */
  readonly metrics: (measured: Pick<MeasuredProcess, "figures" | "meters">) => readonly Metric[];
  /** See {@link Store.caughtUp}. */
  readonly caughtUp: () => Promise<void>;
}

export class EdgeWorker {
  /** Why there is no hub any more; when it has let this process go, too. */
  readonly orphaned: Promise<SessionEnd>;
  readonly #options: EdgeWorkerOptions;
  readonly #plane: DataPlane;
  readonly #control = new HubControl();
  readonly #legServices: AgentLegServices;
  readonly #mirror: EndpointMirror;
  readonly #link: WorkerLink;
  readonly #stopListening: () => void;
  /** The hub waits for visitors no longer. */
  readonly #cut = new AbortController();
  #isDraining = false;

  private constructor(options: EdgeWorkerOptions, hub: Duplex) {
    this.#options = options;
    const { directory, caughtUp, log } = options;
    this.#plane = new DataPlane(options, {
      onAgent: (connection, initial) => this.acceptAgent(connection, initial),
      connectionsBeside: () => this.#control.connectionsBeside,
      connections: () => this.#control.connections,
    });
    this.#legServices = { ...this.#plane.legServices(), control: this.#control };
    const { routes, tcpPlaces } = this.#plane;
    this.#mirror = new EndpointMirror({
      routes,
      tcpPlaces,
      directory,
      legOf: (serving) => this.#legOf(serving),
      caughtUp,
      onAnswered: (endpoint) => this.#plane.waiting.came(endpoint),
      log,
    });
    const orphaned = Promise.withResolvers<SessionEnd>();
    this.orphaned = orphaned.promise;
    const announced = answer(ANNOUNCE, async (news) => {
      await this.#mirror.follow(news);
      return {};
    });
    const expected = answer(EXPECT, ({ names, forMs }) => {
      this.#plane.waiting.expect(
        names.flatMap((name) => parseOnlineName(name) ?? []),
        forMs,
      );
      return Promise.resolve({});
    });
    const traffic = answer(TRAFFIC, ({ accountId }) =>
      Promise.resolve({ endpoints: trafficOf(accountId, routes.all()) }),
    );
    const metrics = answer(METRICS, () => Promise.resolve({ metrics: options.metrics(this.#measured) }));
    const drained = answer(DRAIN, async () => {
      this.#isDraining = true;
      await this.#plane.drain(this.#cut.signal);
      return {};
    });
    const cut = hear(CUT, () => this.#cut.abort());
    const handler = {
      answers: [...this.#control.answers, expected, announced, traffic, metrics, drained, cut],
      onRelayed: (stream: Duplex, relayed: Relayed) =>
        joinRelayed(stream, relayed, this.#control.findLeg(relayed.legId)),
      onClose: orphaned.resolve,
    };
    this.#link = new WorkerLink("dialed", hub, handler, this.#legServices.session);
    this.#control.link = this.#link;
    this.#stopListening = directory.listen({ onAddressRules: () => this.#plane.recheckVisitors() });
  }

  /** Serves as soon as it knows all that is online. @throws UsageError when a port cannot be had */
  static async start(options: EdgeWorkerOptions, hub: Duplex): Promise<EdgeWorker> {
    const worker = new EdgeWorker(options, hub);
    const { pid, version, process } = options;
    const hello = { worker: process.number, pid, version, configuration: process.configuration ?? "" };
    const ports = await worker.#link.call(HELLO, hello, HELLO_LIMIT_MS);
    // Meanwhile it may have been told to stop, and somebody else wants them.
    if (!worker.isDraining) worker.#plane.ports.open(ports);
    return worker;
  }

  /** The port listened on. */
  port(name: EdgePortName): number | undefined {
    return this.#plane.ports.port(name);
  }

  /** The hub has said that the edge stops. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** As {@link Edge.acceptAgent}. */
  acceptAgent(connection: Duplex, initial: Uint8Array = new Uint8Array(0)): void {
    this.#control.onConnected(new AgentLeg(connection, initial, this.#legServices));
  }

  /** As {@link Edge.stop}, without the hub, which would first have seen to visitors of other processes. */
  async stop(deadline: AbortSignal): Promise<void> {
    await this.#plane.drain(deadline);
    await this.#control.closeAll("the edge stops", this.#options.clock);
    this.#stopListening();
    this.#link.close("the worker stops");
  }

  get #measured(): Pick<MeasuredProcess, "figures" | "meters"> {
    const { visitors, gate, meters } = this.#plane;
    return { figures: { visitors: visitors.countByProtocol(), visitorsTurnedAway: gate.turnedAway }, meters };
  }

  #legOf({ legId: id, number, worker }: AnnouncedEndpoint["legs"][number]): Leg | undefined {
    if (worker === this.#options.process.number) return this.#control.findLeg(id);
    return new RelayedLeg({ id, number, link: this.#link });
  }
}
