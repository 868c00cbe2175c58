/**
 * The cookie that a browser keeps a session in (RFC 6265). Scripts cannot read it. Its prefix (RFC 6265bis, section 4.1.3.2) lets browsers
 * take it only from the very host that it is for, so no page at another name of the same domain, such as a tunnel, can plant one. Over
 * plain HTTP, which is for the loopback only, browsers take no cookie that is marked as secure; it has another name there, so that
 * neither stands for the other.
 */
const SECURE_NAME = "__Host-ginnel";
const PLAIN_NAME = "ginnel";
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

/** The `Set-Cookie` of a session that begins; it goes when the browser is closed. */
export function sessionCookie(id: string, isSecure: boolean): string {
  return isSecure ? `${SECURE_NAME}=${id}; ${ATTRIBUTES}; Secure` : `${PLAIN_NAME}=${id}; ${ATTRIBUTES}`;
}

/** The `Set-Cookie` that takes it away. */
export function noSessionCookie(isSecure: boolean): string {
  return `${sessionCookie("", isSecure)}; Max-Age=0`;
}

/**
 * The session's id in a `Cookie` field. None when there are two, which only a browser without the prefix or without TLS sends:
 * nobody knows which is whose.
 */
export function sessionIdIn(cookies: string | null, isSecure: boolean): string | undefined {
  const wanted = isSecure ? SECURE_NAME : PLAIN_NAME;
  const values = (cookies ?? "").split(";").flatMap((pair) => {
    const equals = pair.indexOf("=");
    return pair.slice(0, Math.max(0, equals)).trim() === wanted ? [pair.slice(equals + 1).trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
