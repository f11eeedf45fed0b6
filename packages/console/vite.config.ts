import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Where `pnpm --filter @inlet/console dev` finds the API: a hub that `npm start` runs. */
const API_URL = process.env.API_URL ?? "http://127.0.0.1:8080";

const BASE =
  /node_modules\/(?:react|react-dom|scheduler|use-sync-external-store|@tanstack\/(?:history|query-core|react-query|react-router|react-store|router-core|store))\//;

export default defineConfig({
  plugins: [react()],
  build: {
    target: "es2024",
    // What the policy of the page forbids: no code and no style that stands in the page itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // What every page stands on changes when a dependency does, and browsers keep it until then.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: "base", test: BASE }] } } },
  },
  server: {
    host: "127.0.0.1",
    // The API takes writes from its own page alone, and this one stands in for it.
    proxy: Object.fromEntries(
      ["/v1", "/docs", "/operations/queues"].map((path) => [path, { target: API_URL, headers: { origin: API_URL } }]),
    ),
  },
});
