import { useEffect, useMemo, useState } from "hono/jsx/dom";
import { durationText, sizeText } from "../../../../web-ui/text/amount-text.ts";
import { type DiffSide, type ResponseDiff, responseDiff } from "../../body/response-diff.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { getBody, getExchange } from "../data/agent-api.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { ExchangeDetail, ExchangeSummary } from "../data/exchange.ts";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { shownHead } from "../detail/use-head.ts";
import { outcomeText, StatusMark, statusClass } from "../list/status-mark.tsx";
import { selectExchange } from "../shell/inspector.ts";
import { BodyDiffView } from "./body-diff-view.tsx";
import { FieldDiffs } from "./field-diffs.tsx";
import { textOf } from "../../../../web-ui/client/text-of.ts";

export interface ComparePanelProps {
  readonly exchange: ExchangeDetail;
  /** Of this exchange, the newest first. */
  readonly replays: readonly ExchangeSummary[];
}

/** The answer to a replay beside that to the original: a replay is held against its original, an original against a replay. */
export function ComparePanel({ exchange, replays }: ComparePanelProps) {
  const { id, replay_of: original } = exchange;
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const other = original ?? chosen ?? replays[0]?.id;
  const pair = usePair(original === null ? id : original, original === null ? other : id);
  return (
    <div class="compare">
      {original === null && replays.length > 1 && (
        <label class="labelled compare-choice">
          <span>Compare with</span>
          <select
            class="input"
            aria-label="Compare with"
            value={other}
            onChange={(event: Event) => setChosen(textOf(event))}
          >
            {replays.map((replay, index) => (
              <option key={replay.id} value={replay.id}>
                Replay {replays.length - index}: {visibleText(replay.response?.status ?? outcomeText(replay.outcome))},{" "}
                {durationText(replay.duration)}
              </option>
            ))}
          </select>
        </label>
      )}
      {pair.failure !== "" && <p class="fault">{pair.failure}</p>}
      {pair.answers !== undefined && <Comparison answers={pair.answers} shown={id} />}
    </div>
  );
}

interface Answer {
  readonly exchange: ExchangeDetail;
  readonly side: DiffSide | undefined;
}

type Answers = readonly [original: Answer, replay: Answer];

function Comparison({ answers, shown }: { readonly answers: Answers; readonly shown: string }) {
  const [left, right] = answers;
  const diff = useMemo(
    () => (left.side === undefined || right.side === undefined ? undefined : responseDiff(left.side, right.side)),
    [left, right],
  );
  return (
    <>
      <div class="compare-heads">
        <AnswerHead title="Original" answer={left} isShown={left.exchange.id === shown} />
        <AnswerHead title="Replay" answer={right} isShown={right.exchange.id === shown} />
      </div>
      {diff === undefined ? (
        <p class="quiet">There are not two answers to compare.</p>
      ) : (
        <>
          <p class={diff.isSame ? "verdict verdict-same" : "verdict"} role="status">
            {verdictOf(diff)}
          </p>
          <FieldDiffs fields={diff.fields} />
          <BodyDiffView diff={diff.body} />
        </>
      )}
    </>
  );
}

interface AnswerHeadProps {
  readonly title: string;
  readonly answer: Answer;
  readonly isShown: boolean;
}

function AnswerHead({ title, answer: { exchange }, isShown }: AnswerHeadProps) {
  const { id, response, outcome, duration } = exchange;
  const mark = statusClass(exchange);
  return (
    <div class="card compare-head">
      <h3>
        {title}
        {isShown ? (
          <span class="quiet"> (shown here)</span>
        ) : (
          <button type="button" class="button button-quiet button-small" onClick={() => selectExchange(id)}>
            Show
          </button>
        )}
      </h3>
      <p class="detail-status">
        <StatusMark of={mark} />
        <strong class={`status-${mark}`}>
          <Shown text={response?.status ?? outcomeText(outcome)} />
        </strong>
      </p>
      <p class="quiet">
        {durationText(duration)}, {sizeText(response?.bytes ?? 0)}
      </p>
    </div>
  );
}

function verdictOf({ isSame, isStatusSame, fields, body }: ResponseDiff): string {
  if (isSame) return "The answers are the same.";
  const changed = fields.filter(({ kind, isVolatile }) => kind !== "same" && !isVolatile).length;
  const differences = [
    isStatusSame ? "" : "status",
    changed === 0 ? "" : changed === 1 ? "1 header" : `${changed} headers`,
    body.kind === "same" ? "" : "body",
  ];
  return `The answers differ: ${differences.filter((one) => one !== "").join(", ")}.`;
}

interface Pair {
  readonly answers: Answers | undefined;
  readonly failure: string;
}

function usePair(original: string, replay: string | undefined): Pair {
  const [pair, setPair] = useState<Pair>({ answers: undefined, failure: "" });
  useEffect(() => {
    if (replay === undefined) return undefined;
    const abort = new AbortController();
    Promise.all([getAnswer(original, abort.signal), getAnswer(replay, abort.signal)]).then(
      (answers) => setPair({ answers, failure: "" }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setPair({ answers: undefined, failure: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => abort.abort();
  }, [original, replay]);
  return pair;
}

async function getAnswer(id: string, signal: AbortSignal): Promise<Answer> {
  const exchange = await getExchange(id, signal);
  if (exchange.response === null) return { exchange, side: undefined };
  const { data } = await getBody(id, "response", signal);
  const { fields } = shownHead(exchange.response.raw);
  return { exchange, side: { statusCode: exchange.response.status_code, fields, body: capturedBytes(data) } };
}
