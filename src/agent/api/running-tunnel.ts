import type { Tunnel } from "../tunnel.ts";

/** What the faces show of a tunnel that runs. */
export type RunningTunnel = Pick<
  Tunnel,
  "id" | "name" | "proto" | "address" | "inspect" | "publicUrl" | "trafficPolicy" | "definition"
> & {
  readonly metrics: {
    readonly conns: Pick<Tunnel["metrics"]["conns"], "snapshot">;
    readonly http: Pick<Tunnel["metrics"]["http"], "snapshot">;
    readonly bytesIn: number;
    readonly bytesOut: number;
  };
};

/** The tunnel of this name. A `+` may stand for a space, as old agents wrote them in links, when no tunnel has it in its name. */
export function tunnelNamed(tunnels: readonly RunningTunnel[], name: string): RunningTunnel | undefined {
  const named = (wanted: string): RunningTunnel | undefined => tunnels.find((tunnel) => tunnel.name === wanted);
  return named(name) ?? named(name.replaceAll("+", " "));
}

/** `encodeURIComponent` leaves a few characters that readers of links stumble over: parentheses above all (reference.md 3.2). */
export function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
