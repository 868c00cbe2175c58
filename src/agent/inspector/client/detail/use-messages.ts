import { useEffect, useMemo, useRef, useState } from "hono/jsx/dom";
import { getMessages } from "../data/agent-api.ts";
import type { ExchangeDetail, StreamedMessage } from "../data/exchange.ts";

export interface Messages {
  readonly messages: readonly StreamedMessage[];
  /** Why no more could be fetched; empty when they could. */
  readonly failure: string;
}

/** As many as the agent has: whoever watches a stream for days must not keep what the agent has long forgotten. */
export function useMessages({ id, stream }: ExchangeDetail): Messages {
  const [messages, setMessages] = useState<readonly StreamedMessage[]>([]);
  const [failure, setFailure] = useState("");
  const known = useRef<readonly StreamedMessage[]>([]);
  const count = stream?.messages ?? 0;
  const wanted = useRef(count);
  const dropped = useRef(0);
  const isFetching = useRef(false);
  const fetchAll = async (): Promise<void> => {
    isFetching.current = true;
    try {
      // More may be announced while some are on their way.
      for (let asked = -1; asked !== wanted.current;) {
        asked = wanted.current ?? 0;
        const more = await getMessages(id, known.current?.at(-1)?.index ?? -1);
        const kept = [...(known.current ?? []), ...more];
        known.current = kept.filter(({ index }) => index >= (dropped.current ?? 0));
        setMessages(known.current);
      }
    } catch (error) {
      setFailure(error instanceof Error ? error.message : String(error));
    } finally {
      isFetching.current = false;
    }
  };
  useEffect(() => {
    wanted.current = count;
    dropped.current = stream?.dropped ?? 0;
    if (!isFetching.current) void fetchAll();
  }, [id, count]);
  return useMemo(() => ({ messages, failure }), [messages, failure]);
}
