import { afterEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type AnswerCall, startWebService, type WebService } from "../../../src/agent/api/web-service.ts";
import { UsageError } from "../../../src/base/errors.ts";
import { LineReader } from "../../support/line-reader.ts";
import { recordingLog } from "../../support/recording-log.ts";

const HOST = "127.0.0.1";
const answer: AnswerCall = () => new Response("here I am");
const services: WebService[] = [];

afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.close()));
});

function start(port: number, isExplicit: boolean): WebService {
  const settings = { address: { host: HOST, port }, isExplicit, allowHosts: [], mayBePublished: false };
  const service = startWebService(settings, answer, recordingLog().log);
  services.push(service);
  return service;
}

describe("startWebService", () => {
  test("startWebService never shares a port, neither in the process nor with another one", async () => {
    const script = `
      import { startWebService } from ${JSON.stringify(join(import.meta.dir, "../../../src/agent/api/web-service.ts"))};
      const log = { info() {}, warn() {} };
      const address = { host: ${JSON.stringify(HOST)}, port: 0 };
      const { address: { port } } = startWebService({ address, isExplicit: true, allowHosts: [] }, () => new Response(), log);
      console.log(port);`;
    await using other = Bun.spawn([process.execPath, "-e", script], {
      env: { PATH: process.env["PATH"], BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const taken = await new LineReader(other.stdout).find((line) => Number(line));
    for (const port of [taken, start(0, true).address.port]) {
      expect(() => start(port, true)).toThrow(UsageError);
      expect(() => start(port, true)).toThrow(`listen tcp ${HOST}:${port}: bind: address already in use`);
      expect(start(port, false).address.port).toBeGreaterThan(port);
    }
  });
});
