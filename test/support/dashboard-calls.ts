/** The dashboard over the records of a management scene: calls go to the app, no port is opened. */
import { dashboardApp } from "../../src/edge/dashboard/dashboard-app.ts";
import type { EndpointTraffic } from "../../src/edge/operations/endpoint-traffic.ts";
import { ManagementScene, type SceneAccount } from "./management-scene.ts";

export const DASHBOARD_URL = "https://api.e.test";

export interface SendOptions {
  /** As a browser sends it back. */
  readonly cookie?: string | undefined;
  readonly body?: object | string | undefined;
  /** Beside those that the pages send; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly ip?: string;
  readonly origin?: string;
}

export class DashboardCalls implements AsyncDisposable {
  readonly management: ManagementScene;
  readonly app: ReturnType<typeof dashboardApp>;
  /** By account. */
  readonly traffic = new Map<string, readonly EndpointTraffic[]>();

  private constructor(management: ManagementScene) {
    this.management = management;
    this.app = dashboardApp({
      management: management.services,
      hosts: ["api.e.test"],
      traffic: (accountId) => Promise.resolve(this.traffic.get(accountId) ?? []),
    });
  }

  static async open(): Promise<DashboardCalls> {
    return new DashboardCalls(await ManagementScene.open());
  }

  /** What a page sends that was loaded from the same place. */
  async send(method: string, path: string, options: SendOptions = {}): Promise<Response> {
    const { cookie, body, headers = {}, ip = "127.0.0.1", origin = DASHBOARD_URL } = options;
    const usual = {
      "Ngrok-Version": "2",
      "Sec-Fetch-Site": "same-origin",
      ...(method === "GET" ? {} : { "Ginnel-Dashboard": "1", Origin: origin }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...(cookie === undefined ? {} : { Cookie: cookie }),
    };
    const fields = Object.entries({ ...usual, ...headers }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    const text = typeof body === "object" ? JSON.stringify(body) : body;
    const init = { method, headers: fields, ...(text === undefined ? {} : { body: text }) };
    return this.app.fetch(new Request(`${origin}${path}`, init), { ip });
  }

  trySignIn(key: string, options: SendOptions = {}): Promise<Response> {
    return this.send("POST", "/dashboard/session", { body: { api_key: key }, ...options });
  }

  /** Answers the cookie. */
  async signIn(account: SceneAccount = this.management.one, options: SendOptions = {}): Promise<string> {
    const answer = await this.trySignIn(account.key, options);
    if (answer.status !== 204) throw new Error(`${answer.status} ${await answer.text()}`);
    return cookieIn(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.management[Symbol.asyncDispose]();
  }
}

/** What a browser keeps of it. */
export function cookieIn(answer: Response): string {
  return answer.headers.get("Set-Cookie")?.split(";")[0] ?? "";
}

export async function jsonOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  const value: unknown = await answer.json();
  if (typeof value !== "object" || value === null) throw new Error("the answer is no object");
  return Object.fromEntries(Object.entries(value));
}
