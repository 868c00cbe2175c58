import { UsageError } from "../base/errors.ts";
import type { Tunnel } from "./tunnel.ts";

/** The name belongs to a tunnel that runs or is being started. */
export class DuplicateTunnel extends UsageError {
  constructor(name: string) {
    super(`tunnel "${name}" already exists; stop it first, or choose another name`);
  }
}

/** The agent's tunnels by name, and by bind id for the visitors that come. */
export class TunnelSet {
  /** Names that are taken, whether their tunnel runs yet or not. */
  readonly #names = new Set<string>();
  readonly #bound = new Map<string, Tunnel>();
  readonly #started = new Map<string, Tunnel>();

  /** Takes all of the names, or none. @throws DuplicateTunnel */
  reserve(names: readonly string[]): void {
    const taken = names.find((name) => this.#names.has(name));
    if (taken !== undefined) throw new DuplicateTunnel(taken);
    for (const name of names) this.#names.add(name);
  }

  release(names: readonly string[]): void {
    for (const name of names) this.#names.delete(name);
  }

  /** The edge may send visitors from now on. */
  addBound(tunnel: Tunnel): void {
    this.#bound.set(tunnel.bindId, tunnel);
  }

  /** It shows in lists from now on. */
  addStarted(tunnel: Tunnel): void {
    this.#started.set(tunnel.name, tunnel);
  }

  /** Frees its name. False when it was gone already. */
  remove(tunnel: Tunnel): boolean {
    if (!this.has(tunnel)) return false;
    this.#bound.delete(tunnel.bindId);
    this.#started.delete(tunnel.name);
    this.#names.delete(tunnel.name);
    return true;
  }

  has(tunnel: Tunnel): boolean {
    return this.#bound.get(tunnel.bindId) === tunnel;
  }

  ofBind(bindId: string): Tunnel | undefined {
    return this.#bound.get(bindId);
  }

  named(name: string): Tunnel | undefined {
    return this.#started.get(name);
  }

  /** Also those of which the other half of the pair is not bound yet. */
  get bound(): readonly Tunnel[] {
    return [...this.#bound.values()];
  }

  /** By name. */
  get started(): readonly Tunnel[] {
    return [...this.#started.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
