/** The whole program with a public authority, which here is pebble. */
import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { EdgeProcess } from "../../support/edge-process.ts";
import { freePorts } from "../../support/free-ports.ts";
import { visitWithOpenssl } from "../../support/openssl-visitor.ts";
import { startPebble } from "../../support/pebble.ts";
import { TemporaryFolder } from "../../support/temporary-folder.ts";

/** An order and two starts from source. */
const LIMIT_MS = 60_000;

test(
  "ginnel edge has a certificate issued for a reserved name where nothing is online, and keeps it over a restart",
  async () => {
    using folder = new TemporaryFolder();
    const httpPort = freePorts(2);
    const tlsPort = httpPort + 1;
    await using pebble = await startPebble({ httpPort, tlsPort });
    await Bun.write(folder.file("roots.pem"), pebble.roots.join(""));
    await Bun.write(folder.file("issuer.pem"), pebble.issuerPem);
    const data = folder.file("data");
    await using edge = await EdgeProcess.start(
      `--http=127.0.0.1:${httpPort}`,
      `--https=127.0.0.1:${tlsPort}`,
      `--data=${data}`,
      `--acme=${pebble.directoryUrl}`,
      "--acme-agree=true",
      `--acme-roots=${folder.file("roots.pem")}`,
      "--reserve=www.example.org",
    );
    const visit = (serverName: string): Promise<string> =>
      visitWithOpenssl({ port: tlsPort, serverName, flags: ["-CAfile", folder.file("issuer.pem")] }).then(
        ({ text }) => text,
      );
    expect(await visit("www.example.org")).toContain("issuer=CN = ginnel local CA");
    await edge.logged("certificate issued", "www.example.org");
    expect(await visit("www.example.org")).toContain("Verify return code: 0 (ok)");
    // It is in the store, with its key sealed.
    expect(await readdir(data)).not.toContain("acme");

    expect(await edge.end("SIGTERM")).toBe(0);
    await edge.again();
    expect(await visit("www.example.org")).toContain("Verify return code: 0 (ok)");
    expect(edge.timesLogged("certificate issued")).toBe(0);
    expect(edge.faultsLogged).toEqual([]);
  },
  LIMIT_MS,
);
