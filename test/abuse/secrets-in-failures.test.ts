/** A secret in the wrong place, or beside something that is wrong, is not repeated by the program that complains. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { createLocalCa } from "../../src/pki/local-ca.ts";
import { SecretMarks } from "../support/secret-marks.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { visit } from "../support/visit.ts";
import { WatchedProgram } from "../support/watched-program.ts";

setDefaultTimeout(60_000);

interface Failure {
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `config.json`, and what it names. */
  readonly files?: Readonly<Record<string, object | string>>;
  /** It goes on for ever, and is ended when it has printed this. */
  readonly until?: RegExp;
}

const { certPem } = await createLocalCa("Test", systemClock);

const agentFile = (settings: object): Pick<Failure, "argv" | "files"> => ({
  argv: ["start", "--all", "--config=config.json", "--log=stdout", "--log-level=debug"],
  files: { "config.json": { version: "2", authtoken: "a-token", ...settings } },
});
const tunnel = (settings: object, more: object = {}): Pick<Failure, "argv" | "files"> =>
  agentFile({ ...more, tunnels: { web: { proto: "http", addr: 80, ...settings } } });
const edgeOf = (env: Readonly<Record<string, string>>, ...flags: readonly string[]): Failure => ({
  argv: ["edge", "--domain=edge.test", "--http=127.0.0.1:0", "--https=127.0.0.1:0", "--data=data", ...flags],
  env,
});

