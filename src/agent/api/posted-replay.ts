/** What a replay is asked to repeat, and with which changes (reference.md 3.4; the changes are ours). */
import { z } from "zod";
import { UsageError } from "../../base/errors.ts";
import { readBySchema } from "../../config/config-problem.ts";
import type { ReplayChanges } from "../repeated-request.ts";
import { MAX_REPLAY_TIMES } from "../replay.ts";
import { ApiProblem } from "./api-problem.ts";
import type { JsonObject } from "./request-body.ts";

const fieldList = z.array(z.tuple([z.string(), z.string()]));

export const replaySchema = z.strictObject(
  {
    id: z.string({ error: "expected the id of a captured request" }),
    tunnel_name: z.string().optional(),
    tunnelName: z.string().optional(),
    method: z.string().optional(),
    path: z.string().optional(),
    headers: fieldList.optional(),
    body: z.base64().optional(),
    trailers: fieldList.optional(),
    times: z.int().min(1).max(MAX_REPLAY_TIMES).optional(),
  },
  { error: "expected an object with the id of a captured request" },
);

export interface PostedReplay {
  readonly id: string;
  /** Undefined for that of the captured request. */
  readonly tunnelName: string | undefined;
  readonly changes: ReplayChanges;
  readonly times: number;
}

/** Null is as good as absent. Throws ApiProblem. */
export function postedReplay(body: JsonObject): PostedReplay {
  const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const blame = (_path: readonly PropertyKey[], message: string): UsageError => new UsageError(message);
  try {
    const fields = readBySchema(replaySchema, given, { blame, typeName: "Replay" });
    const { id, tunnel_name, tunnelName, times = 1 } = fields;
    return { id, tunnelName: tunnel_name ?? tunnelName, changes: changesOf(fields), times };
  } catch (error) {
    throw error instanceof UsageError ? new ApiProblem("invalidRequest", error.message) : error;
  }
}

function changesOf({ method, path, headers, body, trailers }: z.infer<typeof replaySchema>): ReplayChanges {
  return {
    method,
    target: path === undefined ? undefined : octets(path),
    fields: headers?.map(fieldOctets),
    body: body === undefined ? undefined : Uint8Array.fromBase64(body),
    trailers: trailers?.map(fieldOctets),
  };
}

function fieldOctets([name, value]: readonly [string, string]): readonly [string, string] {
  return [name, octets(value)];
}

/** On the wire text is UTF-8; inside, a message has a character for each octet. */
function octets(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}
