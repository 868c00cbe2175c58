/** A shop that gets web hooks: something to look at in pictures. */
import { gzipSync } from "node:zlib";

const PRODUCTS = { page: 2, products: [{ sku: "A-17", name: "Lantern", price: 3900 }] };

/** Ends when it is disposed of. */
export function startDemoShop(): Bun.Server<undefined> {
  const orders = { count: 0 };
  return Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request, server) {
      const { pathname } = new URL(request.url);
      if (pathname === "/prices" && server.upgrade(request)) return undefined;
      if (pathname === "/hooks/payment") {
        orders.count += 1;
        // The first delivery fails, as it does on the day that one looks into it.
        if (orders.count === 1) return Response.json({ error: "no such order", order: 1042 }, { status: 500 });
        return Response.json({ received: true, order: 1042, state: "paid" });
      }
      if (pathname === "/hooks/shipping") {
        return new Response("<fault>\n  <code>17</code>\n  <reason>unknown <b>carrier</reason>\n</fault>\n", {
          status: 400,
          headers: { "Content-Type": "application/xml" },
        });
      }
      if (pathname === "/products") {
        const headers = { "Content-Type": "application/json", "Content-Encoding": "gzip" };
        return new Response(gzipSync(JSON.stringify(PRODUCTS)), { headers });
      }
      if (pathname === "/login") return new Response(null, { status: 303, headers: { Location: "/account" } });
      if (pathname === "/") {
        return new Response("<!doctype html>\n<title>Shop</title>\n", { headers: { "Content-Type": "text/html" } });
      }
      return new Response("not here\n", { status: 404 });
    },
    websocket: {
      message: (socket, message) => {
        const { sku } = JSON.parse(String(message)) as { readonly sku: string }; // our own visitor
        for (const price of [3900, 3850, 3875]) socket.send(JSON.stringify({ sku, price, currency: "eur" }));
      },
    },
  });
}
