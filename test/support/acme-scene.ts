/** An edge in this process whose certificates come from a pebble of its own. */
import { chmod } from "node:fs/promises";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { AcmeAuthority, type AcmeAuthorityOptions } from "../../src/edge/certificates/acme-authority.ts";
import type { ChallengeType } from "../../src/edge/certificates/certificate-authority.ts";
import type { CertificateStore } from "../../src/edge/certificates/certificate-store.ts";
import { DnsHook } from "../../src/edge/certificates/dns-hook.ts";
import { DnsZones } from "../../src/edge/certificates/dns-zones.ts";
import { ManagedCertificates } from "../../src/edge/certificates/managed-certificates.ts";
import { MemoryCertificateStore } from "./memory-certificate-store.ts";
import { PendingChallenges } from "../../src/edge/certificates/pending-challenges.ts";
import { freePorts } from "./free-ports.ts";
import { type OpensslAnswer, visitWithOpenssl } from "./openssl-visitor.ts";
import { type Pebble, type PebbleOptions, startPebble } from "./pebble.ts";
import type { LogFields, Logger } from "../../src/telemetry/logger.ts";
import { recordingLog, type RecordedLine } from "./recording-log.ts";
import { TemporaryFolder } from "./temporary-folder.ts";
import { LOOPBACK, testEdge, type TestEdge } from "./test-edge.ts";

export interface AcmeSceneOptions {
  readonly challengeTypes: readonly ChallengeType[];
  readonly pebble?: Partial<PebbleOptions>;
  readonly authority?: Partial<AcmeAuthorityOptions>;
  readonly store?: CertificateStore;
  readonly clock?: Clock;
  /** Names without a certificate of the authority have none. */
  readonly isPublicOnly?: boolean;
}

export interface AcmeScene extends AsyncDisposable {
  readonly edge: TestEdge;
  readonly pebble: Pebble;
  /** The next line about certificates with this message, that of the past first. */
  readonly said: (message: string) => Promise<RecordedLine>;
  /** How the DNS hook was called. */
  readonly hookCalls: () => Promise<readonly string[]>;
  /** Brings an endpoint online. */
  readonly serve: (host: string) => Promise<void>;
  /** What a visitor is shown who trusts pebble's authority alone. */
  readonly visit: (serverName: string) => Promise<OpensslAnswer>;
}

export async function acmeScene(options: AcmeSceneOptions): Promise<AcmeScene> {
  const { challengeTypes, store = new MemoryCertificateStore(), clock = systemClock } = options;
  const folder = new TemporaryFolder();
  const httpPort = freePorts(2);
  const tlsPort = httpPort + 1;
  const pebble = await startPebble({ httpPort, tlsPort, ...options.pebble });
  const { directoryUrl, roots } = pebble;
  await Bun.write(folder.file("issuer.pem"), pebble.issuerPem);
  const challenges = new PendingChallenges(clock);
  const { log, said } = noticingLog();
  const dnsHook = new DnsHook(await writeDnsHook(folder, pebble.dnsUrl), process.env, log);
  const authority = new AcmeAuthority({
    directoryUrl,
    roots,
    userAgent: "ginnel/test",
    contact: undefined,
    externalAccount: undefined,
    store,
    challenges,
    dnsHook,
    clock,
    ...options.authority,
  });
  const certificates = await ManagedCertificates.open({
    authority,
    store,
    challengeTypes,
    dnsZones: new DnsZones(["test"], []),
    clock,
    random: () => 0.5,
    log,
  });
  const edge = testEdge({
    listen: { http: { hostname: LOOPBACK, port: httpPort }, https: { hostname: LOOPBACK, port: tlsPort } },
    authority: { certificates, challenges },
    ...(options.isPublicOnly === true ? { issue: undefined } : {}),
  });
  return {
    edge,
    pebble,
    said,
    hookCalls: async () => (await Bun.file(folder.file("dns-hook.log")).text()).trim().split("\n"),
    serve: async (host) => {
      const { bind } = await edge.agent();
      await bind({ Proto: "https", Opts: { Domain: host } });
    },
    visit: (serverName) =>
      visitWithOpenssl({ port: tlsPort, serverName, flags: ["-CAfile", folder.file("issuer.pem")] }),
    [Symbol.asyncDispose]: async () => {
      certificates[Symbol.dispose]();
      await edge.end();
      await pebble[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

/** As an operator would write it for a name server with an API, but what it put there stays: other values may be beside it. */
async function writeDnsHook(folder: TemporaryFolder, dnsUrl: string): Promise<string> {
  const file = folder.file("dns-hook");
  const script = `#!/bin/sh
echo "$@" >>${folder.file("dns-hook.log")}
[ "$1" = present ] || exit 0
exec curl --silent --show-error --fail --data "{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}" ${dnsUrl}/set-txt
`;
  await Bun.write(file, script);
  await chmod(file, 0o700);
  return file;
}

/** A log whose lines can be waited for. */
function noticingLog(): { readonly log: Logger; readonly said: (message: string) => Promise<RecordedLine> } {
  const { log, lines } = recordingLog();
  const waiting = new Set<() => void>();
  const noticing =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: LogFields): void => {
      log[level](message, fields);
      for (const look of waiting) look();
    };
  const said = (message: string): Promise<RecordedLine> =>
    new Promise((resolve) => {
      const look = (): void => {
        const line = lines.find((candidate) => candidate.message === message);
        if (line === undefined) return;
        waiting.delete(look);
        lines.splice(lines.indexOf(line), 1);
        resolve(line);
      };
      waiting.add(look);
      look();
    });
  const levels = { debug: noticing("debug"), info: noticing("info"), warn: noticing("warn"), error: noticing("error") };
  return { log: { ...log, ...levels }, said };
}
