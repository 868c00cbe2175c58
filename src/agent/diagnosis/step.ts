/**
 * What a test of the way from here to visitors found, one step at a time. This folder tests that way with real connections, each step
 * within a deadline; what becomes of the steps (a screen, a report, an exit code) is for others.
 */

/** Published codes (reference.md, appendix B). */
export type StepCode =
  | "ERR_NGROK_8000" // name resolution
  | "ERR_NGROK_8002" // TCP
  | "ERR_NGROK_8003" // TLS
  | "ERR_NGROK_8004" // protocol
  | "ERR_NGROK_8005" // the proxy cannot be reached
  | "ERR_NGROK_8006" // the proxy does not let us through
  | "ERR_NGROK_8009" // no edge
  | "ERR_NGROK_8011" // IPv6
  | "ERR_NGROK_8012"; // upstream

export type Step =
  | { readonly name: string; readonly verdict: "ok"; readonly detail: string }
  /** `warn`: it works, though not as well as it could. */
  | {
      readonly name: string;
      readonly verdict: "warn" | "fail";
      readonly detail: string;
      readonly remedy: string;
      readonly code: StepCode;
    };

/** Steps about the same thing, in the order they were taken. After a failure the steps that need it are not taken. */
export interface StepGroup {
  readonly title: string;
  readonly steps: readonly Step[];
}

export function hasFailed(groups: readonly StepGroup[]): boolean {
  return groups.some(({ steps }) => steps.some(({ verdict }) => verdict === "fail"));
}

export function ok(name: string, detail: string): Step {
  return { name, verdict: "ok", detail };
}

/** What somebody threw, in their words; only failures that are to be expected have some. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
