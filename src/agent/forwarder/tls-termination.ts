import type { Clock } from "../../base/clock.ts";
import type { AgentTermination } from "../../model/tunnel-definition.ts";
import type { Duplex } from "../../net/duplex.ts";
import { serverTlsContext, type TlsContext } from "../../net/tls-context.ts";
import { acceptTls } from "../../net/tls-server.ts";
import { loadCaCertificates, loadCertificate } from "../../pki/certificate-files.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** The end of a visitor's TLS at the agent, so that the edge cannot read what passes (reference.md 7.7). */
export class TlsTermination {
  readonly #context: TlsContext;
  readonly #demandsCertificate: boolean;
  readonly #clock: Clock;

  private constructor(context: TlsContext, demandsCertificate: boolean, clock: Clock) {
    this.#context = context;
    this.#demandsCertificate = demandsCertificate;
    this.#clock = clock;
  }

  /** @throws UsageError when certificate, key or authorities cannot be used */
  static async open(
    { certificate, key, clientCas }: AgentTermination,
    { clock, log }: { readonly clock: Clock; readonly log: Logger },
  ): Promise<TlsTermination> {
    const { material, warnings } = await loadCertificate(certificate, key, clock.date());
    const authorities = await Array.fromAsync(clientCas, (source) => loadCaCertificates(source));
    for (const warning of warnings) log.warn("certificate may not work", { warning });
    const context = serverTlsContext(material, clientCas.length === 0 ? {} : { clientCa: authorities.flat() });
    return new TlsTermination(context, clientCas.length > 0, clock);
  }

  /** Takes the stream over; `read` came from it before. @throws TlsHandshakeError; the stream is closed then */
  async accept(stream: Duplex, read: Uint8Array): Promise<Duplex> {
    const clientCertificate = this.#demandsCertificate ? ("require" as const) : undefined;
    const { connection } = await acceptTls(stream, read, {
      context: this.#context,
      clientCertificate,
      clock: this.#clock,
    });
    return connection;
  }
}
