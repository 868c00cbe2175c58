import type { MiddlewareHandler } from "hono";
import { PublicError } from "../../base/errors.ts";

const MAX_AGE_SECONDS = 600;

/**
 * Lets pages of the operator's origins call (reference.md 8.1). `methodsAt` answers the methods of a path, none for one that is
 * not there. A key is sent in a header, never by a cookie, so that a page can do no more than it has a key for.
 */
export function crossOrigin(
  allowedOrigins: readonly string[],
  methodsAt: (path: string) => readonly string[],
): MiddlewareHandler {
  return async (context, next) => {
    const { req } = context;
    const origin = req.header("Origin");
    const isPreflight = req.method === "OPTIONS" && req.header("Access-Control-Request-Method") !== undefined;
    if (origin === undefined || !allowedOrigins.includes(origin)) {
      if (isPreflight)
        throw new PublicError("ERR_GINNEL_METHOD", { method: "OPTIONS", allowed: "none from this origin" });
      return next();
    }
    const fields = {
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      Vary: "Origin",
    };
    if (!isPreflight) {
      await next();
      for (const [name, value] of Object.entries(fields)) context.res.headers.set(name, value);
      return;
    }
    return new Response(null, {
      status: 204,
      headers: {
        ...fields,
        "Access-Control-Allow-Methods": methodsAt(req.path).join(", "),
        "Access-Control-Allow-Headers": req.header("Access-Control-Request-Headers") ?? "",
        "Access-Control-Max-Age": String(MAX_AGE_SECONDS),
      },
    });
  };
}
