/** `edge check`: reads the configuration as a start would, tells what is wrong with it, and what would be in a start's way here. */
import { loadEdgeConfig } from "../../config/config-loader.ts";
import type { EdgeConfig } from "../../config/edge-config.ts";
import { formatHostPort } from "../../base/host-port.ts";
import { resolveHost } from "../../net/resolve.ts";
import { loadCertificateFiles } from "../../pki/certificate-files.ts";
import { loadLocalCa } from "../../pki/local-ca-folder.ts";
import type { Clock } from "../../base/clock.ts";
import { checkLogTarget } from "../../telemetry/open-log.ts";
import type { CommandContext } from "../command-context.ts";
import { reachableAnyAddress } from "../edge/any-address.ts";
import { readyAuthority } from "../edge/authority.ts";
import { certificateWarnings } from "../edge/check/certificate-warnings.ts";
import { dnsWarnings } from "../edge/check/dns-warnings.ts";
import { portWarnings } from "../edge/check/port-warnings.ts";
import { trustWarnings } from "../edge/check/trust-warnings.ts";
import { edgeSettingsOf } from "../edge/flags.ts";
import { checkEdgeStore } from "../edge/store.ts";
import type { Invocation } from "../invocation.ts";

/** Throws {@link UsageError} with the first fault, for which an edge would not start. What may be right elsewhere is a warning. */
export async function run({ flags }: Invocation<"edge check">, context: CommandContext): Promise<number> {
  const { env, clock, print } = context;
  const config = await loadEdgeConfig({
    configFlags: flags.config ?? [],
    environment: env,
    flags: edgeSettingsOf(flags),
  });
  checkLogTarget(config.log.target);
  if (config.accessLog.target.kind !== "log") checkLogTarget(config.accessLog.target);
  await checkEdgeStore(config.store, clock);
  if (config.acme !== undefined) await readyAuthority(config.acme);
  const warnings = [
    ...(await certificateOf(config, clock)),
    ...trustWarnings(config.trustedProxies),
    ...portWarnings(config, await reachableAnyAddress()),
    ...(await dnsWarnings(config.domains, resolveHost, clock)),
  ];
  await print([`Valid configuration of an edge: ${summary(config)}`, ...warnings.map(warningLine), ""].join("\n"));
  return 0;
}

async function certificateOf(config: EdgeConfig, clock: Clock): Promise<readonly string[]> {
  const { certificate, usesLocalCa, dataDir } = config;
  if (certificate === undefined) {
    if (usesLocalCa) await loadLocalCa(dataDir, clock);
    return [];
  }
  const files = { certificateFile: certificate.crt, keyFile: certificate.key };
  return certificateWarnings(await loadCertificateFiles(files, clock.date()), config, clock.date());
}

function summary({ domains, http, https, agents }: EdgeConfig): string {
  const places = Object.entries({ http, https, agents }).flatMap(([name, address]) =>
    address === undefined ? [] : [`${name} on ${address.host === "" ? `:${address.port}` : formatHostPort(address)}`],
  );
  return [domains.join(", "), ...places].join("; ");
}

function warningLine(text: string): string {
  return `Warning: ${text}`;
}
