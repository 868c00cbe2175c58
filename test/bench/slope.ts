/** How fast a value grows: the slope of the straight line that lies closest to the points (least squares); NaN of fewer than two times. */
export function slope(points: readonly (readonly [at: number, value: number])[]): number {
  const mean = (pick: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [at, value] = [mean(([x]) => x), mean(([, y]) => y)];
  const together = points.reduce((sum, [x, y]) => sum + (x - at) * (y - value), 0);
  const spread = points.reduce((sum, [x]) => sum + (x - at) ** 2, 0);
  return together / spread;
}
