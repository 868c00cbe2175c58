/** From a call of the API to what the next visitor is shown. */
import { afterEach, expect, test } from "bun:test";
import { z } from "zod";
import { systemClock } from "../../../src/base/clock.ts";
import { RecordDirectory } from "../../../src/edge/records/record-directory.ts";
import { RecordNameHolders } from "../../../src/edge/records/record-name-holders.ts";
import { createLocalCa, LocalCa } from "../../../src/pki/local-ca.ts";
import { ManagementScene } from "../../support/management-scene.ts";
import { visitWithOpenssl } from "../../support/openssl-visitor.ts";
import { recordingLog } from "../../support/recording-log.ts";
import { testEdge } from "../../support/test-edge.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

test("a certificate that is attached to a domain is shown to the next visitor, and no longer once it is detached", async () => {
  const scene = await ManagementScene.open();
  ends.push(() => scene[Symbol.asyncDispose]());
  const holders = await RecordNameHolders.open(scene.store, scene.services.names, recordingLog().log);
  ends.push(() => holders[Symbol.dispose]());
  const directory = await RecordDirectory.open(scene.store, { baseDomains: ["e.test"], protectedNames: [] });
  ends.push(() => directory[Symbol.dispose]());
  const edge = testEdge({ baseDomains: ["e.test"], directory, nameHolders: holders });
  ends.push(edge.end);
  const issuer = async (): Promise<string> => {
    const { text } = await visitWithOpenssl({ port: edge.https, serverName: "www.shop.test" });
    return /^issuer=(.*)$/m.exec(text)?.[1] ?? "";
  };
  const idOf = (json: Readonly<Record<string, unknown>>): string => z.string().parse(json["id"]);

  const ca = new LocalCa(await createLocalCa("of the shop", systemClock), systemClock);
  const { certPem, keyPem } = await ca.issue(["www.shop.test"]);
  const certificate = await scene.create("tls_certificates", { certificate_pem: certPem, private_key_pem: keyPem });
  const domain = idOf(await scene.create("reserved_domains", { domain: "www.shop.test" }));
  const usual = await issuer();
  expect(usual).not.toContain("of the shop");
  await scene.call("PATCH", `/reserved_domains/${domain}`, { body: { certificate_id: idOf(certificate) } });
  expect(await issuer()).toContain("of the shop");
  await scene.call("DELETE", `/reserved_domains/${domain}/certificate`);
  expect(await issuer()).toBe(usual);
});
