/** What changes in HTTP heads when the upstream is to see another Host than the visitor named (reference.md 7.4). Pure. */
import { UsageError } from "../../base/errors.ts";
import { bracketHost } from "../../base/host-port.ts";
import type { HttpTunnel } from "../../model/tunnel-definition.ts";
import { isSameAuthority, parseAuthority } from "../../protocol/http1/authority.ts";
import { removeForeignOptions } from "../../protocol/http1/foreign-options.ts";
import { HeadEdits } from "../../protocol/http1/head-edits.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import type { ResponseHead } from "../../protocol/http1/response-head.ts";

/** What stands for upstreams that have no host name: folders and socket files. */
const UNNAMED_HOST = "localhost";
const USUAL_PORT: Readonly<Partial<Record<string, number>>> = { http: 80, https: 443 };

/**
 * The Host that the upstream of a tunnel sees; undefined when the visitor's is preserved.
 * @throws UsageError for a value that cannot stand in a header
 */
export function rewrittenHost({ name, hostHeader, upstream }: HttpTunnel): string | undefined {
  switch (hostHeader.kind) {
    case "preserve":
      return undefined;
    case "value":
      if (/^[!-~]+$/.test(hostHeader.value)) return hostHeader.value;
      throw new UsageError(
        `tunnel "${name}" cannot rewrite the Host header to ${JSON.stringify(hostHeader.value)}: it has characters that no host has`,
      );
    case "rewrite": {
      if (upstream.kind !== "network") return UNNAMED_HOST;
      const host = bracketHost(upstream.host);
      return USUAL_PORT[upstream.scheme] === upstream.port ? host : `${host}:${upstream.port}`;
    }
    default:
      return hostHeader satisfies never;
  }
}

export interface HostRewrite {
  /** The Host header of every request. */
  readonly host: string;
  /** How visitors reach the endpoint. */
  readonly publicScheme: "http" | "https";
}

/**
 * The head for the upstream. The target loses the authority that it may have: it would contradict the new Host. No option of
 * Connection has the upstream drop what is written here, whatever edge it came through.
 */
export function rewriteRequest(head: RequestHead, { host }: HostRewrite): Uint8Array {
  const edits = new HeadEdits().set("Host", host).set("X-Original-Host", head.get("host") ?? "");
  removeForeignOptions(head, edits);
  if (head.targetForm === "absolute") edits.setTarget(head.originForm);
  return edits.applyTo(head);
}

/** Where the visitor believes to be. */
export function publicOrigin(head: RequestHead, { publicScheme }: HostRewrite): string {
  return `${publicScheme}://${head.get("host") ?? ""}`;
}

/** The head for the visitor: a Location that leads to the rewritten host would lead out of the tunnel. */
export function rewriteResponse(head: ResponseHead, { host }: HostRewrite, origin: string): Uint8Array {
  const location = head.get("location");
  if (location === undefined) return head.raw;
  const [, scheme, authorityText, rest = ""] = /^(?:(https?):)?\/\/([^/?#]*)(.*)$/i.exec(location) ?? [];
  const named = parseAuthority(authorityText ?? "");
  const rewritten = parseAuthority(host);
  if (named === undefined || rewritten === undefined) return head.raw;
  if (!isSameAuthority(named, rewritten, USUAL_PORT[scheme?.toLowerCase() ?? ""])) return head.raw;
  return new HeadEdits().set("Location", `${origin}${rest}`).applyTo(head);
}
