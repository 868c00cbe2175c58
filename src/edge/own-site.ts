/** A web service of the edge itself at a name of its own, such as the management API. */
export interface OwnSite {
  /** Lower case. No agent can bind it. */
  readonly host: string;
  /** A request with a longer body is refused before the service sees it. */
  readonly maxBodyBytes: number;
  /**
   * Of this request in particular, decided before anything of its body is kept. 0: it is answered for its head alone. Absent: each may
   * have the most.
   */
  bodyLimit?(head: SiteHead): number;
  /** `request.url` is `https://HOST[:public port]/…`; `visitor.ip` has no port. The body of the answer is a whole, not a stream. */
  fetch(request: Request, visitor: { readonly ip: string }): Promise<Response>;
}

export interface SiteHead {
  /** Without a query. */
  readonly path: string;
  readonly headers: Headers;
}
