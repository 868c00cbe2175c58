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
  const known = values.filter((value) => value !== undefined);
  const now = known.at(-1) ?? 0;
  const peak = Math.max(0, ...known);
  const line = linePath(values, peak);
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{title}</span>
        <span class="chart-now">{format(now)}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title} over the last ${span}, at most ${format(peak)}`}
      >
        <path class="chart-area" d={line === "" ? "" : `${line}V${HEIGHT}H${startX(values)}Z`} />
        <path class="chart-line" d={line} />
      </svg>
      <span class="chart-peak">peak {format(peak)}</span>
    </figure>
  );
}

function linePath(values: readonly (number | undefined)[], peak: number): string {
  const points = values.flatMap((value, index) =>
    value === undefined ? [] : [`${xOf(values.length, index)} ${yOf(value, peak)}`],
  );
  return points.length === 0 ? "" : `M${points.join("L")}`;
}

function startX(values: readonly (number | undefined)[]): string {
  return xOf(
    values.length,
    values.findIndex((value) => value !== undefined),
  );
}

/** The newest stands at the right edge. */
function xOf(count: number, index: number): string {
  return (WIDTH - ((count - 1 - index) * WIDTH) / (Math.max(LEAST_READINGS, count) - 1)).toFixed(1);
}

/** With room for the stroke at top and bottom. */
function yOf(value: number, peak: number): string {
  return (HEIGHT - 2 - (peak === 0 ? 0 : value / peak) * (HEIGHT - 6)).toFixed(1);
}
