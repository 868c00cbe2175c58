import { PublicError } from "../../base/errors.ts";
import type { RequestHead } from "../../protocol/http1/request-head.ts";
import { errorAnswer } from "./error-page.ts";
import type { OwnAnswer } from "./own-answer.ts";

/**
 * What is said in the clear under a name that is served by https alone. What only reads is sent there; anything else has
 * shown its content, and its sender has to notice.
 */
export function httpsOnlyAnswer(request: RequestHead, httpsUrl: string): OwnAnswer {
  if (request.method !== "GET" && request.method !== "HEAD") {
    const error = new PublicError("ERR_GINNEL_HTTPS_ONLY", { host: request.host.name });
    return errorAnswer(error, request.get("accept"));
  }
  const location = URL.canParse(httpsUrl) ? new URL(httpsUrl).href : httpsUrl;
  return {
    status: 308,
    reason: "Permanent Redirect",
    fields: [["Location", location]],
    body: new Uint8Array(0),
  };
}
