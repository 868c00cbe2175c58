import { useMemo } from "hono/jsx/dom";
import type { DiffRun } from "../../body/line-diff.ts";
import type { BodyDiff } from "../../body/response-diff.ts";
import { LineBox } from "../detail/line-box.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";

/** No more of a line is laid out: two stand beside each other. */
const LINE_CHARS = 1_000;

/** Two bodies beside each other, line by line. */
export function BodyDiffView({ diff }: { readonly diff: BodyDiff }) {
  return (
    <div class="field-table">
      <h4>Body</h4>
      <BodyDifference diff={diff} />
    </div>
  );
}

function BodyDifference({ diff }: { readonly diff: BodyDiff }) {
  switch (diff.kind) {
    case "same":
      return <p class="quiet">No difference.</p>;
    case "bytes":
      return <p>The bytes differ from byte {diff.firstDifference.toLocaleString("en")} on.</p>;
    case "lines":
      return <Lines diff={diff} />;
    default:
      return diff satisfies never;
  }
}

/** Indexes of lines that stand beside each other. */
interface LinePair {
  readonly left: number | undefined;
  readonly right: number | undefined;
  readonly isSame: boolean;
}

function Lines({ diff }: { readonly diff: Extract<BodyDiff, { readonly kind: "lines" }> }) {
  const pairs = useMemo(() => pairsOf(diff.runs), [diff.runs]);
  const first = pairs.findIndex(({ isSame }) => !isSame);
  return (
    <div class="diff-lines">
      {diff.isPretty && <p class="quiet">Compared as JSON, whatever the spaces and line breaks.</p>}
      {diff.isCut && <p class="fault fault-mild">Only the first lines are compared.</p>}
      <LineBox
        label="Differences of the bodies"
        count={pairs.length}
        target={first < 0 ? undefined : first}
        line={(index) => {
          const pair = pairs[index];
          if (pair === undefined) return null;
          return (
            <>
              <Half text={diff.left} index={pair.left} style={pair.isSame ? "" : "diff-removed"} sign="−" />
              <Half text={diff.right} index={pair.right} style={pair.isSame ? "" : "diff-added"} sign="+" />
            </>
          );
        }}
      />
    </div>
  );
}

interface HalfProps {
  readonly text: readonly string[];
  readonly index: number | undefined;
  readonly style: string;
  readonly sign: string;
}

function Half({ text, index, style, sign }: HalfProps) {
  if (index === undefined) return <span class="diff-half diff-none" />;
  return (
    <span class={`diff-half ${style}`}>
      <span class="diff-sign">{style === "" ? " " : sign}</span>
      <Shown text={(text[index] ?? "").slice(0, LINE_CHARS)} />
    </span>
  );
}

/** Removed and added lines of the same place share rows. */
function pairsOf(runs: readonly DiffRun[]): readonly LinePair[] {
  const pairs: LinePair[] = [];
  for (let at = 0; at < runs.length; at++) {
    const run = runs[at];
    if (run === undefined) break;
    const next = runs[at + 1];
    const isPair = run.kind === "removed" && next?.kind === "added";
    const [left, right] = isPair ? [run, next] : run.kind === "added" ? [undefined, run] : [run, undefined];
    const isSame = run.kind === "same";
    for (let i = 0; i < Math.max(left?.count ?? 0, right?.count ?? 0); i++) {
      pairs.push({
        left: left !== undefined && i < left.count ? left.left + i : undefined,
        right: isSame ? run.right + i : right !== undefined && i < right.count ? right.right + i : undefined,
        isSame,
      });
    }
    if (isPair) at++;
  }
  return pairs;
}
