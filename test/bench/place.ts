/** Where programs of a run are started, and at which address they are reached. What makes places is in layouts/. */

export interface Place {
  /** Words in front of a program that is started here. */
  readonly enter: readonly string[];
  /** At which others reach what listens here. */
  readonly address: string;
  /** What to listen on so that programs of this place and others both get through. */
  readonly listen: string;
}

/** The three that take part. The upstream is beside the agent; what loads them is where the visitor is. */
export interface Places {
  readonly visitor: Place;
  readonly edge: Place;
  readonly agent: Place;
  readonly upstream: Place;
}

/** Everything on this machine itself. */
export const HERE: Place = { enter: [], address: "127.0.0.1", listen: "127.0.0.1" };
