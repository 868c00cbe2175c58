/** The management API over a store in memory, with two accounts that know nothing of each other. */
import type { Clock } from "../../src/base/clock.ts";
import { newId } from "../../src/base/record-id.ts";
import { AddressWarnings } from "../../src/edge/address-warnings.ts";
import { FailedCallers } from "../../src/edge/management/failed-callers.ts";
import { managementApi } from "../../src/edge/management/management-api.ts";
import type { ManagementServices } from "../../src/edge/management/management-services.ts";
import { RecordDirectory } from "../../src/edge/records/record-directory.ts";
import type { AgentCommands } from "../../src/edge/sessions/agent-commands.ts";
import { BindPace } from "../../src/edge/sessions/bind-pace.ts";
import { accessTokenOf, hashToken } from "../../src/model/access-token.ts";
import { NO_LIMITS, type AccountLimits } from "../../src/model/records/account.ts";
import type { LiveEndpoint } from "../../src/model/records/live-endpoint.ts";
import type { TunnelSession } from "../../src/model/records/tunnel-session.ts";
import { openStore } from "../../src/store/open-store.ts";
import { SECRETS_KEY_BYTES } from "../../src/model/secrets-key.ts";
import type { Store } from "../../src/store/store.ts";
import { ManualClock } from "./manual-clock.ts";
import { recordingLog } from "./recording-log.ts";

export const API_URL = "https://api.e.test";
export const ALLOWED_ORIGIN = "https://console.example";

/** One that a cloud endpoint can be made with. */
export const CLOUD_POLICY = "on_http_request: [{actions: [{type: deny}]}]";

export interface SceneAccount {
  readonly id: string;
  /** An API key. */
  readonly key: string;
  readonly keyId: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** `{}` for an answer without a body. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface CallOptions {
  readonly body?: object | string | Uint8Array<ArrayBuffer>;
  readonly account?: SceneAccount;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly ip?: string;
}

/** Moves a second with each look, so that records have an order. */
class SteppingClock extends ManualClock {
  readonly #startMs = Date.UTC(2026, 0, 1);
  #steps = 0;

  override date(): Date {
    return new Date(this.#startMs + this.nowMs() + this.#steps++ * 1_000);
  }
}

export class ManagementScene implements AsyncDisposable {
  readonly app: ReturnType<typeof managementApi>;
  /** What the app works with. */
  readonly services: ManagementServices;
  readonly store: Store;
  readonly clock: ManualClock;
  readonly lines: ReturnType<typeof recordingLog>["lines"];
  /** What agents were told. */
  readonly commands: string[];
  readonly one: SceneAccount;
  readonly other: SceneAccount;

  private constructor(
    parts: Pick<ManagementScene, "app" | "services" | "store" | "clock" | "lines" | "commands" | "one" | "other">,
  ) {
    ({ app: this.app, services: this.services, store: this.store, clock: this.clock, lines: this.lines } = parts);
    ({ commands: this.commands, one: this.one, other: this.other } = parts);
  }

