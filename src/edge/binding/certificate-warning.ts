import type { TlsCertificates } from "../certificates/tls-certificates.ts";
import type { Endpoint } from "../endpoint.ts";

/**
 * What the user of an agent is told of an endpoint that has just come online, and whose visitors will be refused for want of a certificate.
 * `undefined`: there is one, or none is needed of the edge.
 */
export function certificateWarning(
  { host, place, facts }: Pick<Endpoint, "host" | "place" | "facts">,
  certificates: Pick<TlsCertificates, "outlook">,
): string | undefined {
  const { terminateTls } = facts.options;
  const endsTls = place === "https" || (place === "tls" && terminateTls !== undefined);
  if (!endsTls || terminateTls?.identity !== undefined) return undefined;
  switch (certificates.outlook(host)) {
    case "there":
      return undefined;
    case "onDemand":
      return `${host} had no certificate yet when it came online: the first visitor has one ordered, and visitors are refused until it is there.`;
    case "none":
      return `${host} had no certificate when it came online, and visitors are refused while it has none. Ask the operator of the edge for one that covers it, or attach one to the domain if you reserved it.`;
  }
}
