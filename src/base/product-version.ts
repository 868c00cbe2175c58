/** Which version of the product this is; the same as in package.json. */
export const PRODUCT_VERSION = "0.1.0";

/** The generation of the published agent that we are compatible with, told when called by its name (clients.md, settled names). */
export const COMPATIBLE_VERSION = "3.39.0";
