/**
 * Where clouds tell a machine its own secrets, to whoever asks from that machine. A tunnel that leads there gives the machine away,
 * so nobody but its user may open one.
 */
import ipaddr from "ipaddr.js";
import { writtenOut } from "../../http-api/allowed-hosts.ts";

/** Link-local addresses of both kinds hold nearly all of them; the others are single addresses of one cloud each. */
const NETWORKS = [
  "169.254.0.0/16",
  "fe80::/10",
  "fd00:ec2::/32",
  "fd20:ce::/64",
  "100.100.100.200/32",
  "168.63.129.16/32",
  "192.0.0.192/32",
].map((network) => ipaddr.parseCIDR(network));

/** IPv4 addresses inside of IPv6 ones (RFC 6052). */
const TRANSLATED = ipaddr.parseCIDR("64:ff9b::/96");

const NAMES: ReadonlySet<string> = new Set([
  "metadata",
  "metadata.google.internal",
  "metadata.goog",
  "metadata.azure.internal",
  "metadata.platformequinix.com",
  "instance-data",
  "instance-data.ec2.internal",
]);

/** By an address in any spelling that systems understand, or by a known name. What a name resolves to is seen when it is dialled. */
export function isMetadataService(host: string): boolean {
  const written = writtenOut(host.toLowerCase());
  if (NAMES.has(written)) return true;
  return ipaddr.isValid(written) && isMetadataAddress(ipaddr.process(written));
}

function isMetadataAddress(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (NETWORKS.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits))) return true;
  const isTranslated = address.kind() === "ipv6" && address.match(...TRANSLATED);
  return isTranslated && isMetadataAddress(ipaddr.fromByteArray(address.toByteArray().slice(-4)));
}
