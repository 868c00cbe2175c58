/** How visitor, edge and agent are placed, as somebody asks for it. What builds it is beside this file. */

export interface LineWish {
  readonly roundTripMs: number;
  /** In percent, each way. */
  readonly lossPercent: number;
  readonly megabitsPerSecond: number;
}

export interface Layout {
  readonly kind: LayoutKind;
  /** Name of the congestion control of TCP, as the kernel has it. */
  readonly congestion: string;
  /** Between edge and agent, where the kind has one. */
  readonly line?: LineWish;
}

export type LayoutKind = "loopback" | "namespaces" | "line";

export const LAYOUT_TITLES: Readonly<Record<LayoutKind, string>> = {
  loopback: "everything on 127.0.0.1, in a network namespace of its own",
  namespaces: "visitor, edge, and agent with upstream: three network namespaces, joined by wires without delay",
  line: "the same, with a line between edge and agent (--rtt, --loss, --rate)",
};

/** What tells it from others in reports. */
export function layoutName({ kind, line }: Layout): string {
  if (line === undefined) return kind;
  const { roundTripMs, lossPercent, megabitsPerSecond } = line;
  return `line ${roundTripMs} ms, ${lossPercent} % lost, ${megabitsPerSecond} Mbit/s`;
}
