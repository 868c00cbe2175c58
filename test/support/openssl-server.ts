/** `openssl s_server` as an upstream: answers each line of TLS with the same line backwards. */
import { writeFileSync } from "node:fs";
import { type StartedProgram, startOnFreePort } from "./started-program.ts";
import type { TestIdentity } from "./test-certificates.ts";

export interface LineServerOptions {
  readonly identity: TestIdentity;
  /** Whose client certificates it demands; none is demanded without. */
  readonly clientCaPem?: string;
  /** Protocols that it agrees on, as `h2,http/1.1`. */
  readonly alpn?: string;
}

/** One visitor at a time. */
export function startLineServer({ identity, clientCaPem, alpn }: LineServerOptions): Promise<StartedProgram> {
  return startOnFreePort({
    ready: "ACCEPT",
    prints: "stdout",
    command: (port, folder) => {
      writeFileSync(folder.file("crt"), identity.certPem);
      writeFileSync(folder.file("key"), identity.keyPem);
      const flags = ["-accept", `127.0.0.1:${port}`, "-cert", folder.file("crt"), "-key", folder.file("key"), "-rev"];
      if (alpn !== undefined) flags.push("-alpn", alpn);
      if (clientCaPem !== undefined) {
        writeFileSync(folder.file("ca"), clientCaPem);
        flags.push("-Verify", "1", "-verify_return_error", "-CAfile", folder.file("ca"));
      }
      return ["openssl", "s_server", ...flags];
    },
  });
}
