import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { createQueryClient } from "./api/query-client.ts";
import { useNoticesWanted } from "./parts/notify.ts";
import { createConsoleRouter } from "./router.tsx";
import { theme } from "./theme/theme.ts";

const colourScheme = localStorageColorSchemeManager({ key: "inlet-colour-scheme" });

/** The page's policy lets in styles that carry this; the server puts it there for each answer. */
const styleNonce = () => document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
// Mantine's dialogs hold the page behind them still by a style of another library, which looks for the nonce here.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });

const Notices = lazy(() => import("./layout/notices.tsx").then(({ Notices: component }) => ({ default: component })));

function LaterNotices() {
  return (
    useNoticesWanted() && (
      <Suspense>
        <Notices />
      </Suspense>
    )
  );
}

/** The console: theme, answers of the API, pages. */
export function App() {
  const [queryClient] = useState(createQueryClient);
  const [router] = useState(() => createConsoleRouter(queryClient));
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colourScheme}
      getStyleNonce={styleNonce}
    >
      <QueryClientProvider client={queryClient}>
        <LaterNotices />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
