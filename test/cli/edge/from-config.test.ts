import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { systemClock } from "../../../src/base/clock.ts";
import { UsageError } from "../../../src/base/errors.ts";
import { edgeFromConfig } from "../../../src/cli/edge/from-config.ts";
import { buildEdgeConfig } from "../../../src/config/edge-config.ts";
import { openDirectory } from "../../../src/edge/static-directory.ts";
import { localCaCertificateFile } from "../../../src/pki/local-ca-folder.ts";
import { noLog } from "../../../src/telemetry/logger.ts";
import { freshFolders } from "../../support/fresh-folders.ts";

const freshFolder = freshFolders();

describe("edgeFromConfig", () => {
  test("refuses to start with an authority that could let nobody in", async () => {
    const dataDir = freshFolder().file("data");
    const certificate = localCaCertificateFile(dataDir);
    mkdirSync(dirname(certificate), { recursive: true });
    writeFileSync(certificate, "no certificate");
    const layer = { domain: ["edge.test"], http: ["off"], https: ["127.0.0.1:0"], data: [dataDir] };
    const config = buildEdgeConfig([layer], { platform: "linux", environment: {}, home: undefined, isRoot: false });
    const [started] = await Promise.allSettled([
      edgeFromConfig(config, { directory: openDirectory, certificate: undefined, clock: systemClock, log: noLog }),
    ]);
    if (started.status === "fulfilled") await started.value.stop(AbortSignal.abort());
    expect(started).toMatchObject({ status: "rejected", reason: expect.any(UsageError) });
  });
});
