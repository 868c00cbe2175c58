import { createInterface } from "node:readline/promises";

/** Asks whoever sits at the terminal; undefined when nobody does, or they end the input. */
export async function askOnTerminal(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ended = Promise.withResolvers<undefined>();
  lines.once("close", () => ended.resolve(undefined));
  lines.once("SIGINT", () => lines.close());
  try {
    return await Promise.race([lines.question(question, { signal }).catch(() => undefined), ended.promise]);
  } finally {
    lines.close();
  }
}
