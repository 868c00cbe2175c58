import { PublicError } from "../../base/errors.ts";
import type { ClientTerms, FindAuthority, TlsTerms } from "../tls-terms.ts";
import { readConfig, terminateTlsConfig } from "./action-config.ts";

const ACTION = "terminate-tls";

export interface TerminateTlsContext {
  readonly protocol: string;
  readonly isInternal?: boolean;
  readonly certificateAuthority?: FindAuthority;
}

/** @throws PublicError 2205 where no visitor's TLS ends, 2203 for a configuration that cannot be used */
export function terminateTls(config: unknown, context: TerminateTlsContext): TlsTerms {
  const { protocol, isInternal } = context;
  if (isInternal === true || (protocol !== "https" && protocol !== "tls")) {
    throw new PublicError("ERR_NGROK_2205", { action: ACTION, protocol: isInternal === true ? "internal" : protocol });
  }
  const read = readConfig(ACTION, terminateTlsConfig, config);
  const { server_certificate: certPem, server_private_key: keyPem } = read;
  return {
    minVersion: read.min_version,
    maxVersion: read.max_version,
    identity: certPem === undefined || keyPem === undefined ? undefined : { certPem, keyPem },
    clients: clientTerms(read.mutual_tls_certificate_authorities, read.mutual_tls_verification_strategy, context),
  };
}

function clientTerms(
  authorities: readonly string[],
  strategy: ClientTerms["strategy"] | undefined,
  { certificateAuthority }: TerminateTlsContext,
): ClientTerms | undefined {
  if (authorities.length === 0 && strategy === undefined) return undefined;
  const current = authorities.map((text) => currentAuthority(text, certificateAuthority));
  return {
    strategy: strategy ?? "require-and-verify",
    authorities: () => current.map((pem) => pem()).filter((pem) => pem !== undefined),
  };
}

/** An id, or PEM. */
function currentAuthority(text: string, find: FindAuthority | undefined): () => string | undefined {
  if (!/^ca_\w+$/.test(text)) return () => text;
  const found = find?.(text);
  if (found !== undefined) return found;
  throw noSuchAuthority(text);
}

export function noSuchAuthority(id: string): PublicError {
  return new PublicError("ERR_NGROK_2203", { action: ACTION, reason: `no certificate authority has the id ${id}` });
}