  static async open(options: Partial<ManagementServices> & { limits?: AccountLimits } = {}): Promise<ManagementScene> {
    const clock = new SteppingClock();
    const time = options.clock ?? clock;
    const store = await openStore("sqlite::memory:", { secretsKey: new Uint8Array(SECRETS_KEY_BYTES), clock: time });
    const { log, lines } = recordingLog();
    const commands: string[] = [];
    const agents: AgentCommands = {
      stop: async ({ id }) => void commands.push(`stop ${id}`),
      restart: async ({ id }) => void commands.push(`restart ${id}`),
      update: async ({ id }, version) => void commands.push(`update ${id} ${version}`),
      startTunnel: async ({ id }, definition) => {
        commands.push(`start ${id} ${JSON.stringify(definition)}`);
        const [endpoint] = await store.live.listEndpoints(one.id, { limit: 1, beforeId: undefined });
        if (endpoint === undefined) throw new Error("no agent was brought online");
        return endpoint;
      },
      tunnelTakers: async (accountId) => {
        const sessions = await store.live.listSessions(accountId, { limit: 100, beforeId: undefined });
        return sessions.map(({ id }) => id);
      },
    };
    const { limits = NO_LIMITS, ...more } = options;
    const names = { baseDomains: ["e.test"], protectedNames: ["api.e.test"] };
    const services: ManagementServices = {
      store,
      // It ends with the store, which tells it of changes.
      directory: await RecordDirectory.open(store, names),
      agents,
      clock,
      log,
      baseUrl: API_URL,
      names,
      regions: ["us", "eu"],
      tcp: {
        host: "tcp.e.test",
        ports: {
          first: 2e4,
          last: 20002,
        },
      },
      publicPorts: { http: 80, https: 443 },
      isTaken: () => false,
      failedCallers: new FailedCallers(time),
      addressWarnings: new AddressWarnings(log, time),
      policyPace: new BindPace(),
      allowedOrigins: [ALLOWED_ORIGIN],
      ...more,
    };
    const app = managementApi(services);
    const one = await madeAccount(store, time, limits);
    const other = await madeAccount(store, time, limits);
    return new ManagementScene({ app, services, store, clock, lines, commands, one, other });
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, account = this.one, headers = {}, ip = "127.0.0.1" } = options;
    const usual = {
      Authorization: `Bearer ${account.key}`,
      "Ngrok-Version": "2",
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    };
    const fields = Object.entries({ ...usual, ...headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const text = typeof body === "object" && !(body instanceof Uint8Array) ? JSON.stringify(body) : body;
    const request = new Request(`${API_URL}${path}`, {
      method,
      headers: fields,
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await this.app.fetch(request, { ip });
    const written = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      json: written === "" ? {} : asObject(JSON.parse(written)),
    };
  }

  /** Creates a record and answers it. @throws Error when it is refused */
  async create(
    path: string,
    body: object,
    account?: SceneAccount,
  ): Promise<Readonly<Record<string, unknown>> & { id: string }> {
    const { status, json } = await this.call("POST", `/${path}`, account === undefined ? { body } : { body, account });
    if (status !== 201) throw new Error(`${status} ${JSON.stringify(json)}`);
    return { ...json, id: String(json["id"]) };
  }

  /** An agent of the account comes online with one endpoint. */
  async bringOnline(
    account: SceneAccount = this.one,
  ): Promise<{ readonly session: TunnelSession; readonly endpoint: LiveEndpoint }> {
    const [startedAt, credentialId] = [this.clock.date(), newId("cr", this.clock.date())];
    const session: TunnelSession = {
      id: newId("ts", startedAt),
      accountId: account.id,
      credentialId,
      nodeId: "node",
      agentVersion: "3.39.0",
      os: "linux",
      ip: "192.0.2.1",
      metadata: "m",
      region: "us",
      startedAt,
      transport: "ngrok/2",
    };
    const endpoint: LiveEndpoint = {
      id: newId("ep", startedAt),
      accountId: account.id,
      nodeId: "node",
      sessionId: session.id,
      credentialId,
      proto: "https",
      publicUrl: "https://a.e.test",
      url: "https://a.e.test",
      host: "a.e.test",
      port: 443,
      forwardsTo: "http://localhost:80",
      metadata: "mine",
      description: "",
      bindings: ["public"],
      name: "command_line",
      isPooled: false,
      region: "us",
      trafficPolicy: "",
      startedAt,
      domainId: undefined,
      addrId: undefined,
    };
    await this.store.live.putSession(session);
    await this.store.live.putEndpoint(endpoint);
    return { session, endpoint };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
  }
}

async function madeAccount(store: Store, clock: Clock, limits: AccountLimits): Promise<SceneAccount> {
  const createdAt = clock.date();
  const id = newId("acct", createdAt);
  const keyId = newId("ak", createdAt);
  const key = accessTokenOf(keyId, "0123456789abcdefghijk");
  await store.change({ kind: "operator", id: "test" }, async (transaction) => {
    await transaction.insert("account", { id, createdAt, name: id, isDisabled: false, limits });
    await transaction.insert("apiKey", {
      id: keyId,
      accountId: id,
      createdAt,
      description: "first",
      metadata: "",
      tokenHash: hashToken(key),
      ownerId: undefined,
    });
  });
  return { id, key, keyId };
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("the answer is no object");
  return Object.fromEntries(Object.entries(value));
}
