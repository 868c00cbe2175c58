/** Debian's pebble: an ACME authority that validates names on ports of this machine, with faults that can be asked for. */
import { LocalCa, createLocalCa } from "../../src/pki/local-ca.ts";
import { systemClock } from "../../src/base/clock.ts";
import { freePorts } from "./free-ports.ts";
import { type StartedProgram, startOnFreePort } from "./started-program.ts";

export interface PebbleOptions {
  /** Where it looks for names, which all lead to 127.0.0.1. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** `PEBBLE_…` switches. */
  readonly faults?: Readonly<Record<string, string>>;
  /** External accounts by id, with their keys in base64url; then an account needs one. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
}

export interface Pebble extends AsyncDisposable {
  readonly directoryUrl: string;
  /** PEM of who certifies the server of the directory. */
  readonly roots: readonly string[];
  /** PEM of the authority whose certificates it issues. */
  readonly issuerPem: string;
  /** Where its name server takes records. */
  readonly dnsUrl: string;
}

const CONNECT_TRIES = 1_000;
const serverCa = new LocalCa(await createLocalCa("pebble", systemClock), systemClock);

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const names = await startNames();
  try {
    const authority = await startAuthority(options, names.dnsPort);
    const directoryUrl = `https://127.0.0.1:${authority.program.port}/dir`;
    // It says that it serves just before it does.
    await textAt(directoryUrl);
    const issuerPem = await textAt(`https://127.0.0.1:${authority.managementPort}/roots/0`);
    return {
      directoryUrl,
      roots: [serverCa.certPem],
      issuerPem,
      dnsUrl: `http://127.0.0.1:${names.managementPort}`,
      [Symbol.asyncDispose]: async () => {
        await authority.program[Symbol.asyncDispose]();
        await names.program[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await names.program[Symbol.asyncDispose]();
    throw error;
  }
}

async function textAt(url: string): Promise<string> {
  for (let tries = 0; ; tries++) {
    try {
      return await (await fetch(url, { tls: { ca: serverCa.certPem } })).text();
    } catch (error) {
      if (tries === CONNECT_TRIES) throw error;
    }
  }
}

interface Names {
  readonly program: StartedProgram;
  readonly managementPort: number;
  readonly dnsPort: number;
}

/** The name server that comes with it. */
async function startNames(): Promise<Names> {
  const dnsPort = freePorts(1);
  const program = await startOnFreePort({
    ready: "Starting management server",
    prints: "stdout",
    command: (port) => [
      "pebble-challtestsrv",
      `-dns01=127.0.0.1:${dnsPort}`,
      `-management=127.0.0.1:${port}`,
      "-http01=",
      "-https01=",
      "-tlsalpn01=",
      "-defaultIPv6=",
    ],
  });
  return { program, managementPort: program.port, dnsPort };
}

async function startAuthority(
  { httpPort, tlsPort, faults = {}, externalAccounts }: PebbleOptions,
  dnsPort: number,
): Promise<{ readonly program: StartedProgram; readonly managementPort: number }> {
  const managementPort = freePorts(1);
  const identity = await serverCa.issue(["127.0.0.1"]);
  const program = await startOnFreePort({
    ready: "ACME directory available at",
    prints: "stdout",
    env: { PEBBLE_VA_NOSLEEP: "1", PEBBLE_WFE_NONCEREJECT: "0", PEBBLE_AUTHZREUSE: "0", ...faults },
    command: async (port, folder) => {
      const pebble = {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${managementPort}`,
        certificate: folder.file("server.crt"),
        privateKey: folder.file("server.key"),
        httpPort,
        tlsPort,
        externalAccountBindingRequired: externalAccounts !== undefined,
        externalAccountMACKeys: externalAccounts ?? {},
      };
      await Bun.write(folder.file("server.crt"), identity.certPem);
      await Bun.write(folder.file("server.key"), identity.keyPem);
      await Bun.write(folder.file("pebble.json"), JSON.stringify({ pebble }));
      return ["pebble", "-config", folder.file("pebble.json"), "-dnsserver", `127.0.0.1:${dnsPort}`];
    },
  });
  return { program, managementPort };
}
