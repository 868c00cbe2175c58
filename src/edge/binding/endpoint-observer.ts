import type { CloudEndpoint } from "../../model/records/cloud-endpoint.ts";
import type { BindRequest } from "../../protocol/rpc/bind.ts";
import type { Endpoint } from "../endpoint.ts";

/** What an endpoint was made from. */
export type EndpointOrigin = { readonly bind: BindRequest } | { readonly cloud: CloudEndpoint };

/** Hears what is online. Every call comes behind the change, and within its turn. */
export interface EndpointObserver {
  /** It has its place; in that of a cloud endpoint with the same id, if there was one. */
  onOnline(endpoint: Endpoint, origin: EndpointOrigin): void;
  /** Other sessions serve it than before. */
  onLegs(endpoint: Endpoint): void;
  onOffline(endpoint: Endpoint): void;
}
