/** OpenSSH: `ssh -R`, client and server with keys and settings of their own. TLS stays the upstream's. */
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Child, freePort, output } from "../child.ts";
import type { Places } from "../place.ts";
import type { RunningSystem, System, Upstreams } from "../system.ts";

/** With OpenSSH's own choice of cipher. */
export const ssh = sshWith("ssh", "`ssh -R` of OpenSSH, with its own choice of cipher", []);
/** With the cipher that costs least on processors with AES instructions. */
export const sshAes = sshWith("ssh-aes", "the same with aes128-gcm@openssh.com", ["-c", "aes128-gcm@openssh.com"]);

function sshWith(name: string, title: string, options: readonly string[]): System {
  return { name, title, start: (upstreams, places) => start(name, options, upstreams, places) };
}

async function start(
  name: string,
  options: readonly string[],
  upstreams: Upstreams,
  places: Places,
): Promise<RunningSystem> {
  await using undo = new AsyncDisposableStack();
  const folder = await mkdtemp(join(upstreams.folder, `${name}-`));
  const [hostKey, userKey] = [join(folder, "host-key"), join(folder, "user-key")];
  for (const key of [hostKey, userKey]) await output("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key);
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true }); // sshd insists on it
  const [sshPort, httpPort, httpsPort, bulkPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);

  const sshd = Bun.which("sshd") ?? "/usr/sbin/sshd"; // it wants to be called by its full path
  const settings = {
    ListenAddress: `${places.edge.listen}:${sshPort}`,
    GatewayPorts: "clientspecified",
    HostKey: hostKey,
    AuthorizedKeysFile: `${userKey}.pub`,
    PidFile: "none",
    StrictModes: "no",
    UsePAM: "no",
    PermitRootLogin: "prohibit-password",
    LogLevel: "ERROR",
  };
  const server = undo.use(new Child([sshd, "-D", "-e", "-f", "/dev/null", ...asOptions(settings)], {}, places.edge));
  await server.listensOn(sshPort);

  const forwards = [
    [httpPort, upstreams.httpPort],
    [httpsPort, upstreams.httpsPort],
    [bulkPort, upstreams.bulkPort],
  ].flatMap(([from, to]) => ["-R", `${places.edge.listen}:${from}:127.0.0.1:${to}`]);
  const choices = {
    StrictHostKeyChecking: "no",
    UserKnownHostsFile: "/dev/null",
    IdentitiesOnly: "yes",
    ExitOnForwardFailure: "yes",
    LogLevel: "ERROR",
  };
  const user = (await output("id", "-un")).trim(); // the runtime only knows it where USER is set
  const target = ["-p", String(sshPort), `${user}@${places.edge.address}`];
  const client = undo.use(
    new Child(
      ["ssh", "-F", "none", "-N", "-i", userKey, ...options, ...asOptions(choices), ...forwards, ...target],
      {},
      places.agent,
    ),
  );
  await server.listensOn(httpPort, httpsPort, bulkPort);
  const kept = undo.move();
  return {
    address: places.edge.address,
    httpPort,
    httpsPort,
    bulkPort,
    programs: { edge: server, agent: client },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function asOptions(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}
