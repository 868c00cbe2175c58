/** `api`: every call of the table through the command, and the ways in which there is no answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { API_RESOURCES } from "../../../src/cli/api/api-calls.ts";
import { MAX_CALLS, WINDOW_MS } from "../../../src/edge/management/call-limit.ts";
import { RESOURCES } from "../../../src/edge/management/resource-table.ts";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { ApiCommandScene, type CommandOutcome, runWords } from "../../support/api-command.ts";
import { CLOUD_POLICY } from "../../support/management-scene.ts";
import { httpNameProxy, socksNameProxy } from "../../support/name-proxy.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

let api: ApiCommandScene;
beforeAll(async () => {
  api = await ApiCommandScene.open();
});
// An account may make so many calls in a while.
beforeEach(() => api.scene.clock.advance(WINDOW_MS));
afterAll(() => api[Symbol.asyncDispose]());

const now = new Date();
const ca = await createCa("Uploaded authority", now);
const leaf = await issueLeaf(ca, ["brought.example"], now);

/** Flags that make one record of each resource, flags that change it, and what both say. */
const MADE: Readonly<
  Record<string, readonly [create: () => Promise<readonly string[]>, update: readonly string[], shown: object]>
> = {
  credentials: [
    async () => ["--acl=bind:a.example.com", "--acl", "bind:*.b.example.com"],
    ["--description", "two words"],
    { acl: ["bind:a.example.com", "bind:*.b.example.com"], description: "two words" },
  ],
  "api-keys": [async () => ["--owner-id=usr_1"], ["--metadata={}"], { owner_id: "usr_1", metadata: "{}" }],
  "reserved-domains": [
    async () => ["--domain=cli.example.com", "--certificate-management-policy.private-key-type=rsa"],
    ["--metadata=m"],
    { certificate_management_policy: { authority: "letsencrypt", private_key_type: "rsa" }, metadata: "m" },
  ],
  "reserved-addrs": [async () => ["--region=us"], ["--description="], { region: "us", description: "" }],
  "ip-policies": [async () => ["--description=d"], ["--description=e"], { description: "e" }],
  "ip-policy-rules": [
    async () => [`--ip-policy-id=${await policyId()}`, "--cidr=10.0.0.0/8", "--action=deny"],
    ["--cidr=10.0.0.0/9"],
    { cidr: "10.0.0.0/9", action: "deny" },
  ],
  "ip-restrictions": [
    async () => ["--type=endpoints", "--enforced", `--ip-policy-ids=${await policyId()}`],
    ["--enforced=false"],
    { type: "endpoints", enforced: false },
  ],
  "tls-certificates": [
    async () => [`--certificate-pem=${leaf.certPem}`, "--private-key-pem", leaf.keyPem],
    ["--metadata=m"],
    { certificate_pem: leaf.certPem, metadata: "m" },
  ],
  "certificate-authorities": [async () => [`--ca-pem=${ca.certPem}`], ["--metadata=m"], { ca_pem: ca.certPem }],
  endpoints: [
    async () => ["--bindings=public", "--url=https://cli.e.test", "--traffic-policy", CLOUD_POLICY],
    ["--pooling-enabled"],
    { bindings: ["public"], url: "https://cli.e.test", pooling_enabled: true },
  ],
};

async function policyId(): Promise<string> {
  return (await api.scene.create("ip_policies", {})).id;
}

/** The status line and the answer, of a command that must succeed. */
async function answered(words: readonly string[]): Promise<readonly [string, CommandOutcome["json"]]> {
  const { code, stderr, stdout, json } = await api.run(words);
  if (code !== 0) throw new Error(`${words.join(" ")}: ${stderr}${stdout}`);
  return [stderr, json];
}

