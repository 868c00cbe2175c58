/** `openssl s_client` as a visitor of a port of this machine. */
import type { TestIdentity } from "./test-certificates.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

export interface OpensslVisit {
  readonly port: number;
  /** SNI; none is sent without. */
  readonly serverName?: string;
  /** A line to send once the handshake is done. */
  readonly line?: string;
  readonly identity?: TestIdentity;
  readonly flags?: readonly string[];
}

export interface OpensslAnswer {
  /** All that it printed: certificates, protocol, what the server sent. */
  readonly text: string;
  /** `CN = …` of the certificate; empty when there was none. */
  readonly subject: string;
  readonly code: number;
}

/** Sends the line and waits for `until`, a text among what is printed, or for the end of the connection. */
export async function visitWithOpenssl(visit: OpensslVisit, until?: string): Promise<OpensslAnswer> {
  using folder = new TemporaryFolder();
  const { port, serverName, line, identity, flags = [] } = visit;
  const name = serverName === undefined ? ["-noservername"] : ["-servername", serverName];
  const child = Bun.spawn(
    ["openssl", "s_client", "-connect", `127.0.0.1:${port}`, ...name, ...(await files(folder, identity)), ...flags],
    { stdin: "pipe", stdout: "pipe", stderr: "pipe" },
  );
  if (line !== undefined) void child.stdin.write(`${line}\n`);
  if (until === undefined) void child.stdin.end();
  else void child.stdin.flush();
  const complaint = child.stderr.text();
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of child.stdout) {
    text += decoder.decode(part, { stream: true });
    if (until !== undefined && text.includes(until)) void child.stdin.end();
  }
  const code = await child.exited;
  text += await complaint;
  const [, subject = ""] = /^subject=(.*)$/m.exec(text) ?? [];
  return { text, subject, code };
}

async function files(folder: TemporaryFolder, identity: TestIdentity | undefined): Promise<readonly string[]> {
  if (identity === undefined) return [];
  await Promise.all([Bun.write(folder.file("crt"), identity.certPem), Bun.write(folder.file("key"), identity.keyPem)]);
  return ["-cert", folder.file("crt"), "-key", folder.file("key")];
}
