/** A traffic policy as its author wrote it (reference.md 9.1): YAML or JSON, phases of rules of actions. Knows no action. */
import { z } from "zod";
import { PublicError, UsageError } from "../../base/errors.ts";
import { readBoundedYaml } from "./bounded-yaml.ts";

export const PHASES = ["on_tcp_connect", "on_http_request", "on_http_response"] as const;
export type Phase = (typeof PHASES)[number];

export type PolicyProtocol = "http" | "https" | "tcp" | "tls";

export interface DocumentAction {
  readonly type: string;
  /** Absent: `{}`. */
  readonly config: unknown;
}

/** Actions of all rules in order: without expressions a rule is nothing but its actions. */
export type PolicyDocument = Readonly<Record<Phase, readonly DocumentAction[]>>;

/** Of a traffic policy, as it is written. Documents are kept with endpoints and parsed at every bind. */
export const MAX_POLICY_BYTES = 64 * 1024;
const MAX_ACTIONS = 100;

const action = z.strictObject({ type: z.string(), config: z.unknown().optional() });
const rule = z.strictObject({
  name: z.string().nullish(),
  expressions: z.array(z.string()).nullish(),
  actions: z.array(action).nullish(),
});
const rules = z.array(rule).nullish();
const document = z.strictObject({
  on_tcp_connect: rules,
  on_http_request: rules,
  on_http_response: rules,
  /** Older names. */
  inbound: rules,
  outbound: rules,
  enabled: z.boolean().nullish(),
});

/** @throws PublicError 2236 for what cannot be read, 2200 for expressions, 2206 and 2230 for rules without sense */
export function readDocument(text: string, protocol: PolicyProtocol): PolicyDocument {
  const { inbound, outbound, enabled, ...phases } = parsed(text);
  const isHttp = protocol === "http" || protocol === "https";
  if (enabled === false) return { on_tcp_connect: [], on_http_request: [], on_http_response: [] };
  const isRaw = !isHttp;
  const result = {
    on_tcp_connect: actionsOf("on_tcp_connect", phases.on_tcp_connect, isRaw ? inbound : undefined),
    on_http_request: actionsOf("on_http_request", phases.on_http_request, isRaw ? undefined : inbound),
    on_http_response: actionsOf("on_http_response", phases.on_http_response, outbound),
  };
  for (const phase of PHASES) {
    if (isRaw && phase !== "on_tcp_connect" && result[phase].length > 0) {
      throw new PublicError("ERR_NGROK_2230", { phase, protocol });
    }
  }
  return result;
}

function parsed(text: string): z.output<typeof document> {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
    throw new PublicError("ERR_NGROK_2236", { reason: `it has more than ${MAX_POLICY_BYTES} bytes` });
  }
  const read = document.safeParse(parsedYaml(text) ?? {});
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new PublicError("ERR_NGROK_2236", { reason: `${place}${issue?.message ?? "it is no policy"}` });
}

function parsedYaml(text: string): unknown {
  try {
    return readBoundedYaml(text);
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause;
    const [reason = ""] = cause.message.split("\n", 1);
    throw new PublicError("ERR_NGROK_2236", { reason }, { cause });
  }
}

function actionsOf(phase: Phase, ...lists: readonly z.output<typeof rules>[]): readonly DocumentAction[] {
  const actions = lists
    .flatMap((list) => list ?? [])
    .flatMap(({ expressions, actions: own }) => {
      const [expression] = expressions ?? [];
      if (expression !== undefined) throw new PublicError("ERR_NGROK_2200", { expression });
      if ((own ?? []).length === 0) throw new PublicError("ERR_NGROK_2206", { phase });
      return (own ?? []).map(({ type, config = {} }): DocumentAction => ({ type, config: config ?? {} }));
    });
  if (actions.length > MAX_ACTIONS) {
    throw new PublicError("ERR_NGROK_2236", { reason: `${phase} has more than ${MAX_ACTIONS} actions` });
  }
  return actions;
}
