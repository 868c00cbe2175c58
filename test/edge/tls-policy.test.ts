/** What programs find that look for weaknesses of TLS. */
import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/base/clock.ts";
import { loadCertificateFiles } from "../../src/pki/certificate-files.ts";
import type { CertificateMaterial } from "../../src/pki/certificate-material.ts";
import { runClient, succeed } from "../support/client-program.ts";
import { openssl } from "../support/openssl.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";
import { testEdge } from "../support/test-edge.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

type Kind = "ECDSA" | "RSA";

/** The port of an edge that shows a certificate of the kind for `a.edge.test`. */
async function serve(kind: Kind): Promise<number> {
  const rsa = kind === "RSA" ? [await rsaCertificate()] : [];
  const edge = testEdge({ certificates: rsa.map((material) => () => material) });
  ends.push(edge.end);
  return edge.https;
}

async function rsaCertificate(): Promise<CertificateMaterial> {
  using folder = new TemporaryFolder();
  const files = ["-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-out", "crt"];
  const names = ["-subj", "/CN=a.edge.test", "-addext", "subjectAltName=DNS:a.edge.test"];
  await openssl(["req", "-x509", ...files, "-days", "2", ...names], { cwd: folder.path });
  const paths = { certificateFile: folder.file("crt"), keyFile: folder.file("key") };
  return (await loadCertificateFiles(paths, systemClock.date())).material;
}

describe("an edge under sslscan", () => {
  test.each<[Kind]>([["ECDSA"], ["RSA"]])("has TLS 1.2 and 1.3 with modern suites for a key of %s", async (kind) => {
    const port = await serve(kind);
    const found = await succeed(["sslscan", "--no-colour", "--sni-name=a.edge.test", `127.0.0.1:${port}`]);
    const lines = (pattern: RegExp): readonly string[] => Array.from(found.matchAll(pattern), ([, part = ""]) => part);
    expect(lines(/^(\S+) +enabled$/gm)).toEqual(["TLSv1.2", "TLSv1.3"]);
    expect(lines(/^(?:Preferred|Accepted) .* bits {2}(\S+)/gm)).toEqual([
      "TLS_AES_128_GCM_SHA256",
      "TLS_AES_256_GCM_SHA384",
      "TLS_CHACHA20_POLY1305_SHA256",
      `ECDHE-${kind}-AES128-GCM-SHA256`,
      `ECDHE-${kind}-AES256-GCM-SHA384`,
      `ECDHE-${kind}-CHACHA20-POLY1305`,
    ]);
    expect(lines(/^TLSv1\.\d (.*)heartbleed$/gm)).toEqual(["not vulnerable to ", "not vulnerable to "]);
    expect(found).toContain("Server supports TLS Fallback SCSV");
    expect(found).toContain("Session renegotiation not supported");
  });
});

describe("an edge", () => {
  test.each([["-tls1_2"], ["-tls1_3"]])("resumes the session of a visitor with %s", async (version) => {
    const port = await serve("ECDSA");
    using folder = new TemporaryFolder();
    const session = folder.file("session");
    const visit = (way: string): Promise<string> =>
      openssl(
        ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "a.edge.test", version, "-ign_eof", way, session],
        {
          input: "GET / HTTP/1.1\r\nHost: a.edge.test\r\nConnection: close\r\n\r\n",
        },
      );
    expect(await visit("-sess_out")).toContain("New, TLSv1");
    const again = await visit("-sess_in");
    expect(again).toContain("Reused, TLSv1");
    expect(again).toContain("HTTP/1.1 404 Not Found");
  });
});

// Half a minute of work, where it has the machine to itself.
if (process.env["DEEP"] === "1") {
  test("an edge has nothing that testssl.sh finds worth a word, beside a certificate that only tests trust", async () => {
    const port = await serve("ECDSA");
    using folder = new TemporaryFolder();
    const file = folder.file("found.json");
    const checks = ["-p", "-P", "-s", "-U"]; // protocols, order of suites, classes of suites, known attacks
    const options = ["--quiet", "--warnings", "off", "--severity", "LOW", "--ip", "127.0.0.1", "--jsonfile", file];
    await runClient(["testssl", ...options, ...checks, `a.edge.test:${port}`]);
    expect(await Bun.file(file).json()).toEqual([]);
  }, 300_000);
}
