import type { MiddlewareHandler } from "hono";

const FIELDS = {
  // Answers hold credentials: nobody keeps them, and no page of somebody else can load them as picture or script.
  "Cache-Control": "no-store",
  "Cross-Origin-Resource-Policy": "same-origin",
  // A page that opened one of ours holds no handle to it.
  "Cross-Origin-Opener-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  // What frame-ancestors says, for browsers that do not know it (RFC 7034).
  "X-Frame-Options": "DENY",
} as const;

/** For everything that is answered; pages bring stricter or longer ones of their own. */
export const protectiveHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  for (const [name, value] of Object.entries(FIELDS)) {
    if (!context.res.headers.has(name)) context.res.headers.set(name, value);
  }
};
