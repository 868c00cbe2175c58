import { describe, expect, test } from "bun:test";
import { buildEdgeConfig } from "../../src/config/edge-config.ts";
import { edgeLayerOfFlags } from "../../src/config/edge-layer.ts";

const MACHINE = { platform: "linux", environment: {}, home: "/home/ann", isRoot: false } as const;

function configOf(flags: Readonly<Record<string, string>>): ReturnType<typeof buildEdgeConfig> {
  const texts = Object.entries(flags).map(([name, text]) => [name, [text]] as const);
  return buildEdgeConfig([edgeLayerOfFlags({ domain: ["edge.test"], ...Object.fromEntries(texts) })], MACHINE);
}

const AGREED = { acme: "letsencrypt", "acme-agree": "true" };

describe("buildEdgeConfig", () => {
  test.each([
    ["letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"],
    ["letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"],
    ["https://ca.corp.test:9000/acme/dir", "https://ca.corp.test:9000/acme/dir"],
  ])("knows the authority %s", (acme, directoryUrl) => {
    expect(configOf({ ...AGREED, acme }).acme).toEqual({
      directoryUrl,
      contact: undefined,
      externalAccount: undefined,
      dnsHook: undefined,
      dnsZones: [],
      rootsFile: undefined,
    });
  });

  test.each([[{}], [{ acme: "off" }], [{ acme: "off", "acme-agree": "false" }]])("has no authority by %p", (flags) => {
    expect(configOf(flags).acme).toBeUndefined();
  });

  test("takes everything that an authority may want", () => {
    const flags = {
      "acme-contact": "ops@example.org",
      "acme-eab-kid": "kid-1",
      "acme-eab-key": "zWNDZM6eQGHWpSRTPal5eIUYFTu7Eaj==",
      "acme-dns-hook": "/etc/hook",
      "acme-dns-zones": "Corp.test",
      "acme-roots": "/etc/roots.pem",
    };
    expect(configOf({ ...AGREED, ...flags, http: "off", https: "off", agents: ":4443" }).acme).toMatchObject({
      contact: "ops@example.org",
      externalAccount: { keyId: "kid-1", hmacKey: "zWNDZM6eQGHWpSRTPal5eIUYFTu7Eaj" },
      dnsHook: "/etc/hook",
      dnsZones: ["corp.test"],
      rootsFile: "/etc/roots.pem",
    });
  });

  test.each<[flags: Readonly<Record<string, string>>, complaint: string]>([
    [{ acme: "letsencrypt" }, "acme needs acme-agree"],
    [{ acme: "letsencrypt", "acme-agree": "false" }, "acme needs acme-agree"],
    [{ ...AGREED, "acme-dns-zones": "corp.test" }, "acme-dns-zones means nothing without acme-dns-hook"],
    [{ ...AGREED, "acme-dns-hook": "/etc/hook", "acme-dns-zones": "*.corp.test" }, "without *."],
    [{ "acme-dns-zones": "corp.test" }, "acme-dns-zones means nothing without acme"],
    [{ acme: "http://ca.test/dir" }, "the https URL of an ACME directory"],
    [{ "acme-contact": "ops@example.org" }, "acme-contact means nothing without acme"],
    [{ ...AGREED, "acme-contact": "mailto:ops" }, "a mail address"],
    [{ ...AGREED, "acme-eab-kid": "kid-1" }, "acme-eab-kid and acme-eab-key need each other"],
    [{ ...AGREED, http: "off", https: "off", agents: ":4443" }, "the authority could validate no name"],
  ])("refuses %p", (flags, complaint) => {
    expect(() => configOf(flags)).toThrow(complaint);
  });

  test("does not repeat the key of an external account", () => {
    const secret = "not base64url: s3cret";
    let failure = "";
    try {
      configOf({ ...AGREED, "acme-eab-key": secret });
    } catch (error) {
      failure = String(error);
    }
    expect(failure).toContain("base64url");
    expect(failure).not.toContain("s3cret");
  });
});