describe("api", () => {
  test.each(Object.entries(MADE))(
    "api %s makes, shows, lists, changes and removes",
    async (word, [create, update, shown]) => {
      const [created, made] = await answered([word, "create", ...(await create())]);
      const id = String(made?.["id"]);
      expect(created).toBe("201 Created\n");
      const withoutToken = made !== undefined && "token" in made ? { ...made, token: null } : made;
      expect(await answered([word, "get", id])).toEqual(["200 OK\n", withoutToken]);
      const [listed, page] = await answered([word, "list", "--limit", "1"]);
      const listKey = RESOURCES.find(({ path }) => path === word.replaceAll("-", "_"))?.listKey ?? "";
      expect([listed, page?.[listKey]]).toEqual(["200 OK\n", [withoutToken]]);
      const [older] = [await answered([word, "list", `--before-id=${id}`])];
      expect(JSON.stringify(older[1]?.[listKey])).not.toContain(id);
      const [changed, after] = await answered([word, "update", id, ...update]);
      expect([changed, after]).toEqual(["200 OK\n", expect.objectContaining({ ...shown, id })]);
      expect(await api.run([word, "delete", id])).toEqual({
        code: 0,
        stdout: "",
        stderr: "204 No Content\n",
        joined: "204 No Content\n",
        json: undefined,
      });
      expect(await api.run([word, "get", id])).toMatchObject({
        code: 1,
        stderr: "404 Not Found\n",
        json: { status_code: 404, msg: "Resource not found" },
      });
    },
  );

  test("api tunnel-sessions, tunnels and endpoints show what is online, and steer it", async () => {
    const { session, endpoint } = await api.scene.bringOnline();
    const tunnelId = endpoint.id.replace("ep_", "tn_");
    for (const [word, id] of [
      ["tunnel-sessions", session.id],
      ["tunnels", tunnelId],
      ["endpoints", endpoint.id],
    ] as const) {
      const [, shown] = await answered([word, "get", id]);
      expect(shown).toMatchObject({ id });
      const [, page] = await answered([word, "list"]);
      expect(page?.[word.replace("-", "_")]).toEqual([shown]);
    }
    for (const words of [["stop"], ["restart"], ["update", "--version=3.40.0"]]) {
      expect(await answered(["tunnel-sessions", ...words, session.id])).toEqual(["204 No Content\n", undefined]);
    }
    const told = [`stop ${session.id}`, `restart ${session.id}`, `update ${session.id} 3.40.0`];
    expect(api.scene.commands.slice(-3)).toEqual(told);
  });

  test("api reserved-domains detaches a certificate and a policy for getting one", async () => {
    const [, made] = await answered(["reserved-domains", "create", "--name=attached.example.com"]);
    const id = String(made?.["id"]);
    for (const action of ["delete-certificate", "delete-certificate-management-policy"]) {
      expect(await answered(["reserved-domains", action, id])).toEqual(["204 No Content\n", undefined]);
    }
  });

  test.each([["root get"], ["root self"], ["account get"]])("api %s answers", async (words) => {
    const [status, shown] = await answered(words.split(" "));
    expect([status, Object.keys(shown ?? {})]).toEqual(["200 OK\n", expect.arrayContaining(["uri"])]);
  });

  test("api has a command for every call of the table, and the tests above take every one", () => {
    const driven = new Set([
      ...Object.keys(MADE).flatMap((word) => ["list", "get", "create", "update", "delete"].map((a) => `${word} ${a}`)),
      ...["tunnels", "tunnel-sessions"].flatMap((word) => [`${word} list`, `${word} get`]),
      ...["stop", "restart", "update"].map((action) => `tunnel-sessions ${action}`),
      ...["delete-certificate", "delete-certificate-management-policy"].map((action) => `reserved-domains ${action}`),
      "root get",
      "root self",
      "account get",
      // Needs an agent: what it sends is looked at in test/cli/api/api-calls.test.ts.
      "tunnels create",
    ]);
    const commands = API_RESOURCES.flatMap(({ word, calls }) => [...calls.keys()].map((action) => `${word} ${action}`));
    expect(commands.filter((command) => !driven.has(command))).toEqual([]);
    const table = RESOURCES.flatMap(({ path, actions }) =>
      actions.map(({ name }) => `${path.replaceAll("_", "-")} ${name}`),
    );
    expect(table.filter((command) => !commands.includes(command))).toEqual([]);
  });

  test("api endpoints create reads a traffic policy from a file or a URL, and one of them only", async () => {
    await Bun.write(api.folder.file("policy.yml"), CLOUD_POLICY);
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(CLOUD_POLICY) });
    const ways = [`--traffic-policy-file=${api.folder.file("policy.yml")}`, `--traffic-policy-url=${server.url.href}`];
    for (const [index, way] of ways.entries()) {
      const [, made] = await answered(["endpoints", "create", `--url=https://policy${index}.e.test`, way]);
      expect(made?.["traffic_policy"]).toBe(CLOUD_POLICY);
    }
    const both = await api.run(["endpoints", "create", ...ways]);
    expect([both.code, both.joined]).toEqual([
      1,
      "ERROR:  Give one of --traffic-policy-file, --traffic-policy-url.\nERROR:  \n",
    ]);
  });

  test("api reads certificates, keys and authorities from files", async () => {
    const file = async (name: string, text: string): Promise<string> => {
      await Bun.write(api.folder.file(name), text);
      return api.folder.file(name);
    };
    const chain = `--certificate-pem-file=${await file("chain.pem", leaf.certPem)}`;
    const key = `--private-key-pem-file=${await file("key.pem", leaf.keyPem)}`;
    const [, uploaded] = await answered(["tls-certificates", "create", chain, key]);
    expect(uploaded?.["certificate_pem"]).toBe(leaf.certPem);
    const authority = `--ca-pem-file=${await file("authority.pem", ca.certPem)}`;
    const [, made] = await answered(["certificate-authorities", "create", authority]);
    expect(made?.["ca_pem"]).toBe(ca.certPem);
    const { code, joined } = await api.run(["tls-certificates", "create", key, `--private-key-pem=${leaf.keyPem}`]);
    expect([code, joined]).toEqual([1, "ERROR:  Give one of --private-key-pem, --private-key-pem-file.\nERROR:  \n"]);
  });

  test.each([
    ["--traffic-policy-file=/nowhere/policy.yml", "Error reading traffic policy file '/nowhere/policy.yml'"],
    ["--traffic-policy-url=ftp://u:SECRET@h/p?SECRET", "cannot read the traffic policy from"],
    ["--traffic-policy-url=http://127.0.0.1:1/p?SECRET", "cannot read the traffic policy from http://127.0.0.1:1/p:"],
    ["--traffic-policy-url=http://h.test/p?SECRET", "from http://h.test/p: it has to be an https URL"],
    ["--traffic-policy-url=https://u:SECRET@h.test/p", "from https://h.test/p: it may not hold a password"],
  ])("api endpoints create says why it cannot read %s", async (flag, text) => {
    const { code, joined } = await api.run(["endpoints", "create", flag]);
    expect([code, joined]).toEqual([1, expect.stringContaining(text)]);
    expect(joined).not.toMatch(/SECRET|\{/);
  });
});

