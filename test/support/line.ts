/**
 * A line with a length: a TCP forwarder of this process with a round trip, a rate and a bounded buffer, that can fall silent,
 * break and refuse. Needs no rights, unlike the kernel's own; it has no packets, so nothing is lost or comes twice.
 */
import { systemClock } from "../../src/base/clock.ts";
import type { CloseCause, Duplex, DuplexHandler } from "../../src/net/duplex.ts";
import { dialTcp, type DialTarget } from "../../src/net/tcp-dial.ts";
import { type Listening, listenTcp } from "../../src/net/tcp-listen.ts";
import { LineDirection, type LineTraits } from "./line-direction.ts";

const HOST = "127.0.0.1";
const DIAL_TIMEOUT_MS = 5_000;

export type Heading = "toTarget" | "fromTarget";

export class Line implements Disposable {
  readonly port: number;
  readonly #target: DialTarget;
  readonly #traits: LineTraits;
  readonly #wires = new Set<Wire>();
  readonly #silent = new Set<Heading>();
  #listening: Listening | undefined;

  /** Everybody who connects to `port` of this machine reaches the target, as if it were far away. 0: any free port. */
  constructor(target: DialTarget, traits: LineTraits, port = 0) {
    this.#target = target;
    this.#traits = traits;
    this.#listening = this.#listen(port);
    this.port = this.#listening.port;
  }

  /**
   * From now on nothing arrives, and nobody is told: neither bytes, nor ends, nor resets; without arguments both ways.
   * Nothing is lost either. The kernel goes on answering new connections for the target.
   */
  silence(...headings: readonly Heading[]): void {
    for (const heading of headings.length === 0 ? BOTH : headings) this.#silent.add(heading);
  }

  /** What was held back by {@link silence} arrives. */
  heal(): void {
    this.#silent.clear();
    for (const wire of this.#wires) wire.look();
  }

  /** Both ends of every connection see a reset, at once. New ones are taken. */
  reset(): void {
    for (const wire of this.#wires) wire.cut();
  }

  /** New connections are refused by the kernel; open ones go on. */
  refuse(): void {
    this.#listening?.stopAccepting();
    this.#listening = undefined;
  }

  /** Takes new connections again, on the same port. */
  accept(): void {
    this.#listening ??= this.#listen(this.port);
  }

  get connections(): number {
    return this.#wires.size;
  }

  [Symbol.dispose](): void {
    this.refuse();
    this.reset();
  }

  #listen(port: number): Listening {
    return listenTcp({ hostname: HOST, port }, (near) => {
      const wire = new Wire(near, this.#traits, {
        isSilent: (heading) => this.#silent.has(heading),
        onDone: () => this.#wires.delete(wire),
      });
      this.#wires.add(wire);
      dialTcp(this.#target, { timeoutMs: DIAL_TIMEOUT_MS }).then(
        (far) => wire.join(far),
        () => wire.cut(),
      );
    });
  }
}

const BOTH: readonly Heading[] = ["toTarget", "fromTarget"];

interface WireOwner {
  isSilent(heading: Heading): boolean;
  onDone(): void;
}

/** One connection through the line. */
class Wire {
  readonly #near: Duplex;
  readonly #traits: LineTraits;
  readonly #owner: WireOwner;
  readonly #openedAtMs = systemClock.nowMs();
  #lanes: readonly Lane[] = [];
  #far: Duplex | undefined;
  #isCut = false;

  constructor(near: Duplex, traits: LineTraits, owner: WireOwner) {
    this.#near = near;
    this.#traits = traits;
    this.#owner = owner;
  }

  join(far: Duplex): void {
    if (this.#isCut) return far.reset();
    this.#far = far;
    // The handshake of TCP takes a round trip, which a socket of this machine does not notice.
    const opensAtMs = this.#openedAtMs + this.#traits.roundTripMs;
    const lane = (heading: Heading, from: Duplex, to: Duplex): Lane =>
      new Lane(from, to, new LineDirection(this.#traits, opensAtMs), {
        isSilent: () => this.#owner.isSilent(heading),
        onClosed: () => this.#onClosed(),
      });
    const there = lane("toTarget", this.#near, far);
    const back = lane("fromTarget", far, this.#near);
    this.#lanes = [there, back];
    there.start(back);
    back.start(there);
  }

  look(): void {
    for (const lane of this.#lanes) lane.look();
  }

  cut(): void {
    this.#isCut = true;
    this.#near.reset();
    this.#far?.reset();
    for (const lane of this.#lanes) lane.stop();
    this.#owner.onDone();
  }

  #onClosed(): void {
    if (this.#lanes.every((lane) => lane.isClosed)) this.#owner.onDone();
  }
}

interface LaneOwner {
  isSilent(): boolean;
  onClosed(): void;
}

/** Hears one end and, later, tells the other. */
class Lane implements DuplexHandler {
  isClosed = false;
  readonly #from: Duplex;
  readonly #to: Duplex;
  readonly #direction: LineDirection;
  readonly #owner: LaneOwner;
  #opposite: Lane | undefined;
  #isBlocked = false;
  #cancelTimer: (() => void) | undefined;

  constructor(from: Duplex, to: Duplex, direction: LineDirection, owner: LaneOwner) {
    this.#from = from;
    this.#to = to;
    this.#direction = direction;
    this.#owner = owner;
  }

  /** `opposite` goes on when this end has room again. */
  start(opposite: Lane): void {
    this.#opposite = opposite;
    this.#from.listen(this);
  }

  onData(bytes: Uint8Array): void {
    this.#direction.send({ type: "bytes", bytes }, systemClock.nowMs());
    if (!this.#direction.hasRoom) this.#from.pause();
    this.look();
  }

  onDrain(): void {
    this.#opposite?.unblock();
  }

  onEnd(): void {
    this.#direction.send({ type: "end" }, systemClock.nowMs());
    this.look();
  }

  onClose(cause: CloseCause | undefined): void {
    this.isClosed = true;
    if (cause !== undefined) this.#direction.send({ type: "reset" }, systemClock.nowMs());
    this.look();
    this.#owner.onClosed();
  }

  unblock(): void {
    this.#isBlocked = false;
    this.look();
  }

  /** Delivers what has arrived, and comes back for the rest. */
  look(): void {
    this.stop();
    if (this.#owner.isSilent()) return;
    while (!this.#isBlocked) {
      const parcel = this.#direction.take(systemClock.nowMs());
      if (parcel === undefined) break;
      if (parcel.type === "bytes") this.#isBlocked = !this.#to.write(parcel.bytes);
      else if (parcel.type === "end") this.#to.end();
      else this.#to.reset();
    }
    if (this.#direction.hasRoom) this.#from.resume();
    const next = this.#direction.nextArrivalMs;
    if (next === undefined || this.#isBlocked) return;
    this.#cancelTimer = systemClock.after(Math.max(0, next - systemClock.nowMs()), () => this.look());
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}
