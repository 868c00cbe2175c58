export interface LineChartProps {
  readonly title: string;
  /** Oldest first, at equal distances; `undefined` where nothing is known. */
  readonly values: readonly (number | undefined)[];
  /** "two minutes": how long ago the oldest can be. */
  readonly span: string;
  readonly format: (value: number) => string;
}

const WIDTH = 240;
const HEIGHT = 56;
/** The width stands for at least so many readings, so that a line of few does not look like much. */
const LEAST_READINGS = 30;

/** The last minutes of one meter: the present value in words, the past as a line. */
export function LineChart({ title, values, span, format }: LineChartProps) {
  const now = values.at(-1);
  const known = values.filter((value) => value !== undefined);
  const peak = Math.max(0, ...known);
  const peakText = known.length === 0 ? "–" : format(peak);
  const runs = runsOf(values, peak);
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-now">{now === undefined ? "–" : format(now)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} over the last ${span}, at most ${peakText}`}
      >
        <path class="chart-area" d={runs.map(({ line, startX }) => `${line}V${HEIGHT}H${startX}Z`).join("")} />
        <path class="chart-line" d={runs.map(({ line }) => line).join("")} />
      </svg>
      <span class="chart-peak">peak {peakText}</span>
    </figure>
  );
}

/** A line without a gap. */
interface Run {
  readonly line: string;
  readonly startX: string;
}

/** Nothing is drawn where nothing is known. */
function runsOf(values: readonly (number | undefined)[], peak: number): readonly Run[] {
  const runs: Run[] = [];
  values.forEach((value, index) => {
    if (value === undefined) return;
    const x = xOf(values.length, index);
    const point = `${x} ${yOf(value, peak)}`;
    const last = values[index - 1] === undefined ? undefined : runs.pop();
    runs.push(last === undefined ? { line: `M${point}`, startX: x } : { ...last, line: `${last.line}L${point}` });
  });
  return runs;
}

/** The newest stands at the right edge. */
function xOf(count: number, index: number): string {
  return (WIDTH - ((count - 1 - index) * WIDTH) / (Math.max(LEAST_READINGS, count) - 1)).toFixed(1);
}

/** With room for the stroke at top and bottom. */
function yOf(value: number, peak: number): string {
  return (HEIGHT - 2 - (peak === 0 ? 0 : value / peak) * (HEIGHT - 6)).toFixed(1);
}
