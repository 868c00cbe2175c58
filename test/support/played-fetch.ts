import { spyOn } from "bun:test";

/** Every call of `fetch` is answered by this function with JSON, until it is disposed of. */
export function playFetch(answer: (address: string) => unknown): Disposable {
  const play = async (input: unknown): Promise<Response> => Response.json(await answer(String(input)));
  return spyOn(globalThis, "fetch").mockImplementation(Object.assign(play, { preconnect: () => {} }));
}
