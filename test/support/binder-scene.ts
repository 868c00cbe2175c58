/** A binder with everything it needs, legs that a test plays, and TCP ports of this machine. */
import type { PublicError } from "../../src/base/errors.ts";
import { AddressAdmission } from "../../src/edge/binding/address-admission.ts";
import { ADDRESS_KEY_BYTES, AddressProofs } from "../../src/edge/binding/address-proofs.ts";
import { type AgentIdentity, Binder, type BinderOptions, type BoundLeg } from "../../src/edge/binding/binder.ts";
import { CloudEndpoints } from "../../src/edge/binding/cloud-endpoints.ts";
import { EndpointPlaces } from "../../src/edge/binding/endpoint-places.ts";
import { TcpPlaces } from "../../src/edge/binding/tcp-places.ts";
import type { AccountRules, Credential, Directory, DirectoryListener, NameVerdict } from "../../src/edge/directory.ts";
import type { Endpoint } from "../../src/edge/endpoint.ts";
import { OPEN_ACCOUNT } from "../../src/edge/static-directory.ts";
import { RoutingTable } from "../../src/edge/routing-table.ts";
import { Acl } from "../../src/model/acl.ts";
import type { CloudEndpoint } from "../../src/model/records/cloud-endpoint.ts";
import type { PortRange } from "../../src/model/port-range.ts";
import { TcpPorts } from "../../src/edge/tcp-ports.ts";
import type { Duplex } from "../../src/net/duplex.ts";
import { ManualClock } from "./manual-clock.ts";
import { recordingLog } from "./recording-log.ts";
import { ScriptedAgent } from "./scripted-agent.ts";

/** A leg that lives until the test says otherwise. */
export class PlayedLeg extends ScriptedAgent implements BoundLeg {
  isCurrent = true;
  timesAsked = 0;
  /** What the agent answers when it is asked whether it lives. */
  alive: () => Promise<boolean> = () => Promise.resolve(true);

  /** Binds that the agent was told are over, with the codes. */
  readonly dropped: string[] = [];

  dropBind(bindId: string, { code }: PublicError): void {
    this.dropped.push(`${bindId} ${code}`);
  }

  isAlive(): Promise<boolean> {
    this.timesAsked += 1;
    return this.alive();
  }
}

/** Lets the look-up of a token wait until the test opens the gate. */
export class GatedDirectory implements Directory {
  verdict: NameVerdict = "allowed";
  rules: AccountRules = OPEN_ACCOUNT;
  /** Of every credential. */
  acl: Acl = Acl.none;
  /** Nobody may go on with these. */
  readonly gone = new Set<string>();
  readonly reservedPorts = new Set<number>();
  readonly listeners = new Set<DirectoryListener>();
  #gate: PromiseWithResolvers<void> | undefined;

  close(): void {
    this.#gate = Promise.withResolvers();
  }

  open(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  async authenticate(token: string): Promise<Credential | undefined> {
    await this.#gate?.promise;
    return token === "" || token === "unknown" ? undefined : this.credential(`cr_${token}`);
  }

  credential = (id: string): Credential | undefined =>
    this.gone.has(id) ? undefined : { id, accountId: "ac_1", acl: this.acl };

  /** Every credential is deleted. */
  deleteAll(): void {
    this.credential = () => undefined;
    for (const { onCredentialGone } of this.listeners) onCredentialGone?.("cr_1");
  }

  account(): AccountRules {
    return this.rules;
  }

  nameVerdict(): NameVerdict {
    return this.verdict;
  }

  addressVerdict(): NameVerdict {
    return this.verdict;
  }

  readonly cloud: CloudEndpoint[] = [];

  cloudEndpoints(): readonly CloudEndpoint[] {
    return this.cloud;
  }

  isPortReserved(port: number): boolean {
    return this.reservedPorts.has(port);
  }

  listen(listener: DirectoryListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}

export interface BinderScene {
  readonly binder: Binder;
  readonly tcpPlaces: TcpPlaces;
  /** Beside the binder, in the same places; those of the directory are online. */
  readonly cloudEndpoints: () => CloudEndpoints;
  readonly lines: ReturnType<typeof recordingLog>["lines"];
  readonly routes: RoutingTable<Endpoint>;
  readonly clock: ManualClock;
  readonly directory: GatedDirectory;
  readonly visitors: { readonly connection: Duplex; readonly endpoint: Endpoint }[];
}

export function binderScene(
  ports?: PortRange,
  maxEndpointsPerAgent = 10,
  publicPorts: BinderOptions["publicPorts"] = { http: 80, https: 443 },
): BinderScene {
  const routes = new RoutingTable<Endpoint>();
  const clock = new ManualClock();
  const directory = new GatedDirectory();
  const visitors: BinderScene["visitors"] = [];
  const tcpPorts = new TcpPorts(ports && { ports, hostname: "127.0.0.1" }, (fault) => {
    throw fault;
  });
  const tcpPlaces = new TcpPlaces({
    tcpPorts,
    tcpHost: "edge.test",
    routes,
    admit: (connection, serve) => serve(connection),
    onVisitor: (connection, endpoint) => {
      routes.served(endpoint);
      visitors.push({ connection, endpoint });
    },
  });
  const proofs = new AddressProofs(new Uint8Array(ADDRESS_KEY_BYTES).fill(1));
  const admission = new AddressAdmission({ baseDomains: ["edge.test"], region: "us", directory, tcpPorts, proofs });
  const addresses = { admission, routes, tcpPlaces, publicPorts };
  const freed = { call: (): void => {} };
  const places = new EndpointPlaces({ ...addresses, tcpPorts, clock });
  const binder = new Binder({
    ...addresses,
    places,
    maxEndpointsPerAgent,
    rulesOf: () => directory.account(),
    onFreed: () => freed.call(),
    clock,
  });
  const { log, lines } = recordingLog();
  const cloudEndpoints = (): CloudEndpoints => {
    const cloud = new CloudEndpoints({
      ...addresses,
      directory,
      isKept: (endpoint) => places.isKept(endpoint),
      clock,
      log,
    });
    freed.call = () => cloud.retry();
    return cloud;
  };
  return { binder, tcpPlaces, routes, clock, directory, visitors, cloudEndpoints, lines };
}

/** An agent of account 1 unless said otherwise. */
export function agentOf(clientId: string, more: Partial<AgentIdentity> = {}): AgentIdentity {
  return { clientId, credentialId: "cr_1", accountId: "ac_1", ...more };
}
