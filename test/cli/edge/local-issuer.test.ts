import { describe, expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { localIssuer } from "../../../src/cli/edge/local-issuer.ts";
import { localCaCertificateFile } from "../../../src/pki/local-ca-folder.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { freshFolders } from "../../support/fresh-folders.ts";

const freshFolder = freshFolders();

describe("localIssuer", () => {
  test("opens the authority once, also for names that come together", async () => {
    const issue = localIssuer(freshFolder().file("data"), systemClock, noLog);
    const issued = await Promise.all([issue(["a.test"]), issue(["b.test"])]);
    expect(issued.map(({ names }) => names)).toEqual([["a.test"], ["b.test"]]);
  });

  test("tries again when the authority could not be opened before", async () => {
    const dataDir = freshFolder().file("data");
    const certificate = localCaCertificateFile(dataDir);
    mkdirSync(dirname(certificate), { recursive: true });
    writeFileSync(certificate, "no certificate");
    const issue = localIssuer(dataDir, systemClock, noLog);
    const [failed] = await Promise.allSettled([issue(["a.test"])]);
    expect(failed?.status).toBe("rejected");
    rmSync(dirname(certificate), { recursive: true });
    expect((await issue(["a.test"])).names).toEqual(["a.test"]);
  });
});
