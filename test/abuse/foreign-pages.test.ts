/**
 * What a page of somebody else makes a browser send is refused by every route of every face that browsers can reach: by a name that was
 * bent to this address (DNS rebinding), from another site, another port or a frame, as a form, with and without what new browsers tell.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { ASSETS as INSPECTOR_ASSETS } from "../../src/agent/inspector/assets.ts";
import { newId } from "../../src/base/record-id.ts";
import { ASSETS as DASHBOARD_ASSETS } from "../../src/edge/dashboard/assets.ts";
import { PAGE_NAMES } from "../../src/edge/dashboard/client/shell/page-name.ts";
import { accountAction } from "../../src/edge/management/about-resources.ts";
import { RESOURCES } from "../../src/edge/management/resource-table.ts";
import { ApiScene } from "../support/api-scene.ts";
import { capturedExchange } from "../support/captured-exchange.ts";
import { DashboardCalls } from "../support/dashboard-calls.ts";
import { httpTunnel } from "../support/tunnel-definitions.ts";

interface Route {
  readonly method: string;
  readonly path: string;
}

/** What a browser sends; it has been to the face before, so its cookies come along. */
interface Sent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

interface Face extends AsyncDisposable {
  /** As its own pages are asked for. */
  readonly origin: string;
  /** Answers that are data, or change something. */
  readonly calls: readonly Route[];
  /** HTML, the same for everybody, and what it names. */
  readonly pages: readonly Route[];
  send(route: Route, sent: Sent): Promise<Response>;
  /** What the face can change, and what its own pages send with a change. */
  state(): Promise<unknown>;
  readonly ownChange: Readonly<Record<string, string>>;
}

const get = (path: string): Route => ({ method: "GET", path });
const isReading = ({ method }: Route): boolean => method === "GET";

/** The agent API and the inspector, on one port. */
class WebPort implements Face {
  readonly origin: string;
  readonly ownChange = {};
  readonly calls: readonly Route[];
  readonly pages = [
    ...["/", "/inspect", "/inspect/http", "/inspect/http/airt_1", "/status"].map(get),
    ...INSPECTOR_ASSETS.all.map(({ name }) => get(`/inspect/assets/${name}`)),
  ];
  readonly #scene: ApiScene;

  private constructor(scene: ApiScene, origin: string, calls: readonly Route[]) {
    this.origin = origin;
    this.#scene = scene;
    this.calls = calls;
  }

