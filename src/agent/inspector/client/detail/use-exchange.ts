import { useRef, useState } from "hono/jsx/dom";
import { getBody, getExchange } from "../data/agent-api.ts";
import { agentReturns, traffic } from "../data/agent.ts";
import type { DecodedBody, ExchangeDetail, Side } from "../data/exchange.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";
import { useOneEffect } from "../../../../web-ui/client/one-effect.ts";

/** What was asked of the agent: nothing yet, an answer, or why there is none. */
export interface Fetched<Value> {
  readonly value: Value | undefined;
  readonly failure: string;
}

/** An open exchange changes with each of its messages; its detail is fetched at most this often. */
const REFRESH_MS = 500;
/** Whoever walks through the list does not fetch what is passed over. */
const SETTLE_MS = 60;

/** The whole exchange; fetched again when it changes, and when the agent is back: nobody told of changes meanwhile. */
export function useExchange(id: string): Fetched<ExchangeDetail> {
  const [fetched, setFetched] = useState<Fetched<ExchangeDetail>>({ value: undefined, failure: "" });
  const returns = useSubject(agentReturns);
  useOneEffect(() => {
    setFetched((old) => ({ ...old, failure: "" }));
    const abort = new AbortController();
    const fetchNow = (): void => {
      getExchange(id, abort.signal).then(
        (value) => setFetched({ value, failure: "" }),
        (error: unknown) => {
          if (!abort.signal.aborted) setFetched((old) => ({ ...old, failure: messageOf(error) }));
        },
      );
    };
    const due = new Set<ReturnType<typeof setTimeout>>([setTimeout(fetchNow, SETTLE_MS)]);
    const stop = traffic.watch((exchange) => {
      if (exchange.id === id && due.size < 2) {
        const timer = setTimeout(() => {
          due.delete(timer);
          fetchNow();
        }, REFRESH_MS);
        due.add(timer);
      }
      return false;
    });
    return () => {
      stop();
      abort.abort();
      for (const timer of due) clearTimeout(timer);
    };
  }, [id, returns]);
  return fetched;
}

/** The decoded body of one side; fetched again when more of it has come. */
export function useBody({ id, request, response }: ExchangeDetail, side: Side): Fetched<DecodedBody> {
  const [fetched, setFetched] = useState<Tried<DecodedBody>>({ value: undefined, failure: "", failedAt: undefined });
  const retries = useRetries(fetched.failedAt);
  const bytes = side === "request" ? request.bytes : response?.bytes;
  useOneEffect(() => {
    if (bytes === undefined) return undefined;
    const abort = new AbortController();
    const askedAt = agentReturns.value;
    getBody(id, side, abort.signal).then(
      (value) => setFetched({ value, failure: "", failedAt: undefined }),
      (error: unknown) => {
        if (!abort.signal.aborted) setFetched({ value: undefined, failure: messageOf(error), failedAt: askedAt });
      },
    );
    return () => abort.abort();
  }, [id, side, bytes, retries]);
  return fetched;
}

interface Tried<Value> extends Fetched<Value> {
  /** How often the agent had come back when it was asked in vain. */
  readonly failedAt: number | undefined;
}

/** Changes when the agent has come back since a failure, and for no other reason. */
function useRetries(failedAt: number | undefined): number {
  const returns = useSubject(agentReturns);
  const retries = useRef(0);
  if (failedAt !== undefined && returns > failedAt) retries.current = returns;
  return retries.current ?? 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
