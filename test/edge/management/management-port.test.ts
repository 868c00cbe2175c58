import { describe, expect, test } from "bun:test";
import { connect as connectTcp } from "node:net";
import { text } from "node:stream/consumers";
import { connect } from "node:tls";
import { UsageError } from "../../../src/base/errors.ts";
import { MAX_BODY_BYTES } from "../../../src/edge/management/call-request.ts";
import { ManagementPort, type ManagementPortOptions } from "../../../src/edge/management/management-port.ts";
import { managementSite } from "../../../src/edge/management/management-site.ts";
import type { CertificateMaterial } from "../../../src/pki/certificate-material.ts";
import { LocalCa, createLocalCa } from "../../../src/pki/local-ca.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { ManagementScene } from "../../support/management-scene.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { eventually } from "../../support/turns.ts";

const address = { hostname: "127.0.0.1", port: 0 };

function open(scene: ManagementScene, changes: Partial<ManagementPortOptions> = {}): Promise<ManagementPort> {
  const apps = { api: scene.app, dashboard: scene.app };
  const site = managementSite({ host: "api.e.test", apps: () => apps, clock: scene.clock, log: noLog });
  return ManagementPort.open({ address, site, certificate: undefined, clock: scene.clock, log: noLog, ...changes });
}

function fingerprintAt(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

/** Everything that is answered to these bytes. */
async function exchangeAt(port: number, sent: string): Promise<string> {
  const socket = connectTcp({ host: "127.0.0.1", port }, () => void socket.write(sent));
  return text(socket);
}

describe("ManagementPort", () => {
  test("ManagementPort answers calls over TLS, and knows where they come from", async () => {
    await using scene = await ManagementScene.open();
    const { id: policy } = await scene.create("ip_policies", {});
    await scene.create("ip_policy_rules", { ip_policy_id: policy, cidr: "192.0.2.0/24", action: "allow" });
    await scene.create("ip_restrictions", { type: "api", ip_policy_ids: [policy], enforced: true }, scene.one);
    const ca = new LocalCa(await createLocalCa("Test", systemClock), systemClock);
    const material = await ca.issue(["127.0.0.1"]);
    await using port = await open(scene, { certificate: () => Promise.resolve(material) });
    const call = async (token: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}`, "Ngrok-Version": "2" };
      const init = { headers, tls: { ca: ca.certPem } };
      return (await fetch(`https://127.0.0.1:${port.port}/account`, init)).status;
    };
    expect(await call(scene.other.key)).toBe(200);
    expect(await call(scene.one.key)).toBe(403);
  });

  test("ManagementPort shows a changed certificate by itself, on the same port, and ends what it has begun", async () => {
    await using scene = await ManagementScene.open();
    const ca = new LocalCa(await createLocalCa("Test", systemClock), systemClock);
    const [first, second] = [await ca.issue(["127.0.0.1"]), await ca.issue(["127.0.0.1"])];
    const clock = new ManualClock();
    const [arrived, held] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
    let current: CertificateMaterial = first;
    const site = {
      maxBodyBytes: 10,
      fetch: (): Promise<Response> => {
        arrived.resolve();
        return held.promise;
      },
    };
    await using port = await open(scene, { clock, site, certificate: () => Promise.resolve(current) });
    const late = fetch(`https://127.0.0.1:${port.port}/`, { tls: { ca: ca.certPem } });
    await arrived.promise;
    const before = await fingerprintAt(port.port);
    await port.reload();
    expect(await fingerprintAt(port.port)).toBe(before);
    current = second;
    clock.advance(5_000);
    let after = before;
    await eventually("the new certificate is shown", () => {
      void fingerprintAt(port.port).then(
        (seen) => (after = seen),
        () => {},
      );
      return after !== before;
    });
    held.resolve(new Response("late"));
    expect(await (await late).text()).toBe("late");
  });

  test("ManagementPort goes on with the old certificate while there is no new one, and says so", async () => {
    await using scene = await ManagementScene.open();
    const ca = new LocalCa(await createLocalCa("Test", systemClock), systemClock);
    const material = await ca.issue(["127.0.0.1"]);
    const clock = new ManualClock();
    const { log, lines } = recordingLog();
    let isThere = true;
    const certificate = (): Promise<CertificateMaterial> =>
      isThere ? Promise.resolve(material) : Promise.reject(new Error("none"));
    await using port = await open(scene, { clock, log, certificate });
    isThere = false;
    clock.advance(5_000);
    await eventually("it says so", () => lines.length > 0);
    expect(lines[0]).toMatchObject({ message: "management address has no new certificate" });
    expect(await fingerprintAt(port.port)).toBeString();
  });

  test("ManagementPort tells in the words of the API that a body is too large", async () => {
    await using scene = await ManagementScene.open();
    await using port = await open(scene);
    const answer = await fetch(`http://127.0.0.1:${port.port}/credentials`, {
      method: "POST",
      headers: { Authorization: `Bearer ${scene.one.key}`, "Ngrok-Version": "2", "Content-Type": "application/json" },
      body: "x".repeat(MAX_BODY_BYTES + 1),
    });
    expect([answer.status, await answer.json()]).toEqual([
      413,
      expect.objectContaining({ error_code: "ERR_NGROK_212" }),
    ]);
  });

  test.each(["", "a b", "[", "a:99999"])(
    "ManagementPort refuses a call whose Host is %j, and logs no fault",
    async (host) => {
      await using scene = await ManagementScene.open();
      const { log, lines } = recordingLog();
      await using port = await open(scene, { log });
      const heard = await exchangeAt(port.port, `GET /account HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(heard).toStartWith("HTTP/1.1 400 ");
      expect(heard).toContain('"error_code":"ERR_GINNEL_BAD_REQUEST"');
      expect(lines).toEqual([]);
    },
  );

  test("ManagementPort answers a fault of the site in the words of the API, and logs it", async () => {
    await using scene = await ManagementScene.open();
    const { log, lines } = recordingLog();
    const site = { maxBodyBytes: 10, fetch: () => Promise.reject(new Error("ours")) };
    await using port = await open(scene, { log, site });
    const answer = await fetch(`http://127.0.0.1:${port.port}/account`);
    expect([answer.status, await answer.json()]).toEqual([
      500,
      expect.objectContaining({ error_code: "ERR_GINNEL_FAULT" }),
    ]);
    expect(lines.map(({ level }) => level)).toEqual(["error"]);
  });

  test("ManagementPort refuses an address that somebody else has", async () => {
    await using scene = await ManagementScene.open();
    await using first = await open(scene);
    const taken = { ...address, port: first.port };
    expect(open(scene, { address: taken })).rejects.toThrow(UsageError);
  });
});