  /** `config`: lines of its file; `origin`: one of those that it answers to then. */
  static async open(config = "", origin = "http://127.0.0.1:4040"): Promise<WebPort> {
    const scene = new ApiScene({ config });
    scene.run(httpTunnel());
    scene.capture(capturedExchange({ response: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" }));
    const { json } = await scene.call("GET", "/api/openapi.json");
    const { paths } = json as { readonly paths: Readonly<Record<string, object>> }; // our own description
    const described = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations)
        .filter((key) => key !== "parameters")
        .map((method) => ({
          method: method.toUpperCase(),
          path: path.replace("{name}", "web").replace("{id}", "airt_1"),
        })),
    );
    // Old spellings, see api-route.ts.
    const atRoot = described.filter(({ path }) => /^\/api\/(tunnels|requests)(\/|$)/.test(path));
    const calls = [...described, ...atRoot.map(({ method, path }) => ({ method, path: path.slice("/api".length) }))];
    return new WebPort(scene, origin, calls);
  }

  async send({ method, path }: Route, { headers, body }: Sent): Promise<Response> {
    const init = { method, headers: { Host: new URL(this.origin).host, ...headers } };
    return this.#scene.app.request(path, body === undefined ? init : { ...init, body });
  }

  async state(): Promise<unknown> {
    const shown = ["/api/tunnels", "/api/endpoints", "/api/requests/http"].map((path) => this.#scene.call("GET", path));
    return { shown: (await Promise.all(shown)).map(({ json }) => json), replays: [...this.#scene.replays] };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class Dashboard implements Face {
  readonly origin = "https://api.e.test";
  readonly ownChange = { "Ginnel-Dashboard": "1" };
  readonly calls: readonly Route[] = [
    ...["session", "traffic", "audit", "api/nowhere"].map((path) => get(`/dashboard/${path}`)),
    { method: "POST", path: "/dashboard/session" },
    { method: "DELETE", path: "/dashboard/session" },
    ...[accountAction, ...RESOURCES.flatMap(({ actions }) => actions)].map(({ method, path }) => ({
      method,
      path: `/dashboard/api${path.replace("{id}", newId("rd", new Date(0)))}`,
    })),
  ];
  readonly pages = [
    ...["", ...PAGE_NAMES].map((name) => get(`/dashboard/${name}`)),
    ...DASHBOARD_ASSETS.all.map(({ name }) => get(`/dashboard/assets/${name}`)),
  ];
  readonly #calls: DashboardCalls;
  readonly #cookie: string;

  private constructor(calls: DashboardCalls, cookie: string) {
    this.#calls = calls;
    this.#cookie = cookie;
  }

  static async open(): Promise<Dashboard> {
    const calls = await DashboardCalls.open();
    return new Dashboard(calls, await calls.signIn());
  }

  async send({ method, path }: Route, { headers, body }: Sent): Promise<Response> {
    const init = { method, headers: { Host: new URL(this.origin).host, Cookie: this.#cookie, ...headers } };
    const request = new Request(`${this.origin}${path}`, body === undefined ? init : { ...init, body });
    return this.#calls.app.fetch(request, { ip: "127.0.0.1" });
  }

  async state(): Promise<unknown> {
    const { store, one } = this.#calls.management;
    const entries = await store.audit(one.id, { limit: 100, beforeId: undefined });
    // The session is there still.
    const session = await this.send(get("/dashboard/session"), { headers: {} });
    return { entries, session: session.status };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#calls[Symbol.asyncDispose]();
  }
}

type Touched = "everything" | "calls" | "changes";

const crossSite = (mode: string, destination: string): Record<string, string> => ({
  "Sec-Fetch-Site": "cross-site",
  "Sec-Fetch-Mode": mode,
  "Sec-Fetch-Dest": destination,
});
const form = (type: string, body: string, headers: Record<string, string> = {}): Sent => ({
  headers: { "Content-Type": type, ...headers },
  body,
});
const JSON_TEXT = '{"name":"x","addr":"80","proto":"http"}';

/** What other machines see is found by any address: no page can have one in its URL and not come from there. */
const ANOTHER_ADDRESS = "an address of another network";

/** `touched`: what is refused of it; a link to a page may be followed, and a page without data may be loaded as anybody's. */
const ATTACKS: readonly (readonly [name: string, touched: Touched, sent: Sent])[] = [
  ["a name that was bent to this address", "everything", { headers: { Host: "evil.example" } }],
  ["it, with the port", "everything", { headers: { Host: "evil.example:4040" } }],
  ["a name that begins as ours", "everything", { headers: { Host: "localhost.evil.example" } }],
  ["a name that ends as ours", "everything", { headers: { Host: "evil-api.e.test" } }],
  ["a name below ours", "everything", { headers: { Host: "evil.inspector.example" } }],
  ["a name that ends as those of a team", "everything", { headers: { Host: "evilteam.example" } }],
  ["the name of a tunnel", "everything", { headers: { Host: "d95211d2.edge.test" } }],
  [ANOTHER_ADDRESS, "everything", { headers: { Host: "192.0.2.1" } }],
  ["a script of another site", "everything", { headers: crossSite("cors", "empty") }],
  ["a picture of another site", "everything", { headers: crossSite("no-cors", "image") }],
  ["a script element of another site", "everything", { headers: crossSite("no-cors", "script") }],
  ["a frame of another site", "everything", { headers: crossSite("navigate", "iframe") }],
  ["an object of another site", "everything", { headers: crossSite("navigate", "object") }],
  ["a link of another site", "calls", { headers: crossSite("navigate", "document") }],
  ["a page of a tunnel", "everything", { headers: { "Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors" } }],
  ["an origin of another site alone", "changes", { headers: { Origin: "https://evil.example" } }],
  ["the origin of a sandbox alone", "changes", { headers: { Origin: "null" } }],
  ["the origin of another port alone", "changes", { headers: { Origin: "http://127.0.0.1:3000" } }],
  ["JSON that says it is text, as pages may send it unasked", "changes", form("text/plain", JSON_TEXT)],
  ["a form of text", "changes", form("text/plain", `${JSON_TEXT.slice(0, -1)},"x":"="}`)],
  // Without any word of a browser it is what curl sends.
  [
    "a form of an old browser",
    "changes",
    form("application/x-www-form-urlencoded", JSON_TEXT, { Referer: "http://a.b/" }),
  ],
  ["a form of a sandbox", "changes", form("application/x-www-form-urlencoded", JSON_TEXT, { Origin: "null" })],
  ["a form with files", "changes", form("multipart/form-data; boundary=x", `--x\r\n\r\n${JSON_TEXT}\r\n--x--\r\n`)],
  ["a beacon without a type", "changes", form("", JSON_TEXT)],
  ["JSON with a type that only looks like it", "changes", form("text/plain; application/json", JSON_TEXT)],
];

/** Of changes without a body nothing but the origin tells forms apart from programs; pages cannot send DELETE unasked. */
const isForm = ({ body }: Sent): boolean => body !== undefined;

const NAMED = "web_addr: 198.51.100.7:4040\nweb_allow_hosts: [inspector.example, .team.example, 10.0.0.0/8]\n";

const FACES = [
  ["the web port of an agent", () => WebPort.open()],
  [
    "a web port that other machines see",
    () => WebPort.open("web_addr: 198.51.100.7:4040\n", "http://198.51.100.7:4040"),
  ],
  ["a web port for everybody", () => WebPort.open("web_addr: 0.0.0.0:4040\n")],
  ["a web port with a name", () => WebPort.open(NAMED, "http://inspector.example:4040")],
  ["a web port with a name, from a team's machine", () => WebPort.open(NAMED, "http://ann.team.example:4040")],
  ["the dashboard", () => Dashboard.open()],
] as const;

describe.each(FACES)("Of %s", (name, open) => {
  let face: Face;
  beforeAll(async () => {
    face = await open();
  });
  afterAll(() => face[Symbol.asyncDispose]());

  function touchedBy(touched: Touched, sent: Sent): readonly Route[] {
    const { calls, pages } = face;
    if (touched === "everything") return [...calls, ...pages];
    if (touched === "calls") return calls;
    return calls.filter((route) => !isReading(route) && !(isForm(sent) && route.method === "DELETE"));
  }

  const isSeenBeyond = name.startsWith("a web port");
  const attacks = ATTACKS.filter(([attack]) => !isSeenBeyond || attack !== ANOTHER_ADDRESS);
  test.each(attacks)("every route refuses %s, and nothing changes", async (_, touched, sent) => {
    const before = await face.state();
    const routes = touchedBy(touched, sent);
    expect(routes.length).toBeGreaterThan(4);
    for (const route of routes) {
      const hasBody = sent.body === undefined && !isReading(route);
      const asked = hasBody ? { headers: { "Content-Type": "application/json", ...sent.headers }, body: "{}" } : sent;
      const answer = await face.send(route, asked);
      const shown = `${route.method} ${route.path}: ${answer.status}`;
      expect([shown, isRefusal(answer.status, sent)]).toEqual([shown, true]);
      expect(answer.headers.has("Access-Control-Allow-Origin")).toBe(false);
      expect(answer.headers.has("Set-Cookie")).toBe(false);
    }
    expect(await face.state()).toEqual(before);
  });

  test("no route tells another origin that it may ask", async () => {
    for (const { method, path } of [...face.calls, ...face.pages]) {
      const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": method };
      const answer = await face.send({ method: "OPTIONS", path }, { headers });
      expect([path, answer.status >= 400]).toEqual([path, true]);
      expect([...answer.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
    }
  });

  test("every answer keeps out of frames, of other pages and of guesses at its type", async () => {
    for (const route of [...face.calls, ...face.pages].filter(isReading)) {
      const { status, headers, body } = await face.send(route, { headers: {} });
      await body?.cancel();
      const shown = `${route.path}: ${status}`;
      const policy = headers.get("Content-Security-Policy") ?? "";
      expect([shown, status < 500 && status !== 403]).toEqual([shown, true]);
      expect([shown, /default-src 'none'.*frame-ancestors 'none'/.test(policy)]).toEqual([shown, true]);
      expect([shown, /unsafe|\*|data:|https?:/.test(policy)]).toEqual([shown, false]);
      expect([shown, headers.get("X-Frame-Options")]).toEqual([shown, "DENY"]);
      expect([shown, headers.get("X-Content-Type-Options")]).toEqual([shown, "nosniff"]);
      expect([shown, headers.get("Cross-Origin-Resource-Policy")]).toEqual([shown, "same-origin"]);
      expect([shown, headers.get("Referrer-Policy")]).toEqual([shown, "no-referrer"]);
    }
  });

  test("its own pages are let in to every route", async () => {
    for (const route of [...face.calls, ...face.pages]) {
      const headers = { "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors" };
      const changing = { ...headers, ...face.ownChange, Origin: face.origin, "Content-Type": "application/json" };
      const answer = await face.send(route, isReading(route) ? { headers } : { headers: changing, body: "{}" });
      await answer.body?.cancel();
      const shown = `${route.method} ${route.path}: ${answer.status}`;
      expect([shown, [403, 415].includes(answer.status)]).toEqual([shown, false]);
    }
  });
});

/** A form is refused for its type where nothing else is known; nobody looks for records before that. */
function isRefusal(status: number, sent: Sent): boolean {
  return status === 403 || (isForm(sent) && [400, 415].includes(status));
}