/** `says`: of the complaint about the very value, without which the secret was not looked at. `secret` is new for each. */
const FAILURES: readonly (readonly [name: string, says: string, make: (secret: string) => Failure])[] = [
  [
    "a proxy of a scheme that is none",
    "field proxy_url: expected a proxy URL",
    (secret) => agentFile({ proxy_url: `htp://u:${secret}@127.0.0.1` }),
  ],
  [
    "a proxy without an address",
    "field proxy_url: expected a proxy URL",
    (secret) => agentFile({ proxy_url: `http://u:${secret}@` }),
  ],
  [
    "a proxy with a bad port",
    "field proxy_url: expected a proxy URL",
    (secret) => agentFile({ proxy_url: `http://u:${secret}@a:99999` }),
  ],
  [
    "basic auth without a name",
    "field basic_auth: a credential is written user:password",
    (secret) => tunnel({ basic_auth: [secret] }),
  ],
  [
    "basic auth that is a map",
    "field basic_auth: expected a list of texts",
    (secret) => tunnel({ basic_auth: { user: secret } }),
  ],
  [
    "basic auth that is too short",
    "the password must have 8 to 128 characters",
    (secret) => tunnel({ basic_auth: [`u:${secret}`, "u:x"] }),
  ],
  [
    "OAuth",
    "oauth is not yet supported",
    (secret) => tunnel({ oauth: { provider: "google", client_id: "x", client_secret: secret } }),
  ],
  [
    "OpenID Connect",
    "oidc is not yet supported",
    (secret) => tunnel({ oidc: { issuer_url: "https://x.test", client_secret: secret } }),
  ],
  [
    "webhooks of nobody",
    "The configuration of the action verify-webhook cannot be used",
    (secret) => tunnel({ verify_webhook: { provider: "nobody", secret } }),
  ],
  [
    "a secret of webhooks that is a list",
    "field secret: expected a single value",
    (secret) => tunnel({ verify_webhook: { provider: "slack", secret: [secret] } }),
  ],
  ["a key of settings with a typing error", "field authtokn not found", (secret) => agentFile({ authtokn: secret })],
  [
    "an authtoken that is a list",
    "field authtoken: expected a single value",
    (secret) => agentFile({ authtoken: [secret] }),
  ],
  ["an authtoken with a space", "ERR_NGROK_105", (secret) => tunnel({}, { authtoken: `${secret} x` })],
  [
    "an API key that is a map",
    "field api_key: expected a single value",
    (secret) => agentFile({ api_key: { key: secret } }),
  ],
  [
    "credentials in the address of the API",
    "field api_url: expected https://HOST",
    (secret) => agentFile({ api_url: `https://u:${secret}@x.test/?q` }),
  ],
  [
    "credentials in the address of the edge",
    "field server_addr: expected host:port",
    (secret) => agentFile({ server_addr: `u:${secret}@x.test:443:1` }),
  ],
  [
    "credentials in the address of a service",
    "field addr: cannot forward to",
    (secret) => tunnel({ addr: `http://u:${secret}@127.0.0.1:80` }),
  ],
  [
    "credentials in the URL of a policy",
    "field traffic_policy_url: may not hold a password",
    (secret) => tunnel({ traffic_policy_url: `https://u:${secret}@127.0.0.1:1/p` }),
  ],
  [
    "a policy whose action is none",
    "is not supported by this edge",
    (secret) => tunnel({ traffic_policy: { on_http_request: [{ actions: [{ type: "x", config: { secret } }] }] } }),
  ],
  [
    "a policy with bad credentials",
    "The configuration of the action basic-auth cannot be used",
    (secret) =>
      tunnel({
        traffic_policy: {
          on_http_request: [{ actions: [{ type: "basic-auth", config: { credentials: [secret], enforce: "x" } }] }],
        },
      }),
  ],
  [
    "a file that is no YAML",
    "line 2, column 1: tabs may not indent",
    (secret) => ({ ...agentFile({}), files: { "config.json": `authtoken: ${secret}\n\t- x: [` } }),
  ],
  [
    "a file with a key twice",
    "line 3, column 1: this key stands twice",
    (secret) => ({
      ...agentFile({}),
      files: { "config.json": `version: 2\nauthtoken: ${secret}\nauthtoken: ${secret}\n` },
    }),
  ],
  [
    "a private key that is none",
    "The file key cannot be used",
    (secret) => {
      const made = agentFile({ tunnels: { web: { proto: "tls", addr: 80, crt: "crt", key: "key" } } });
      const key = `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`;
      return { ...made, files: { ...made.files, crt: certPem, key } };
    },
  ],
  [
    "an authtoken of the environment, with no edge there",
    "failed to reconnect session",
    (secret) => ({
      argv: ["http", "80", "--log=stdout", "--log-level=debug", "--log-format=logfmt"],
      env: { GINNEL_AUTHTOKEN: secret, GINNEL_SERVER_ADDR: "127.0.0.1:1" },
      until: /failed to reconnect session.*\n/,
    }),
  ],
  [
    "an API key of the environment, with no API there",
    "cannot reach the management API",
    (secret) => ({
      argv: ["api", "credentials", "list"],
      env: { GINNEL_API_KEY: secret, GINNEL_API_URL: "https://127.0.0.1:1" },
    }),
  ],
  [
    "an API key with a space",
    "The API key holds a space",
    (secret) => ({
      argv: ["api", "credentials", "list"],
      env: { GINNEL_API_KEY: `${secret} x`, GINNEL_API_URL: "https://127.0.0.1:1" },
    }),
  ],
  [
    "a diagnosis",
    "ERR_NGROK_8005",
    (secret) => ({
      argv: ["diagnose", "--config=config.json"],
      files: {
        "config.json": {
          version: "2",
          authtoken: secret,
          server_addr: "127.0.0.1:1",
          proxy_url: `http://u:${secret}@127.0.0.1:1`,
        },
      },
    }),
  ],
  [
    "a token for a file that cannot be read",
    "Error reading configuration file 'config.json'",
    (secret) => ({
      argv: ["config", "add-authtoken", secret, "--config=config.json"],
      files: { "config.json": "version: [" },
    }),
  ],
  [
    "a flag of basic auth without a name",
    "command line: field basic_auth: a credential is written",
    (secret) => ({ argv: ["http", "80", "--basic-auth", secret] }),
  ],
  [
    "a database of the edge that is not there",
    "the database postgres://u@127.0.0.1:1/x failed",
    (secret) => edgeOf({ GINNEL_STORE: `postgres://u:${secret}@127.0.0.1:1/x` }),
  ],
  [
    "a database of the edge that is none",
    "environment variable GINNEL_STORE: expected a URL",
    (secret) => edgeOf({ GINNEL_STORE: `mysql://u:${secret}@127.0.0.1:1/x` }),
  ],
  [
    "a database URL that is none",
    "names no database",
    (secret) => edgeOf({ GINNEL_STORE: `postgres://u:${secret}@127.0.0.1:x/x` }),
  ],
  [
    "a check of an edge whose database is not there",
    "the database postgres://u@127.0.0.1:1/x failed",
    (secret) => ({
      argv: ["edge", "check", "--domain=edge.test"],
      env: { GINNEL_STORE: `postgres://u:${secret}@127.0.0.1:1/x` },
    }),
  ],
  [
    "a backup of a database that is not there",
    "the database postgres://u@127.0.0.1:1/x failed",
    (secret) => ({
      argv: ["edge", "backup", "copy.db"],
      env: { GINNEL_STORE: `postgres://u:${secret}@127.0.0.1:1/x` },
    }),
  ],
  [
    "a key that seals, but is none",
    "environment variable GINNEL_SECRETS_KEY: expected",
    (secret) => edgeOf({ GINNEL_SECRETS_KEY: secret }),
  ],
  [
    "a token of the edge with a space",
    "environment variable GINNEL_AUTHTOKEN: a token is",
    (secret) => edgeOf({ GINNEL_AUTHTOKEN: `${secret} x` }),
  ],
  [
    "a file of tokens with a bad one",
    "tokens, line 2: a token is",
    (secret) => ({
      ...edgeOf({}, "--authtoken-file=tokens"),
      files: { tokens: `good\n${secret} x\n` },
    }),
  ],
  [
    "a key of an external account that is none",
    "environment variable GINNEL_ACME_EAB_KEY: the key of",
    (secret) =>
      edgeOf({
        GINNEL_ACME: "https://127.0.0.1:1/dir",
        GINNEL_ACME_AGREE: "true",
        GINNEL_ACME_EAB_KID: "kid",
        GINNEL_ACME_EAB_KEY: `${secret} x`,
      }),
  ],
];

