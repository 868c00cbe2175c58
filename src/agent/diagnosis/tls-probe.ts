import { UsageError } from "../../base/errors.ts";
import type { RootCas } from "../../config/agent-settings.ts";
import { DialError } from "../../net/dial-error.ts";
import type { Duplex } from "../../net/duplex.ts";
import { connectTls, type TlsDialled } from "../../net/tls-client.ts";
import { clientTlsContext, type TlsContext } from "../../net/tls-context.ts";
import { isUnrecognizedName } from "../../net/tls-failure-text.ts";
import { TlsHandshakeError } from "../../net/tls-handshake-error.ts";
import { edgeTlsContext, tlsRemedy } from "../edge-connector.ts";
import { certificateText, endsSoon, validityFault } from "./certificate-text.ts";
import { expectedReason } from "./expected-reason.ts";
import { ok, type Step } from "./step.ts";
import type { Dial, StepLimits } from "./way.ts";

const NAME = "TLS";
const CODE = "ERR_NGROK_8003";

export interface TlsProbeOptions extends StepLimits {
  /** What the certificate has to be for. */
  readonly serverName: string;
  readonly rootCas: RootCas;
}

export interface TlsFindings {
  readonly step: Step;
  /** When the certificate is trusted; the caller's then. */
  readonly connection: Duplex | undefined;
}

/** Tests name, authority and time of the edge's certificate, and tells what it says also when it is not trusted. */
export async function probeTls(dial: Dial, options: TlsProbeOptions): Promise<TlsFindings> {
  try {
    const context = await edgeTlsContext(options.rootCas);
    const { connection, peerCertificate } = await handshake(await dial(), context, { ...options, verify: true });
    const certificate = peerCertificate();
    const detail = certificate === undefined ? "no certificate" : certificateText(certificate);
    if (certificate === undefined || !endsSoon(certificate, options.clock.date())) {
      return { step: ok(NAME, detail), connection };
    }
    const remedy = "Renew the edge's certificate.";
    return { step: { name: NAME, verdict: "warn", detail, remedy, code: CODE }, connection };
  } catch (error) {
    const failure = error instanceof DialError && error.cause instanceof TlsHandshakeError ? error.cause : undefined;
    const seen = failure === undefined || isUnrecognizedName(failure) ? undefined : await look(dial, options);
    const remedy = seen?.remedy ?? (failure && tlsRemedy(failure)) ?? otherRemedy(error);
    const detail = [expectedReason(error), seen?.text].filter((text) => text !== undefined).join("; ");
    return {
      step: { name: NAME, verdict: "fail", detail, remedy: asSentence(remedy), code: CODE },
      connection: undefined,
    };
  }
}

interface SeenCertificate {
  readonly text: string;
  /** When its time is what is wrong with it. */
  readonly remedy: string | undefined;
}

/** What the peer shows to whoever trusts it blindly; undefined when not even that works. */
async function look(dial: Dial, options: TlsProbeOptions): Promise<SeenCertificate | undefined> {
  try {
    const blind = { ...options, verify: false };
    const { connection, peerCertificate } = await handshake(await dial(), clientTlsContext([]), blind);
    const certificate = peerCertificate();
    connection.reset();
    if (certificate === undefined) return undefined;
    const now = options.clock.date();
    const fault = validityFault(certificate, now);
    const clock = `set the clock of this machine, which says ${now.toISOString()}`;
    return {
      text: certificateText(certificate),
      remedy: fault && `the certificate is ${fault}: renew it, or ${clock}`,
    };
  } catch (error) {
    expectedReason(error);
    return undefined;
  }
}

function handshake(
  plain: Duplex,
  context: TlsContext,
  { timeoutMs, signal, clock, onFault, serverName, verify }: TlsProbeOptions & { readonly verify: boolean },
): Promise<TlsDialled> {
  return connectTls(plain, { timeoutMs, signal, clock, onFault, context, serverName, verify });
}

function otherRemedy(error: unknown): string {
  return error instanceof UsageError
    ? "correct root_cas (connect_cas in version 3)"
    : "is that the address of an edge, and does nothing between here and there look into TLS connections?";
}

function asSentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.?]$/.test(text) ? "" : ".");
}
