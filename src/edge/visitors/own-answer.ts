import type { OwnResponse } from "../../protocol/http1/response-writer.ts";

/** What the edge itself says to a visitor: as much of a response as does not depend on the request and its connection. */
export interface OwnAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly bodyLength?: OwnResponse["bodyLength"];
}