describe("api tells why it fails:", () => {
  const list = ["credentials", "list"];

  test("a refusal as JSON, with exit code 1", async () => {
    await answered(["reserved-domains", "create", "--domain=twice.example.com"]);
    const again = await api.run(["reserved-domains", "create", "--domain=twice.example.com"]);
    expect(again).toMatchObject({ code: 1, stderr: "409 Conflict\n", json: { error_code: "ERR_NGROK_413" } });
    expect(again.stdout).toContain("domain is already reserved");
  });

  test("a key that is none", async () => {
    const key = api.scene.one.key.replace(/.$/, "_");
    const refused = await api.run(list, { ...api.env, GINNEL_API_KEY: key });
    expect(refused).toMatchObject({ code: 1, stderr: "401 Unauthorized\n", json: { status_code: 401 } });
    expect(refused.joined).not.toContain(key);
  });

  test("too many calls", async () => {
    const own = await ApiCommandScene.open();
    await using _ = own;
    for (let count = 0; count < MAX_CALLS; count++) await own.scene.call("GET", "/account");
    const refused = await own.run(list);
    expect(refused).toMatchObject({
      code: 1,
      stderr: "429 Too Many Requests\n",
      json: { error_code: "ERR_NGROK_226" },
    });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["no key", { GINNEL_API_KEY: "" }, "An API key is needed."],
    [
      "a key of several lines",
      { GINNEL_API_KEY: "SECRET\nX: y" },
      "The API key holds a line end or another control character.",
    ],
    ["no address", { GINNEL_API_URL: "" }, "It is not known where the management API is: no edge is configured."],
    [
      "an edge without a name",
      { GINNEL_API_URL: "", GINNEL_SERVER_ADDR: "127.0.0.1:443" },
      "the edge is known by an address only",
    ],
    ["a port where nobody listens", { GINNEL_API_URL: "https://127.0.0.1:1" }, "connect: connection refused"],
    ["an authority that nobody vouches for", { GINNEL_ROOT_CAS: "host" }, "--root-cas."],
    ["a file of authorities that is not there", { GINNEL_ROOT_CAS: "/nowhere" }, "/nowhere"],
    ["a name that no resolver knows", { GINNEL_API_URL: "https://nobody.invalid" }, "nobody.invalid"],
  ])("%s, in words and without a brace", async (_, env, text) => {
    const { code, stdout, stderr } = await api.run(list, { ...api.env, ...env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(text);
    expect(stderr).toMatch(/^(ERROR: {2}[^{\n]*\n)+ERROR: {2}\n$/);
    expect(stderr).not.toContain("SECRET");
    expect(stderr).not.toContain(api.scene.one.key);
  });

  test.each([[""], ["."], [".."]])("the id %j, which would lead to another call", async (id) => {
    expect(await api.run(["credentials", "get", id])).toMatchObject({ code: 1, stdout: "" });
  });

  test("an id that is none as the API does", async () => {
    const { code, json } = await api.run(["credentials", "get", "a/../b?c#d"]);
    expect([code, json?.["error_code"]]).toEqual([1, "ERR_NGROK_222"]);
  });
});

describe("api asks somebody else", () => {
  /** A server on this machine that is no edge. */
  async function asked(fetch: (request: Request) => Response | Promise<Response>, signal?: AbortSignal) {
    using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch });
    const env = { GINNEL_API_KEY: "k-1_2", GINNEL_API_URL: `http://127.0.0.1:${server.port}`, HOME: "/nonexistent" };
    return await runWords(["api", "credentials", "list", "--limit=3"], env, signal);
  }

  test("api sends the key, the version and the query, and nothing of its own machine", async () => {
    const seen: (readonly [string, string])[] = [];
    const { code } = await asked((request) => {
      seen.push([request.method, new URL(request.url).pathname + new URL(request.url).search], ...request.headers);
      return Response.json({ credentials: [] });
    });
    expect(code).toBe(0);
    expect(seen).toEqual(
      expect.arrayContaining([
        ["GET", "/credentials?limit=3"],
        ["authorization", "Bearer k-1_2"],
        ["ngrok-version", "2"],
        ["accept", "application/json"],
      ]),
    );
    expect(seen.map(([name]) => name)).not.toContain("content-type");
  });

  test("api prints strange characters so that they steer no terminal and say the same", async () => {
    const text = "\u009b2J\u001b[2J\u202e\u2028\r\n\u0000{}é";
    const { code, stdout, json } = await asked(() => Response.json({ text, error: 'a"\\' }));
    expect([code, json]).toEqual([0, { text, error: 'a"\\' }]);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  });

  test.each<[string, () => Response]>([
    ["a page", () => new Response("<h1>{hello}</h1>")],
    ["nothing", () => new Response("")],
    ["a list", () => Response.json([1])],
    ["a redirect, which it does not follow", () => Response.redirect("https://elsewhere.test/{", 307)],
    ["half a document", () => new Response('{"a":')],
  ])("api takes %s for no answer of the API", async (_, answer) => {
    const { code, stdout, stderr } = await asked(answer);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("but not as the management API does.");
    expect(stderr).not.toContain("{");
  });

  test("api ends when it is told to while it waits for an answer", async () => {
    const stop = new AbortController();
    const { code, stderr } = await asked(() => {
      stop.abort("SIGINT");
      return new Promise<Response>(() => {});
    }, stop.signal);
    expect([code, stderr]).toEqual([1, expect.stringContaining("the call was stopped")]);
  });
});

describe("api finds its way", () => {
  test.each([
    ["socks5", socksNameProxy],
    ["http", httpNameProxy],
  ] as const)("below the name of the edge, and through the %s proxy of the file", async (scheme, nameProxy) => {
    using proxy = nameProxy();
    using folder = new TemporaryFolder();
    const lines = [
      "version: 3",
      "agent:",
      `  connect_url: e.test:${api.port.port}`,
      `  connect_cas: ${api.folder.file("ca.pem")}`,
      `  api_key: ${api.scene.one.key}`,
      `  proxy_url: ${scheme}://me:pw@127.0.0.1:${proxy.port}`,
    ];
    await Bun.write(folder.file("g.yml"), lines.join("\n"));
    const { code, json } = await runWords(["--config", folder.file("g.yml"), "api", "account", "get"]);
    expect([code, json?.["id"]]).toEqual([0, api.scene.one.id]);
    expect(proxy.asked).toEqual([`me:pw@api.e.test:${api.port.port}`]);
  });

  test("with the key of the flag before that of the environment before that of the file", async () => {
    using folder = new TemporaryFolder();
    await Bun.write(folder.file("g.yml"), `version: 2\napi_key: ${api.scene.one.key}\n`);
    const config = `--config=${folder.file("g.yml")}`;
    const { GINNEL_API_KEY: _, ...env } = api.env;
    const idWith = async (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      (await runWords([config, "api", ...words, "account", "get"], { ...env, ...more })).json?.["id"];
    const { one, other } = api.scene;
    expect(await idWith([])).toBe(one.id);
    expect(await idWith([], { NGROK_API_KEY: other.key })).toBe(other.id);
    expect(await idWith([], { NGROK_API_KEY: one.key, GINNEL_API_KEY: other.key })).toBe(other.id);
    expect(await idWith([`--api-key=${one.key}`], { NGROK_API_KEY: other.key })).toBe(one.id);
    expect(await idWith(["--api-key", other.key, `--api-url=${api.url}`], { GINNEL_API_URL: "" })).toBe(other.id);
  });
});
