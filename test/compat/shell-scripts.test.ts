/** Shell scripts made for ngrok find the public URL and visit it, with the compiled program as `ngrok` in their PATH (K-075, K-076, K-110). */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { BUILD_TIMEOUT_MS, builtBinary } from "../support/built-binary.ts";
import { runClient } from "../support/client-program.ts";
import { runProgram } from "../support/run-program.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

const LIMIT_MS = 60_000;

let binary: string;
beforeAll(async () => {
  binary = await builtBinary();
}, BUILD_TIMEOUT_MS);

describe("a shell script", () => {
  test.each([
    ["json-log.sh", "/from-json"],
    ["jq-log.sh", "/from-jq"],
    ["logfmt.sh", "/from-logfmt"],
    ["agent-api.sh", "/from-api"],
  ])(
    "a shell script such as %s finds the public URL and visits it",
    async (script, path) => {
      using folder = new TemporaryFolder();
      using upstream = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch: (request) => new Response(`served ${new URL(request.url).pathname}`),
      });
      mkdirSync(folder.file("bin"));
      symlinkSync(binary, folder.file("bin/ngrok"));
      // Visitors trust the authority of the agent's own edge, as their users do once.
      const { stdout: caPem } = await runProgram(`edge ca --data=${folder.file("ginnel")}`, { home: folder.path });
      await Bun.write(folder.file("ca.pem"), caPem);
      const outcome = await runClient([join(import.meta.dir, "shell", script), String(upstream.port)], {
        cwd: folder.path,
        env: {
          PATH: `${folder.file("bin")}:${process.env["PATH"]}`,
          HOME: folder.path,
          XDG_STATE_HOME: folder.path,
          CURL_CA_BUNDLE: folder.file("ca.pem"),
        },
      });
      expect([outcome.stdout.toString(), outcome.stderr]).toEqual([`served ${path}`, ""]);
      expect(outcome.code).toBe(0);
    },
    LIMIT_MS,
  );
});
