import { newId } from "../../src/base/record-id.ts";
import type { CloudEndpoint } from "../../src/model/records/cloud-endpoint.ts";

/** A policy that any public endpoint can have. */
export const CLOSING = "on_tcp_connect: [{actions: [{type: close-connection}]}]";
const DENYING = "on_http_request: [{actions: [{type: deny}]}]";

/** As it is kept; it turns every visitor away unless the test says otherwise. */
export function aCloudEndpoint(accountId: string, changes: Partial<CloudEndpoint> = {}): CloudEndpoint {
  const createdAt = new Date();
  const isInternalHttp = changes.url?.startsWith("http") === true && changes.url.includes(".internal");
  return {
    id: newId("ep", createdAt),
    accountId,
    createdAt,
    updatedAt: createdAt,
    description: "",
    metadata: "",
    url: "https://cloud.edge.test",
    bindings: [changes.url?.includes(".internal") === true ? "internal" : "public"],
    trafficPolicy: isInternalHttp ? DENYING : CLOSING,
    isPooled: false,
    ...changes,
  };
}
