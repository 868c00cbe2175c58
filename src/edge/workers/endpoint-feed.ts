/**
 * What is online, for the workers: each hears of all endpoints when it comes up, and of every change from then on, in order. What changes
 * while one is being told is told together. Knows no link.
 */
import type { Clock } from "../../base/clock.ts";
import { ANNOUNCE, type AnnouncedEndpoint, type Announcement } from "../../protocol/relay/worker-calls.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";
import { MESSAGE_LIMIT_BYTES } from "../../protocol/rpc/json-object-reader.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { EndpointObserver, EndpointOrigin } from "../binding/endpoint-observer.ts";
import type { Endpoint, Leg } from "../endpoint.ts";

/** More is told in a further message. A bind has 1 KB, but policies and certificates make it longer. */
const FULL_MESSAGE_BYTES = 256 * 1024;
/** No endpoint may have more: a message would be too long with it alone. */
const MAX_ENDPOINT_BYTES = MESSAGE_LIMIT_BYTES - FULL_MESSAGE_BYTES;

export interface FeedListener {
  /** Resolves when visitors find what was told. */
  tell(news: Announcement): Promise<void>;
  /** Something could not be told, and nothing more will be. */
  onFailure(error: unknown): void;
}

type NewsOf = (ids: ReadonlySet<string>, told: Set<string>) => Iterable<Announcement>;

const NOTHING: Announcement = { gone: [], online: [], served: [] };

interface Online {
  readonly endpoint: Endpoint;
  readonly origin: EndpointOrigin;
}

export class EndpointFeed implements EndpointObserver {
  readonly #workerOf: (leg: Leg) => number;
  readonly #log: Logger;
  readonly #online = new Map<string, Online>();
  readonly #listeners = new Set<Listener>();

  /** `workerOf`: the process that has a session. */
  constructor(workerOf: (leg: Leg) => number, log: Logger) {
    this.#workerOf = workerOf;
    this.#log = log;
  }

