import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `pnpm --filter @inlet/console dev` finds the API: a hub that `npm start` runs. */
const API_URL = process.env.API_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2024",
    // What the policy of the page forbids: no code and no style that stands in the page itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    host: "127.0.0.1",
    // The API takes writes from its own page alone, and this one stands in for it.
    proxy: Object.fromEntries(
      ["/v1", "/docs", "/operations/queues"].map((path) => [path, { target: API_URL, headers: { origin: API_URL } }]),
    ),
  },
});