describe("ginnel", () => {
  test.each(FAILURES)("ginnel repeats no secret when it fails with %s", async (_, says, make) => {
    const marks = new SecretMarks();
    const { argv, env = {}, files = {}, until } = make(marks.make("secret"));
    using folder = new TemporaryFolder();
    for (const [name, content] of Object.entries(files)) {
      await Bun.write(folder.file(name), typeof content === "string" ? content : JSON.stringify(content));
    }
    await using program = new WatchedProgram(argv, { folder: folder.path, env });
    if (until !== undefined) await program.prints(until);
    const code = await program.end(until === undefined ? undefined : "SIGTERM");
    if (until === undefined) expect(code).toBe(1);
    expect(program.printed).toContain(says);
    expect([program.printed, marks.in(program.printed)]).toEqual([program.printed, []]);
  });

  test("ginnel repeats no secret of an authority that is not there", async () => {
    const marks = new SecretMarks();
    const { argv, env = {} } = edgeOf({
      GINNEL_ACME: `https://u:${marks.make("password")}@127.0.0.1:1/dir?key=${marks.make("query")}`,
      GINNEL_ACME_AGREE: "true",
      GINNEL_ACME_EAB_KID: "kid",
      GINNEL_ACME_EAB_KEY: marks.make("external-account"),
    });
    using folder = new TemporaryFolder();
    const options = { folder: folder.path, env };
    await using edge = new WatchedProgram([...argv, "--log-level=debug", "--log-format=logfmt"], options);
    const [, port] = await edge.prints(/edge ready.*\bhttps=(\d+)/);
    // It is asked for a certificate when the first visitor comes.
    await visit("edge.test", { port: Number(port), caPem: "" }).catch(() => {});
    await edge.prints(/certificate not issued.*\n/);
    await edge.end("SIGTERM");
    expect([edge.printed, marks.in(edge.printed)]).toEqual([edge.printed, []]);
  });
});
