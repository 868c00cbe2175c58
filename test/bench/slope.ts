/**
 * The lowest point of each stretch of time. What a program with a garbage collector holds rises and falls; what it would keep for ever is seen
 * in the valleys alone.
 */
export function valleys(
  points: readonly (readonly [at: number, value: number])[],
  stretch: number,
): readonly (readonly [at: number, value: number])[] {
  const lowest = new Map<number, readonly [number, number]>();
  for (const point of points) {
    const index = Math.floor(point[0] / stretch);
    if (point[1] < (lowest.get(index)?.[1] ?? Infinity)) lowest.set(index, point);
  }
  return [...lowest.values()];
}

/** How fast a value grows: the slope of the straight line that lies closest to the points (least squares); NaN of fewer than two times. */
export function slope(points: readonly (readonly [at: number, value: number])[]): number {
  const mean = (pick: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [at, value] = [mean(([x]) => x), mean(([, y]) => y)];
  const together = points.reduce((sum, [x, y]) => sum + (x - at) * (y - value), 0);
  const spread = points.reduce((sum, [x]) => sum + (x - at) ** 2, 0);
  return together / spread;
}
