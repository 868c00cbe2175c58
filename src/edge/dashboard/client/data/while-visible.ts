/**
 * Acts now and then every so often, but not while nobody looks: a hidden page asks nothing of the edge, and at once when it is seen
 * again. Answers how to stop.
 */
export function whileVisible(act: () => void, everyMs: number): () => void {
  const started: { timer?: ReturnType<typeof setInterval> } = {};
  const follow = (): void => {
    clearInterval(started.timer);
    if (document.hidden) return;
    act();
    started.timer = setInterval(act, everyMs);
  };
  follow();
  document.addEventListener("visibilitychange", follow);
  return () => {
    clearInterval(started.timer);
    document.removeEventListener("visibilitychange", follow);
  };
}
