/** OpenSSH: `ssh -R` to a server on loopback, both with keys and settings of their own. TLS stays the upstream's. */
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort, output } from "../child.ts";
import type { Reach, RunningSystem, System, Upstreams } from "../system.ts";

/** With OpenSSH's own choice of cipher. */
export const ssh = sshWith("ssh", []);
/** With the cipher that costs least on processors with AES instructions. */
export const sshAes = sshWith("ssh-aes", ["-c", "aes128-gcm@openssh.com"]);

function sshWith(name: string, options: readonly string[]): System {
  return { name, start: (upstreams, reach) => start(name, options, upstreams, reach) };
}

async function start(
  name: string,
  options: readonly string[],
  upstreams: Upstreams,
  reach: Reach,
): Promise<RunningSystem> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(upstreams.folder, `${name}-`));
  const [hostKey, userKey] = [join(folder, "host-key"), join(folder, "user-key")];
  for (const key of [hostKey, userKey]) await output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true }); // sshd insists on it
  const [sshPort, httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);

  const sshd = Bun.which("sshd") ?? "/usr/sbin/sshd"; // it wants to be called by its full path
  const settings = {
    ListenAddress: `127.0.0.1:${sshPort}`,
    HostKey: hostKey,
    AuthorizedKeysFile: `${userKey}.pub`,
    PidFile: "none",
    StrictModes: "no",
    UsePAM: "no",
    PermitRootLogin: "prohibit-password",
    LogLevel: "ERROR",
  };
  const server = undo.use(new Child([sshd, "-D", "-e", "-f", "/dev/null", ...asOptions(settings)]));
  await server.listensOn(sshPort);

  const forwards = [
    [httpPort, upstreams.httpPort],
    [httpsPort, upstreams.httpsPort],
    [bulkPort, upstreams.bulkPort],
  ].flatMap(([from, to]) => ["-R", `127.0.0.1:${from}:127.0.0.1:${to}`]);
  const choices = {
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    IdentitiesOnly: "yes",
    ExitOnForwardFailure: "yes",
    LogLevel: "ERROR",
  };
  const user = (await output("id", "-un")).trim(); // the runtime only knows it where USER is set
  const target = ["-p", String(await reach(sshPort)), `${user}@127.0.0.1`];
  const client = undo.use(
    new Child(["ssh", "-F", "none", "-N", "-i", userKey, ...options, ...asOptions(choices), ...forwards, ...target]),
  );
  await client.listensOn(httpPort, httpsPort, bulkPort);
  const kept = undo.move();
  return {
    httpPort,
    httpsPort,
    bulkPort,
    processes: { edge: server.pid, agent: client.pid },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function asOptions(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}
