/**
 * What is online, for the workers: each hears of all endpoints when it comes up, and of every change from then on, in order. What changes
 * while one is being told is told together. Knows no link.
 */
import { BIND } from "../../protocol/rpc/bind.ts";
import type { AnnouncedEndpoint, Announcement } from "../../protocol/relay/worker-calls.ts";
import type { EndpointObserver, EndpointOrigin } from "../binding/endpoint-observer.ts";
import type { Endpoint, Leg } from "../endpoint.ts";

/** A message stays far below what is taken; a bind has 1 KB, but policies and certificates make it longer. */
const MAX_TOLD_CHARACTERS = 256 * 1024;

/** Resolves when visitors find what was told. When it rejects, nothing more is told. */
export type Tell = (news: Announcement) => Promise<void>;

interface Online {
  readonly endpoint: Endpoint;
  readonly origin: EndpointOrigin;
}

export class EndpointFeed implements EndpointObserver {
  readonly #workerOf: (leg: Leg) => number;
  readonly #online = new Map<string, Online>();
  readonly #listeners = new Set<Listener>();

  /** `workerOf`: the process that has a session. */
  constructor(workerOf: (leg: Leg) => number) {
    this.#workerOf = workerOf;
  }

  onOnline(endpoint: Endpoint, origin: EndpointOrigin): void {
    this.#online.set(endpoint.facts.id, { endpoint, origin });
    this.#tellAll(endpoint.facts.id);
  }

  onLegs({ facts: { id } }: Endpoint): void {
    this.#tellAll(id);
  }

  onOffline({ facts: { id } }: Endpoint): void {
    this.#online.delete(id);
    this.#tellAll(id);
  }

  /** The answer ends it. */
  subscribe(tell: Tell): () => void {
    const listener = new Listener((ids) => this.#newsOf(ids), tell);
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

  #tellAll(id: string): void {
    for (const listener of this.#listeners) listener.add([id]);
  }

  /** As of now, in messages that are not too long. */
  *#newsOf(ids: ReadonlySet<string>): Generator<Announcement> {
    const gone = [...ids].filter((id) => !this.#online.has(id));
    let online: AnnouncedEndpoint[] = [];
    let characters = 0;
    if (gone.length > 0) yield { gone, online };
    for (const id of ids) {
      const found = this.#online.get(id);
      if (found === undefined) continue;
      online.push(this.#announced(found));
      characters += lengthOf(found.origin);
      if (characters < MAX_TOLD_CHARACTERS) continue;
      yield { gone: [], online };
      [online, characters] = [[], 0];
    }
    if (online.length > 0) yield { gone: [], online };
  }

  #announced({ endpoint, origin }: Online): AnnouncedEndpoint {
    const { id, bindId, accountId, credentialId, clientId, reservationId, place, host, url, proto, forwardsTo } =
      endpoint.facts;
    const legs = endpoint.legs.map((leg) => ({ legId: leg.id, number: leg.number, worker: this.#workerOf(leg) }));
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
      legs,
      protocol: proto,
      bind: "bind" in origin ? origin.bind : undefined,
      cloud: "cloud" in origin ? origin.cloud : undefined,
    };
  }
}

/** One who is told, one message after the other. */
class Listener {
  readonly #newsOf: (ids: ReadonlySet<string>) => Iterable<Announcement>;
  readonly #tell: Tell;
  #changed = new Set<string>();
  #telling: Promise<void> | undefined;
  #isStopped = false;

  constructor(newsOf: (ids: ReadonlySet<string>) => Iterable<Announcement>, tell: Tell) {
    this.#newsOf = newsOf;
    this.#tell = tell;
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

  /** One round. Never rejects: whoever tells knows what to do when it fails. */
  async #tellChanges(): Promise<void> {
    // What else changes in this turn goes along.
    await Promise.resolve();
    const changed = this.#changed;
    this.#changed = new Set();
    try {
      for (const news of this.#newsOf(changed)) if (!this.#isStopped) await this.#tell(news);
    } catch {
      this.stop();
    }
    this.#telling = undefined;
    if (!this.#isStopped) this.add([]);
  }
}

function lengthOf(origin: EndpointOrigin): number {
  return JSON.stringify("bind" in origin ? BIND.request.toWire(origin.bind) : origin.cloud).length;
}
