import { describe, expect, test } from "bun:test";
import { UsageError } from "../../../src/base/errors.ts";
import { MAX_BODY_BYTES } from "../../../src/edge/management/call-request.ts";
import { ManagementPort } from "../../../src/edge/management/management-port.ts";
import { createCa, issueLeaf } from "../../../src/pki/issued-certificate.ts";
import { ManagementScene } from "../../support/management-scene.ts";

const address = { hostname: "127.0.0.1", port: 0 };

describe("ManagementPort", () => {
  test("ManagementPort answers calls over TLS, and knows where they come from", async () => {
    await using scene = await ManagementScene.open();
    const { id: policy } = await scene.create("ip_policies", {});
    await scene.create("ip_policy_rules", { ip_policy_id: policy, cidr: "192.0.2.0/24", action: "allow" });
    await scene.create("ip_restrictions", { type: "api", ip_policy_ids: [policy], enforced: true }, scene.one);
    const ca = await createCa("Test", new Date());
    const { certPem: cert, keyPem: key } = await issueLeaf(ca, ["127.0.0.1"], new Date());
    await using port = new ManagementPort({ address, app: scene.app, tls: { cert, key } });
    const call = async (token: string): Promise<number> => {
      const headers = { Authorization: `Bearer ${token}`, "Ngrok-Version": "2" };
      const init = { headers, tls: { ca: ca.certPem } };
      return (await fetch(`https://127.0.0.1:${port.port}/account`, init)).status;
    };
    expect(await call(scene.other.key)).toBe(200);
    expect(await call(scene.one.key)).toBe(403);
  });

  test("ManagementPort tells in the words of the API that a body is too large", async () => {
    await using scene = await ManagementScene.open();
    await using port = new ManagementPort({ address, app: scene.app, tls: undefined });
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

  test("ManagementPort refuses an address that somebody else has", async () => {
    await using scene = await ManagementScene.open();
    await using first = new ManagementPort({ address, app: scene.app, tls: undefined });
    const taken = { ...address, port: first.port };
    expect(() => new ManagementPort({ address: taken, app: scene.app, tls: undefined })).toThrow(UsageError);
  });
});
