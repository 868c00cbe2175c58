/** Services that people open to the world, from Debian packages, each with a configuration and data of its own. */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { succeed } from "./client-program.ts";
import { SERVER_PATH, type StartedProgram, startOnFreePort } from "./started-program.ts";
import type { TemporaryFolder } from "./temporary-folder.ts";

/** In the folder of {@link startSshd}: the configuration of its clients, with key and known host (`ssh -F`). */
export const SSH_CLIENT_CONF = "client-conf";

/** Lets in whoever runs the tests, with a key, for commands and sftp. */
export function startSshd(): Promise<StartedProgram> {
  return startOnFreePort({
    ready: "Server listening on",
    prints: "stderr",
    command: async (port, folder) => {
      const keygen = (name: string): Promise<unknown> =>
        succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.file(name)]);
      await Promise.all([keygen("host-key"), keygen("client-key")]);
      const hostKey = await Bun.file(folder.file("host-key.pub")).text();
      writeFileSync(folder.file("known-hosts"), `upstream.test ${hostKey}`);
      const client = [
        `IdentityFile ${folder.file("client-key")}`,
        `UserKnownHostsFile ${folder.file("known-hosts")}`,
        "HostKeyAlias upstream.test",
        "StrictHostKeyChecking yes",
        "BatchMode yes",
      ];
      writeFileSync(folder.file(SSH_CLIENT_CONF), `${client.join("\n")}\n`);
      const lines = [
        `Port ${port}`,
        "ListenAddress 127.0.0.1",
        `HostKey ${folder.file("host-key")}`,
        `AuthorizedKeysFile ${folder.file("client-key.pub")}`,
        "PasswordAuthentication no",
        "PermitRootLogin prohibit-password",
        "StrictModes no",
        "UsePAM no",
        "PidFile none",
        "Subsystem sftp internal-sftp",
      ];
      writeFileSync(folder.file("conf"), `${lines.join("\n")}\n`);
      makePrivilegeSeparationFolder();
      return [requireProgram("sshd", "openssh-server"), "-D", "-e", "-f", folder.file("conf")];
    },
  });
}

/** Made by the service manager, which a container does not have; sshd of root does not start without. */
function makePrivilegeSeparationFolder(): void {
  if (process.getuid?.() === 0 && !existsSync("/run/sshd")) mkdirSync("/run/sshd", { mode: 0o755 });
}

/** User `tester` without password, database `postgres`. */
export function startPostgres(): Promise<StartedProgram> {
  return startOnFreePort({
    ready: "database system is ready to accept connections",
    prints: "stderr",
    stopSignal: "SIGINT",
    command: async (port, folder) => {
      const asUser = unprivileged(folder);
      const programs = postgresFolder();
      const data = folder.file("data");
      const init = ["-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "--no-clean"];
      await succeed([...asUser, join(programs, "initdb"), ...init]);
      const settings = ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=20"];
      return [...asUser, join(programs, "postgres"), "-D", data, "-k", folder.path, "-p", String(port), ...settings];
    },
  });
}

/** PostgreSQL refuses to run as root: what to put before a command, after the folder was given to somebody else. */
function unprivileged(folder: TemporaryFolder): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const owner = 65_534; // nobody, on every Linux
  chownSync(folder.path, owner, owner);
  chmodSync(folder.path, 0o700);
  return ["setpriv", `--reuid=${owner}`, `--regid=${owner}`, "--clear-groups"];
}

function postgresFolder(): string {
  const root = "/usr/lib/postgresql";
  const [version] = existsSync(root) ? readdirSync(root) : [];
  if (version !== undefined) return join(root, version, "bin");
  throw new Error("the program postgres is missing; its Debian package is postgresql");
}

export function startRedis(): Promise<StartedProgram> {
  return startOnFreePort({
    ready: "Ready to accept connections",
    prints: "stdout",
    command: (port, folder) => {
      const settings = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder.path];
      return [requireProgram("redis-server", "redis-server"), "--port", String(port), ...settings];
    },
  });
}

function requireProgram(name: string, debianPackage: string): string {
  const path = Bun.which(name, { PATH: SERVER_PATH });
  if (path === null) throw new Error(`the program ${name} is missing; its Debian package is ${debianPackage}`);
  return path;
}
