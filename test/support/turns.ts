/** Waiting for what happens on later turns of the event loop. */

/** How a test ends when what it waits for never comes: below bun's own deadline, so that the message names it. */
const PATIENCE_MS = 4_000;

/** Resolves as soon as the claim holds; rejects, naming the claim, when it never does. */
export async function eventually(claim: string, holds: () => boolean): Promise<void> {
  const givesUpAt = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > givesUpAt) throw new Error(`still waiting until ${claim}`);
    await nextTurn();
  }
}

/** Lets everything happen that is under way between two ends in memory, when a test claims that nothing more does. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
