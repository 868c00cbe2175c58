/** The web port on real sockets: where it listens, and what the log says of it (clients.md K-091, K-092, K-137). */
import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { MAX_BODY_BYTES } from "../../../src/agent/api/request-body.ts";
import { startWebService, type WebService } from "../../../src/agent/api/web-service.ts";
import { UsageError } from "../../../src/base/errors.ts";
import type { WebSettings } from "../../../src/config/agent-config.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { LineReader } from "../../support/line-reader.ts";
import { recordingLog } from "../../support/recording-log.ts";

const started: WebService[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.close()));
});

function start(settings: Partial<WebSettings>, log = noLog): WebService {
  const whole = {
    address: { host: "127.0.0.1", port: 0 },
    isExplicit: true,
    allowHosts: [],
    mayBePublished: false,
    ...settings,
  };
  const service = startWebService(whole, ({ url }) => new Response(new URL(url).pathname), log);
  started.push(service);
  return service;
}

async function answerOf(host: string, { address }: WebService): Promise<string> {
  return await (await fetch(`http://${host}:${address.port}/here`)).text();
}

describe("startWebService", () => {
  test("startWebService answers, and tells the log where, after it listens", async () => {
    const { log, lines } = recordingLog();
    const service = start({ allowHosts: ["a.test"] }, log);
    expect(await answerOf("127.0.0.1", service)).toBe("/here");
    const addr = `127.0.0.1:${service.address.port}`;
    expect(lines).toEqual([
      { level: "info", message: "starting web service", fields: { obj: "web", addr, allow_hosts: ["a.test"] } },
    ]);
  });

  test("startWebService moves a default address on to a port that is free, and says so without alarm, behind the address that it has", async () => {
    const taken = start({});
    const { log, lines } = recordingLog();
    const service = start({ address: taken.address, isExplicit: false }, log);
    expect(service.address.port).toBeGreaterThan(taken.address.port);
    expect(lines).toMatchObject([
      { message: "starting web service", fields: { addr: `127.0.0.1:${service.address.port}` } },
      {
        level: "warn",
        message: "can't bind default web address, trying alternatives",
        fields: { addr: `127.0.0.1:${taken.address.port}` },
      },
    ]);
    expect(JSON.stringify(lines)).not.toContain("in use");
  });

  test("startWebService passes over the port that no browser opens", () => {
    const service = start({ address: { host: "127.0.0.1", port: 4045 }, isExplicit: false });
    expect(service.address.port).toBeGreaterThan(4045);
  });

  test("startWebService shares its port with nobody, not even with another agent", async () => {
    const file = join(import.meta.dir, "../../../src/agent/api/web-service.ts");
    const settings = { address: { host: "127.0.0.1", port: 0 }, isExplicit: true, allowHosts: [] };
    const script = `
      import { startWebService } from ${JSON.stringify(file)};
      const log = { info() {}, warn() {} };
      const { address } = startWebService(${JSON.stringify(settings)}, () => new Response(), log);
      console.log(address.port);`;
    await using other = Bun.spawn([process.execPath, "-e", script], {
      env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const port = await new LineReader(other.stdout).find((line) => Number(line));
    const address = { host: "127.0.0.1", port };
    expect(() => start({ address })).toThrow(UsageError);
    expect(start({ address, isExplicit: false }).address.port).toBeGreaterThan(port);
  });

  test.each([
    ["a default address", { isExplicit: false }],
    ["localhost", { address: { host: "localhost", port: 0 } }],
  ])("startWebService listens for %s on both loopbacks", async (_, settings) => {
    const service = start({ ...settings });
    const answers = await Promise.all(["127.0.0.1", "[::1]"].map((host) => answerOf(host, service)));
    expect(answers).toEqual(["/here", "/here"]);
  });

  test("startWebService keeps an address of the user's to the letter", () => {
    const { log, lines } = recordingLog();
    const service = start({ address: { host: "localhost", port: 0 } }, log);
    expect(lines[0]?.fields["addr"]).toBe(`localhost:${service.address.port}`);
  });

  test("startWebService refuses an address of the user's that is taken", () => {
    const { address } = start({});
    expect(() => start({ address })).toThrow(UsageError);
    expect(() => start({ address })).toThrow(`listen tcp 127.0.0.1:${address.port}: bind: address already in use.`);
  });

  test("startWebService tells the log of a fault, and nobody else", async () => {
    const { log, lines } = recordingLog();
    const settings = {
      address: { host: "127.0.0.1", port: 0 },
      isExplicit: true,
      allowHosts: [],
      mayBePublished: false,
    };
    const service = startWebService(settings, () => Promise.reject(new TypeError("x is undefined")), log);
    started.push(service);
    const answer = await fetch(`http://127.0.0.1:${service.address.port}/`);
    expect([answer.status, await answer.text()]).toEqual([500, ""]);
    expect(lines.at(-1)).toMatchObject({ level: "error", message: "fault in a call of the web interface" });
  });

  test.each(["127.0.0.1", "[::1]"])(
    "startWebService cuts a call that came to %s",
    async (host) => {
      const settings = {
        address: { host: "localhost", port: 0 },
        isExplicit: true,
        allowHosts: [],
        mayBePublished: false,
      };
      const asked = Promise.withResolvers<Request>();
      const answer = (request: Request): Promise<Response> => {
        asked.resolve(request);
        return new Promise(() => {});
      };
      const service = startWebService(settings, answer, noLog);
      started.push(service);
      const call = fetch(`http://${host}:${service.address.port}/`).catch(() => "cut");
      service.cut(await asked.promise);
      expect(await call).toBe("cut");
    },
    20_000,
  );

  test.each([
    ["what the API refuses in its own words", MAX_BODY_BYTES + 1, "theirs"],
    ["what nobody reads", 2 * MAX_BODY_BYTES + 1, ""],
  ])("startWebService of %s hands on no more than that", async (_, bytes, text) => {
    const settings = {
      address: { host: "127.0.0.1", port: 0 },
      isExplicit: true,
      allowHosts: [],
      mayBePublished: false,
    };
    const service = startWebService(settings, () => new Response("theirs", { status: 413 }), noLog);
    started.push(service);
    const body = new Uint8Array(bytes);
    const answer = await fetch(`http://127.0.0.1:${service.address.port}/`, { method: "POST", body });
    expect([answer.status, await answer.text()]).toEqual([413, text]);
  });

  test("startWebService frees the port when it is closed, whatever calls are open", async () => {
    const hanging = Promise.withResolvers<Response>();
    const settings = {
      address: { host: "127.0.0.1", port: 0 },
      isExplicit: true,
      allowHosts: [],
      mayBePublished: false,
    };
    const asked = Promise.withResolvers<void>();
    const answer = (): Promise<Response> => {
      asked.resolve();
      return hanging.promise;
    };
    const service = startWebService(settings, answer, noLog);
    const call = fetch(`http://127.0.0.1:${service.address.port}/`).catch(() => "cut");
    await asked.promise;
    await service.close();
    expect(await call).toBe("cut");
    start({ address: service.address });
  });
});