  onOnline(endpoint: Endpoint, origin: EndpointOrigin): void {
    this.#online.set(endpoint.facts.id, {
      endpoint,
      origin: "bind" in origin ? { bind: essential(origin.bind) } : origin,
    });
    this.#tellAll(endpoint.facts.id);
  }

  onLegs({ facts: { id } }: Endpoint): void {
    this.#tellAll(id);
  }

  /** Its agent knows of it now: see {@link Endpoint.isAnswered}. */
  onAnswered({ facts: { id } }: Endpoint): void {
    this.#tellAll(id);
  }

  onOffline({ facts: { id } }: Endpoint): void {
    this.#online.delete(id);
    this.#tellAll(id);
  }

  /** The answer ends it. */
  subscribe(told: FeedListener): () => void {
    const listener = new Listener((ids, known) => this.#newsOf(ids, known), told);
    this.#listeners.add(listener);
    listener.add(this.#online.keys());
    return () => {
      this.#listeners.delete(listener);
      listener.stop();
    };
  }

  /** Resolves when all that listen have heard of everything up to now, or listen no longer. */
  async settled(): Promise<void> {
    await Promise.all([...this.#listeners].map((listener) => listener.settled()));
  }

  /** As {@link settled}, but waits no longer than that for anybody. */
  async settledWithin(limitMs: number, clock: Clock): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(limitMs, resolve);
    void this.settled().then(resolve);
    await promise;
    cancel();
  }

  #tellAll(id: string): void {
    for (const listener of this.#listeners) listener.add([id]);
  }

  /** As of now, in messages that are not too long; `told`: those that were online before. */
  *#newsOf(ids: ReadonlySet<string>, told: Set<string>): Generator<Announcement> {
    const gone = [...ids].filter((id) => !this.#online.has(id));
    if (gone.length > 0) yield { ...NOTHING, gone };
    for (const id of gone) told.delete(id);
    const found = [...ids].flatMap((id) => this.#online.get(id) ?? []);
    const isKnown = ({ endpoint, origin }: Online): boolean => "bind" in origin && told.has(endpoint.facts.id);
    const served = found.filter(isKnown).map(({ endpoint }) => ({
      id: endpoint.facts.id,
      legs: this.#legsOf(endpoint),
      isAnswered: endpoint.isAnswered,
    }));
    if (served.length > 0) yield { ...NOTHING, served };
    yield* this.#newOnes(found.filter((one) => !isKnown(one)));
    for (const { endpoint } of found) told.add(endpoint.facts.id);
  }

  *#newOnes(found: readonly Online[]): Generator<Announcement> {
    let online: AnnouncedEndpoint[] = [];
    let bytes = 0;
    for (const one of found) {
      const announced = this.#announced(one);
      const more = bytesOf(announced);
      if (more > MAX_ENDPOINT_BYTES) {
        this.#log.error("endpoint is too long to be told to other processes", { url: announced.url, bytes: more });
        continue;
      }
      if (bytes + more > FULL_MESSAGE_BYTES && online.length > 0) {
        yield { ...NOTHING, online };
        [online, bytes] = [[], 0];
      }
      online.push(announced);
      bytes += more;
    }
    if (online.length > 0) yield { ...NOTHING, online };
  }

  #legsOf({ legs }: Endpoint): AnnouncedEndpoint["legs"] {
    return legs.map((leg) => ({ legId: leg.id, number: leg.number, worker: this.#workerOf(leg) }));
  }

  #announced({ endpoint, origin }: Online): AnnouncedEndpoint {
    const { id, bindId, accountId, credentialId, clientId, reservationId, place, host, url, proto, forwardsTo } =
      endpoint.facts;
    return {
      id,
      bindId,
      accountId,
      credentialId,
      clientId,
      reservationId,
      place,
      host,
      url,
      forwardsTo,
      legs: this.#legsOf(endpoint),
      isAnswered: endpoint.isAnswered,
      protocol: proto,
      bind: "bind" in origin ? origin.bind : undefined,
      cloud: "cloud" in origin ? origin.cloud : undefined,
    };
  }
}

/** One who is told, one message after the other. */
class Listener {
  readonly #newsOf: NewsOf;
  readonly #listener: FeedListener;
  /** Ids of those that it knows to be online. */
  readonly #told = new Set<string>();
  #changed = new Set<string>();
  #telling: Promise<void> | undefined;
  #isStopped = false;

  constructor(newsOf: NewsOf, listener: FeedListener) {
    this.#newsOf = newsOf;
    this.#listener = listener;
  }

  add(ids: Iterable<string>): void {
    for (const id of ids) this.#changed.add(id);
    if (this.#changed.size > 0) this.#telling ??= this.#tellChanges();
  }

  /** What was added is told in the round under way, or in the next one. */
  async settled(): Promise<void> {
    await this.#telling;
    await this.#telling;
  }

  stop(): void {
    this.#isStopped = true;
    this.#changed.clear();
  }

  /** One round. Never rejects. */
  async #tellChanges(): Promise<void> {
    // What else changes in this turn goes along.
    await Promise.resolve();
    const changed = this.#changed;
    this.#changed = new Set();
    try {
      for (const news of this.#newsOf(changed, this.#told)) if (!this.#isStopped) await this.#listener.tell(news);
    } catch (error) {
      this.stop();
      this.#listener.onFailure(error);
    }
    this.#telling = undefined;
    if (!this.#isStopped) this.add([]);
  }
}

/** Without the texts for people, which only the hub shows, and what nobody reads: an agent may make both as long as a message. */
function essential(bind: BindRequest): BindRequest {
  const extra = { ...bind.extra, name: "", description: "", metadata: "", token: "" };
  return { ...bind, forwardsTo: "", wireOptions: undefined, extra };
}

function bytesOf(announced: AnnouncedEndpoint): number {
  return Buffer.byteLength(JSON.stringify(ANNOUNCE.request.toWire({ ...NOTHING, online: [announced] })));
}
